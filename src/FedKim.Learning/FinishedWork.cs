using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// The mark of finished work in its folder, written after the files it vouches for: asked again, the work is handed back instead of done
/// again. It vouches by digests, so neither it nor the files wait for the disk: what a power cut damages is done again from the checkpoint.
/// </summary>
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
    /// <param name="files">The files, all in the folder.</param>
    internal static void Mark<T>(string folder, Digest work, T result, params IEnumerable<WeightFile> files)
    {
        string path = Path.Combine(folder, Name), temporary = path + ".tmp";
        var mark = new MarkOf<T>(work.Hex, new(files.ToDictionary(f => Path.GetFileName(f.Path), f => f.Digest.Hex), StringComparer.Ordinal), result);
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(mark, Options));
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>What was said, when the folder holds this work finished and its files are the ones that were vouched for; null otherwise.</summary>
    internal static Finished<T>? Find<T>(string folder, Digest work)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path)) return null;
        try
        {
            if (JsonSerializer.Deserialize<MarkOf<T>>(File.ReadAllText(path), Options) is not { } mark || mark.Work != work.Hex) return null;
            var files = mark.Files.ToImmutableSortedDictionary(f => f.Key, f => new WeightFile(Path.Combine(folder, f.Key), new Digest(f.Value)), StringComparer.Ordinal);
            return files.Values.All(f => File.Exists(f.Path) && Digests.OfFile(f.Path) == f.Digest) ? new Finished<T>(mark.Outcome, files) : null;
        }
        catch (JsonException)
        {
            // Damaged marks vouch for nothing: the work is done again and ends with the same bytes.
            return null;
        }
    }

    private sealed record MarkOf<T>(string Work, SortedDictionary<string, string> Files, T Outcome);
}

/// <summary>Work that was found finished.</summary>
/// <param name="Outcome">What was said besides the files.</param>
/// <param name="Files">The files by name.</param>
internal sealed record Finished<T>(T Outcome, ImmutableSortedDictionary<string, WeightFile> Files);
