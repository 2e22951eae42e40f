using System.Text.Json;
using System.Text.Json.Serialization;

namespace FedKim.Commands.Answers;

/// <summary>One item of an answer: named values in the order in which they are printed. <c>CommandRow.Of(("round", 3), ("phase", "Training"))</c></summary>
[JsonConverter(typeof(CommandRowJson))]
public sealed class CommandRow
{
    private readonly List<KeyValuePair<string, CommandValue>> _fields;

    private CommandRow(List<KeyValuePair<string, CommandValue>> fields) => _fields = fields;

    public IReadOnlyList<KeyValuePair<string, CommandValue>> Fields => _fields;

    /// <exception cref="ArgumentException">A name is not camelCase or is there twice.</exception>
    public static CommandRow Of(params ReadOnlySpan<(string Name, CommandValue Value)> fields)
    {
        var checkedFields = new List<KeyValuePair<string, CommandValue>>(fields.Length);
        foreach (var (name, value) in fields)
            Add(checkedFields, name, value);
        return new CommandRow(checkedFields);
    }

    /// <summary>The answer of a command that answers with a message.</summary>
    public static CommandRow Message(string text) => Of(("message", text));

    /// <summary>This row with one field more.</summary>
    /// <exception cref="ArgumentException">The name is not camelCase or is there already.</exception>
    public CommandRow With(string name, CommandValue value)
    {
        var fields = new List<KeyValuePair<string, CommandValue>>(_fields);
        Add(fields, name, value);
        return new CommandRow(fields);
    }

    /// <summary>The value under a name; nothing where the row has no such field.</summary>
    public CommandValue this[string name]
    {
        get
        {
            foreach (var field in _fields)
            {
                if (field.Key == name)
                    return field.Value;
            }

            return default;
        }
    }

    internal static void Add(List<KeyValuePair<string, CommandValue>> fields, string name, CommandValue value)
    {
        if (name.Length == 0 || !char.IsAsciiLetterLower(name[0]) || !name.All(char.IsAsciiLetterOrDigit))
            throw new ArgumentException($"Field '{name}' is misnamed: field names are camelCase.");
        foreach (var field in fields)
        {
            if (field.Key == name)
                throw new ArgumentException($"Field '{name}' is there twice.");
        }

        fields.Add(new(name, value));
    }

    internal static CommandRow FromFields(List<KeyValuePair<string, CommandValue>> fields) => new(fields);
}

/// <summary>A row as a JSON object whose members keep the order of the fields.</summary>
internal sealed class CommandRowJson : JsonConverter<CommandRow>
{
    public override CommandRow Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A row is an object.");
        using var document = JsonDocument.ParseValue(ref reader);
        var fields = new List<KeyValuePair<string, CommandValue>>();
        try
        {
            foreach (var member in document.RootElement.EnumerateObject())
                CommandRow.Add(fields, member.Name, CommandValue.Read(member.Value));
        }
        catch (ArgumentException e)
        {
            throw new JsonException(e.Message, e);
        }

        return CommandRow.FromFields(fields);
    }

    public override void Write(Utf8JsonWriter writer, CommandRow row, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in row.Fields)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
