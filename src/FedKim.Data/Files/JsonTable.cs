using System.Text.Json;

namespace FedKim.Data.Files;

/// <summary>
/// A JSON file that is one array of objects, whole in memory. Errors name file, entry and field, never a field's content: they leave the site.
/// </summary>
internal sealed class JsonTable
{
    private JsonTable(List<Row> rows) => Rows = rows;

    /// <summary>The array's objects.</summary>
    public List<Row> Rows { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">It is missing, no JSON, or no array of objects.</exception>
    public static JsonTable Read(string path)
    {
        var bytes = TextFile.Read(path);
        try
        {
            // Of a field that stands there twice, nothing says which one is meant.
            using var file = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var root = file.RootElement.Clone();
            if (root.ValueKind != JsonValueKind.Array)
                throw new DataException(path, "is no list; expected a JSON array of objects.");
            return new JsonTable([.. root.EnumerateArray().Select((entry, i) => entry.ValueKind == JsonValueKind.Object
                ? new Row(path, i + 1, entry)
                : throw new DataException(path, $"entry {i + 1} is no object."))]);
        }
        catch (JsonException e)
        {
            throw new DataException(path, $"cannot be read as JSON from line {e.LineNumber + 1} on; it is truncated or corrupt.", e);
        }
    }

    /// <summary>One object of the array.</summary>
    /// <param name="File">The file.</param>
    /// <param name="Number">Its place in the array, from 1.</param>
    /// <param name="Fields">The object.</param>
    internal readonly record struct Row(string File, int Number, JsonElement Fields)
    {
        /// <summary>A field's text without blanks around it; a number is the text that is written.</summary>
        /// <exception cref="DataException">It is missing or empty, or no text or number.</exception>
        public string Text(string field)
        {
            if (!Fields.TryGetProperty(field, out var value))
                throw At(field, "is missing.");
            string text = value.ValueKind switch
            {
                JsonValueKind.String => String(field, value).Trim(),
                JsonValueKind.Number => value.GetRawText(),
                _ => throw At(field, "expected a text."),
            };
            return text.Length > 0 ? text : throw At(field, "is empty.");
        }

        // An escape may name half a character, which is no text.
        private string String(string field, JsonElement value)
        {
            try
            {
                return value.GetString()!;
            }
            catch (InvalidOperationException)
            {
                throw At(field, "is no valid text; save the file as UTF-8.");
            }
        }

        /// <summary>An error at a field.</summary>
        public DataException At(string field, string problem) => new(File, $"entry {Number}, field '{field}': {problem}");
    }
}
