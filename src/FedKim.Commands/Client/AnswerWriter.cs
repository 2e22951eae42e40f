using System.Text.Json;
using FedKim.Commands.Answers;
using FedKim.Commands.Palettes;
using FedKim.Commands.Wire;

namespace FedKim.Commands.Client;

/// <summary>
/// Prints an answer. As text: rows are a table headed by the names of their fields, then <c>Count: n</c>; an item is a line a field; a message is
/// its one line, or, where that is JSON, a line a value. As JSON: an array, or an object for an item or a message. A stream prints each row at
/// once; everything else waits for the end, so that an answer that breaks off prints nothing.
/// </summary>
/// <param name="output">Where to.</param>
/// <param name="shape">The answer's shape.</param>
/// <param name="form">How.</param>
/// <param name="width">Columns that a table may have.</param>
public sealed class AnswerWriter(TextWriter output, AnswerShape shape, AnswerForm form, int width = AnswerWriter.UsualWidth)
{
    /// <summary>Columns of a table that no terminal says its own of.</summary>
    public const int UsualWidth = 80;

    private readonly List<CommandRow> _rows = [];
    private readonly List<int> _widths = [];

    private int? Width => form == AnswerForm.Wide ? null : width;

    public void Row(CommandRow row)
    {
        if (shape != AnswerShape.Stream)
        {
            _rows.Add(row);
            return;
        }

        if (form == AnswerForm.Json)
            output.Write(Json(row) + "\n");
        else
            Streamed(row);
        output.Flush();
    }

    public void End()
    {
        if (shape == AnswerShape.Stream)
            return;
        if (form == AnswerForm.Json && shape == AnswerShape.Rows)
            output.Write(_rows.Count == 0 ? "[]\n" : $"[\n{string.Join(",\n", _rows.Select(Json))}\n]\n");
        else
            Write(_rows.SelectMany(Lines));
        if (form != AnswerForm.Json && shape == AnswerShape.Rows)
            Write([.. AnswerTable.Rows(_rows, Width), $"Count: {_rows.Count}"]);
        output.Flush();
    }

    /// <summary>A row's values in one line; none of them looks like two.</summary>
    public static string Text(CommandRow row) => string.Join(AnswerTable.Between, row.Fields.Select(field => AnswerTable.Cell(field.Value, whole: true)));

    /// <summary>A row as a JSON object in one line.</summary>
    public static string Json(CommandRow row) => JsonSerializer.Serialize(row, WireJson.Default.CommandRow);

    private IEnumerable<string> Lines(CommandRow row) => (form, shape) switch
    {
        (AnswerForm.Json, _) => [Json(row)],
        (_, AnswerShape.Message) => Message(row["message"].ToString()),
        (_, AnswerShape.Item) => AnswerTable.Item(row, Width),
        _ => [],
    };

    // One that is JSON, such as a report, is for people here: each value in a line.
    private static IEnumerable<string> Message(string text)
    {
        if (!text.StartsWith('{'))
            return [OneLine.Of(text)];
        try
        {
            using var json = JsonDocument.Parse(text);
            return [.. ReadableJson.Of(json.RootElement.WriteTo).Split('\n').Select(OneLine.Of)];
        }
        catch (JsonException)
        {
            return [OneLine.Of(text)];
        }
    }

    private void Streamed(CommandRow row)
    {
        string[] cells = [.. row.Fields.Select(field => AnswerTable.Cell(field.Value, whole: form == AnswerForm.Wide))];
        if (_widths.Count == 0)
        {
            AnswerTable.Widen(_widths, cells);
            Write(AnswerTable.Streamed([.. row.Fields.Select(field => AnswerTable.Title(field.Key))], _widths, Width));
        }

        Write(AnswerTable.Streamed(cells, _widths, Width));
    }

    private void Write(IEnumerable<string> lines)
    {
        foreach (string line in lines)
            output.Write(line + "\n");
    }
}
