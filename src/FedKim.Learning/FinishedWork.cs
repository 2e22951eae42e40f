using System.Text.Json;
using System.Text.Json.Serialization;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>The mark of finished work in its folder, written after the files it vouches for: asked again, the work is handed back instead of done again.</summary>
internal static class FinishedWork
{
    private const string Name = "finished.json";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Marks the work as finished.</summary>
    /// <param name="folder">The work's own folder.</param>
    /// <param name="work">What the work is (<see cref="StepCheckpoint.Work"/>).</param>
    /// <param name="result">What there is to say besides the files.</param>
    /// <param name="files">Names of the files in the folder and their digests.</param>
    internal static void Mark<T>(string folder, Digest work, T result, params IEnumerable<(string Name, Digest Digest)> files)
    {
        string path = Path.Combine(folder, Name), temporary = path + ".tmp";
        using var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write);
        var mark = new MarkOf<T>(work.Hex, new(files.ToDictionary(f => f.Name, f => f.Digest.Hex), StringComparer.Ordinal), result);
        JsonSerializer.Serialize(stream, mark, Options);
        stream.Flush();
        DurableFile.Commit(stream.SafeFileHandle, temporary, path);
    }

    /// <summary>True, and what was said, when the folder holds this work finished and its files are the ones that were vouched for.</summary>
    internal static bool Find<T>(string folder, Digest work, out T result)
    {
        result = default!;
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path)) return false;
        try
        {
            if (JsonSerializer.Deserialize<MarkOf<T>>(File.ReadAllText(path), Options) is not { } mark || mark.Work != work.Hex) return false;
            result = mark.Result;
            return mark.Files.All(f => File.Exists(Path.Combine(folder, f.Key)) && Digests.OfFile(Path.Combine(folder, f.Key)).Hex == f.Value);
        }
        catch (JsonException)
        {
            // Damaged marks vouch for nothing: the work is done again and ends with the same bytes.
            return false;
        }
    }

    private sealed record MarkOf<T>(string Work, SortedDictionary<string, string> Files, T Result);
}
