using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedKim.Bench;

/// <summary>How a bench ends: its figures are written, and held against those of the repository.</summary>
/// <param name="Json">The file they go to; null for none.</param>
/// <param name="Committed">A file that another run wrote; null for none.</param>
internal sealed record Outcome(string? Json, string? Committed)
{
    /// <summary>How many times a ratio may be the committed one. Less than that is what machines and moments differ by.</summary>
    public const double Leeway = 1.5;

    /// <summary>Ends it.</summary>
    /// <returns>0; 1 where a ratio is worse than it may be; 2 where there is nothing to hold it against. Both are told.</returns>
    public async Task<int> EndAsync(JsonObject result, CancellationToken cancel)
    {
        if (Json is not null)
            await File.WriteAllTextAsync(Json, result.ToJsonString(new JsonSerializerOptions { WriteIndented = true }), cancel);
        if (Committed is null)
            return 0;
        try
        {
            string[] worse = [.. Worse(result, JsonNode.Parse(await File.ReadAllTextAsync(Committed, cancel)) ?? throw new JsonException("there is nothing in it."))];
            foreach (string sentence in worse)
                await Console.Error.WriteLineAsync(sentence);
            return worse.Length == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            await Console.Error.WriteLineAsync($"--committed {Committed} holds no figures of this bench: {e.Message} Write them with --json, by the same options.");
            return 2;
        }
    }

    /// <summary>A sentence for each ratio that is more than <see cref="Leeway"/> times the committed one.</summary>
    /// <exception cref="InvalidOperationException">The committed figures are another bench's, or of other parameters.</exception>
    /// <exception cref="KeyNotFoundException">The bench no longer measures what was committed.</exception>
    internal static IEnumerable<string> Worse(JsonNode result, JsonNode committed)
    {
        foreach (string what in (string[])["bench", "parameters"])
        {
            // How many cores there are is the machine's, and no option.
            if (Text(result[what]) != Text(committed[what]))
                throw new InvalidOperationException($"It says {what} {Text(committed[what])}, and this run was {Text(result[what])}.");
        }

        var rows = result["results"]!.AsArray().ToDictionary(r => (string)r!["name"]! + (string)r["unit"]!, r => (double?)r!["ratio"]);
        foreach (var row in committed["results"]!.AsArray())
        {
            if ((double?)row!["ratio"] is not { } allowed)
                continue;
            string name = (string)row["name"]!;
            if (rows[name + (string)row["unit"]!] is not { } ratio || ratio > Leeway * allowed)
                yield return string.Create(CultureInfo.InvariantCulture, $"{name}: {rows[name + (string)row["unit"]!]} × its floor is more than {Leeway} times the {allowed} × that are committed.");
        }
    }

    private static string Text(JsonNode? node)
    {
        var copy = node?.DeepClone();
        (copy as JsonObject)?.Remove("cores");
        return copy?.ToJsonString() ?? "nothing";
    }
}
