using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// The checkpoint of a long piece of work in its folder: everything that decides the remaining steps, replaced whole each time. It names
/// the work it belongs to, so that another round's or plan's checkpoint is never taken for it, and its file is named by its digest, so that
/// damage is told from what was kept.
/// </summary>
/// <param name="folder">The work's own folder.</param>
/// <param name="work">What the work is, every input included; see <see cref="Work"/>.</param>
internal sealed class StepCheckpoint(string folder, Digest work)
{
    private const string WorkKey = "work";
    private const string StepsKey = "steps";

    private const string Prefix = "checkpoint-";
    private const string Suffix = ".safetensors";

    private readonly string _next = Path.Combine(folder, "checkpoint.safetensors");

    /// <summary>One name for a piece of work: equal parts, equal name.</summary>
    internal static Digest Work(params IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in parts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        return Digest.Of(hash.GetHashAndReset());
    }

    /// <summary>Replaces the checkpoint by the state after <paramref name="steps"/> steps.</summary>
    internal void Keep(IEnumerable<TensorData> state, long steps)
    {
        var digest = SafetensorsWriter.Write(_next, state, new Dictionary<string, string>
        {
            [WorkKey] = work.Hex,
            [StepsKey] = steps.ToString(CultureInfo.InvariantCulture),
        });
        string path = Path.Combine(folder, Prefix + digest.Hex + Suffix);
        File.Move(_next, path, overwrite: true);
        DurableFile.SyncFolder(folder);
        foreach (var earlier in Kept().Where(file => file.Path != path))
            File.Delete(earlier.Path);
    }

    /// <summary>The last checkpoint of this work; null if there is none. One that is damaged counts as none: the work starts afresh, and ends with the same bytes.</summary>
    /// <param name="warn">Told of damage.</param>
    internal SafetensorsFile? Open(Action<string> warn)
    {
        SafetensorsFile? last = null;
        // A crash between the two leaves the one before the last too.
        foreach (var kept in Kept())
        {
            SafetensorsFile? file = null;
            try
            {
                file = SafetensorsFile.Open(kept);
                if (file.Metadata.TryGetValue(WorkKey, out string? name) && name == work.Hex && (last is null || Steps(file) > Steps(last)))
                    (last, file) = (file, last);
            }
            catch (Exception e) when (e is DamagedException or SafetensorsException)
            {
                warn($"The checkpoint of this work was damaged on this node's disk: {e.Message}. It is removed, and the steps it held are made again.");
                File.Delete(kept.Path);
            }
            finally
            {
                file?.Dispose();
            }
        }

        return last;
    }

    /// <summary>Steps made when this checkpoint was kept.</summary>
    internal static long Steps(SafetensorsFile checkpoint) => long.Parse(checkpoint.Metadata[StepsKey], CultureInfo.InvariantCulture);

    private WeightFile[] Kept() =>
    [
        .. (Directory.Exists(folder) ? Directory.GetFiles(folder, $"{Prefix}*{Suffix}") : [])
            .Select(file => (File: file, Known: Digest.TryParse(Path.GetFileName(file)[Prefix.Length..^Suffix.Length], out var digest), Digest: digest))
            .Where(f => f.Known).Select(f => new WeightFile(f.File, f.Digest)),
    ];

    /// <summary>Numbers to be kept exactly.</summary>
    internal static TensorData Doubles(string name, double[] values) =>
        TensorData.Of(name, DType.F64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
