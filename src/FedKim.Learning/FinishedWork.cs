using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// The mark of finished work in its folder, written after the files it vouches for: asked again, the work is handed back instead of done
/// again. It vouches by digests, and ends with its own, so neither it nor the files wait for the disk: what a power cut damages is done again from the checkpoint.
/// </summary>
internal static class FinishedWork
{
    private const string Name = "finished.json";

    // A line end and 64 digits.
    private const int DigestBytes = 65;

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
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(mark, Options);
        File.WriteAllBytes(temporary, [.. text, (byte)'\n', .. Encoding.ASCII.GetBytes(Digest.Of(SHA256.HashData(text)).Hex)]);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>What was said, when the folder holds this work finished and its files are the ones that were vouched for; null otherwise.</summary>
    /// <param name="folder">The work's own folder.</param>
    /// <param name="work">What the work is.</param>
    /// <param name="warn">Told of damage.</param>
    internal static Finished<T>? Find<T>(string folder, Digest work, Action<string>? warn = null)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            return null;
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            var text = bytes.AsSpan(0, Math.Max(0, bytes.Length - DigestBytes));
            if (!bytes.AsSpan(text.Length).SequenceEqual(Encoding.ASCII.GetBytes("\n" + Digest.Of(SHA256.HashData(text)).Hex)))
                throw new FormatException();
            if (JsonSerializer.Deserialize<MarkOf<T>>(text, Options) is not { } mark || mark.Work != work.Hex)
                return null;
            var files = mark.Files.ToImmutableSortedDictionary(f => f.Key, f => new WeightFile(Path.Combine(folder, f.Key), Digest.Parse(f.Value)), StringComparer.Ordinal);
            foreach (var file in files.Values)
            {
                using var content = VerifiedBytes.Open(file);
                content.Verify();
            }

            return new Finished<T>(mark.Outcome, files);
        }
        catch (Exception e) when (e is JsonException or FormatException or DamagedException)
        {
            // Damage vouches for nothing: the work is done again and ends with the same bytes.
            warn?.Invoke($"Finished work was damaged on this node's disk: {(e is DamagedException ? e.Message : "its mark cannot be read")}. It is done again, from its last checkpoint, with the same result.");
            return null;
        }
    }

    private sealed record MarkOf<T>(string Work, SortedDictionary<string, string> Files, T Outcome);
}

/// <summary>Work that was found finished.</summary>
/// <param name="Outcome">What was said besides the files.</param>
/// <param name="Files">The files by name.</param>
internal sealed record Finished<T>(T Outcome, ImmutableSortedDictionary<string, WeightFile> Files);
