using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FedKim.Commands;
using FedKim.Commands.Answers;

namespace FedKim.Launch.Answers;

/// <summary>Reads the log that a node writes to its work folder, an event a line: when, how severe, and what.</summary>
internal static partial class LogLines
{
    private const string Files = "node*.jsonl";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>The last lines.</summary>
    /// <exception cref="CommandException">There is no log, or it cannot be read.</exception>
    public static async Task<IReadOnlyList<CommandRow>> LastAsync(string folder, int count, CancellationToken cancel)
    {
        using var reader = Open(Newest(folder));
        return await LastAsync(reader, count, cancel);
    }

    /// <summary>The last lines, and each that comes; never ends.</summary>
    /// <exception cref="CommandException">As above.</exception>
    public static async IAsyncEnumerable<CommandRow> FollowAsync(string folder, int count, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
    {
        string file = Newest(folder);
        var reader = Open(file);
        try
        {
            foreach (var line in await LastAsync(reader, count, cancel))
                yield return line;
            while (true)
            {
                // Asked before: what is written to the old file after that question is read, too.
                string newest = Newest(folder);
                while (await reader.ReadLineAsync(cancel) is { } text)
                {
                    if (Of(text) is { } line)
                        yield return line;
                }

                if (newest == file)
                {
                    await Task.Delay(LookEvery, time, cancel);
                    continue;
                }

                reader.Dispose();
                (file, reader) = (newest, Open(newest));
            }
        }
        finally
        {
            reader.Dispose();
        }
    }

    /// <summary>A line; null where it is none.</summary>
    internal static CommandRow? Of(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var line = json.RootElement;
            if (line.ValueKind != JsonValueKind.Object || Text(line, "@t") is not { } time)
                return null;
            string says = Text(line, "@m") ?? Holes().Replace(Text(line, "@mt") ?? "", hole => Text(line, hole.Groups["name"].Value) ?? hole.Value);
            return CommandRow.Of(
                ("time", DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var at) ? (CommandValue)at : time),
                ("level", LogPalette.Name(Text(line, "@l") ?? "Information")), ("message", says));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<CommandRow>> LastAsync(StreamReader reader, int count, CancellationToken cancel)
    {
        var last = new Queue<string>();
        while (await reader.ReadLineAsync(cancel) is { } text)
        {
            last.Enqueue(text);
            if (last.Count > count)
                last.Dequeue();
        }

        return [.. last.Select(Of).OfType<CommandRow>()];
    }

    private static string Newest(string folder) =>
        (Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles(Files).MaxBy(file => file.LastWriteTimeUtc) : null)?.FullName
        ?? throw new CommandException(CommandFault.Failed, "This node has written no log.");

    private static StreamReader Open(string file)
    {
        try
        {
            return new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), Encoding.UTF8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(CommandFault.Failed, $"The log cannot be read: {e.Message}", e);
        }
    }

    private static string? Text(JsonElement line, string name) => !line.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : value.GetRawText();

    [GeneratedRegex(@"\{@?(?<name>\w+)(,[^:}]*)?(:[^}]*)?\}")]
    private static partial Regex Holes();
}
