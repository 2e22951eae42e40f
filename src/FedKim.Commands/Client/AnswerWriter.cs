using System.Text.Json;
using FedKim.Commands.Answers;
using FedKim.Commands.Palettes;
using FedKim.Commands.Wire;

namespace FedKim.Commands.Client;

/// <summary>
/// Prints an answer. As text: a line an item, its fields split by <c> | </c>, then <c>Count: n</c>; a message is its one line. As JSON: an
/// array, or an object for an item or a message. A stream prints each row at once; everything else waits for the end, so that an answer that
/// breaks off prints nothing.
/// </summary>
/// <param name="header">Whether the first line names the fields, for people who read at a terminal. JSON has none.</param>
public sealed class AnswerWriter(TextWriter output, AnswerShape shape, bool json, bool header)
{
    private const string Between = " | ";

    private readonly List<CommandRow> _rows = [];
    private bool _headed;

    public void Row(CommandRow row)
    {
        if (shape != AnswerShape.Stream)
        {
            _rows.Add(row);
            return;
        }

        if (json)
            output.Write(Json(row) + "\n");
        else
            Line(row);
        output.Flush();
    }

    public void End()
    {
        if (shape == AnswerShape.Stream)
            return;
        if (json)
        {
            if (shape == AnswerShape.Rows)
            {
                output.Write(_rows.Count == 0 ? "[]\n" : $"[\n{string.Join(",\n", _rows.Select(Json))}\n]\n");
            }
            else
            {
                foreach (var row in _rows)
                    output.Write(Json(row) + "\n");
            }
        }
        else if (shape == AnswerShape.Message)
        {
            foreach (var row in _rows)
                output.Write(OneLine.Of(row["message"].ToString()) + "\n");
        }
        else
        {
            foreach (var row in _rows)
                Line(row);
            output.Write($"Count: {_rows.Count}\n");
        }

        output.Flush();
    }

    /// <summary>A row's values in one line; none of them looks like two.</summary>
    public static string Text(CommandRow row) =>
        string.Join(Between, row.Fields.Select(field => OneLine.Of(field.Value.ToString()).Replace(Between, " ¦ ", StringComparison.Ordinal)));

    /// <summary>A row as a JSON object in one line.</summary>
    public static string Json(CommandRow row) => JsonSerializer.Serialize(row, WireJson.Default.CommandRow);

    private void Line(CommandRow row)
    {
        if (header && !_headed)
            output.Write(string.Join(Between, row.Fields.Select(field => field.Key)) + "\n");
        _headed = true;
        output.Write(Text(row) + "\n");
    }
}
