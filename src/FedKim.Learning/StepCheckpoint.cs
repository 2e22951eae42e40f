using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// The checkpoint of a long piece of work in its folder: everything that decides the remaining steps, replaced whole each time. It names
/// the work it belongs to, so that another round's or plan's checkpoint is never taken for it.
/// </summary>
/// <param name="folder">The work's own folder.</param>
/// <param name="work">What the work is, every input included; see <see cref="Work"/>.</param>
internal sealed class StepCheckpoint(string folder, Digest work)
{
    private const string WorkKey = "work";
    private const string StepsKey = "steps";

    private readonly string _path = Path.Combine(folder, "checkpoint.safetensors");

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
    internal void Keep(IEnumerable<TensorData> state, long steps) => SafetensorsWriter.Write(_path, state, new Dictionary<string, string>
    {
        [WorkKey] = work.Hex,
        [StepsKey] = steps.ToString(CultureInfo.InvariantCulture),
    });

    /// <summary>The last checkpoint of this work; null if there is none. A file that is damaged counts as none: the work starts afresh.</summary>
    internal SafetensorsFile? Open()
    {
        if (!File.Exists(_path)) return null;
        SafetensorsFile? file = null;
        try
        {
            file = SafetensorsFile.Open(_path);
            if (file.Metadata.TryGetValue(WorkKey, out string? name) && name == work.Hex) return file;
        }
        catch (SafetensorsException)
        {
            // Falls through to a fresh start, which ends with the same bytes.
        }

        file?.Dispose();
        return null;
    }

    /// <summary>Steps made when this checkpoint was kept.</summary>
    internal static long Steps(SafetensorsFile checkpoint) => long.Parse(checkpoint.Metadata[StepsKey], CultureInfo.InvariantCulture);

    /// <summary>Numbers to be kept exactly.</summary>
    internal static TensorData Doubles(string name, double[] values) =>
        TensorData.Of(name, DType.F64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
