using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedKim.Chaos.Running;

/// <summary>A line of a node's log <c>node.jsonl</c>.</summary>
/// <param name="At">When it was written, by the node's clock.</param>
/// <param name="Text">What it says.</param>
/// <param name="Round">The round it is about; empty if none.</param>
internal sealed record LogLine(DateTimeOffset At, string Text, string Round)
{
    /// <summary>The lines of a node's log that speak of <paramref name="word"/>, oldest first.</summary>
    /// <param name="work">The node's work folder.</param>
    /// <param name="word">A word that must stand in the line.</param>
    public static IReadOnlyList<LogLine> Of(string work, string word)
    {
        string folder = Path.Combine(work, "log");
        if (!Directory.Exists(folder))
            return [];
        var lines = new List<LogLine>();
        foreach (string file in Directory.EnumerateFiles(folder, "node*.jsonl").Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            while (reader.ReadLine() is { } line)
            {
                if (line.Contains(word, StringComparison.Ordinal) && Parse(line) is { } parsed)
                    lines.Add(parsed);
            }
        }

        return [.. lines.OrderBy(l => l.At)];
    }

    private static LogLine? Parse(string line)
    {
        try
        {
            var json = JsonNode.Parse(line)!;
            return new LogLine((DateTimeOffset)json["@t"]!, (string?)json["Text"] ?? (string?)json["@mt"] ?? "", (string?)json["Round"] ?? "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            // A process that was killed leaves half a line, and the next one writes on behind it.
            return null;
        }
    }
}
