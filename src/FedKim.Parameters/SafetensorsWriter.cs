using System.Collections.Immutable;
using System.Security.Cryptography;
using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>Writes safetensors files: whole or not at all, canonical, hashed in the same pass.</summary>
public static class SafetensorsWriter
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>
    /// Writes tensors, in ordinal order of their names, to a temporary file beside <paramref name="path"/> and renames it.
    /// Equal tensors and metadata give equal bytes, whatever their order.
    /// </summary>
    /// <param name="durable">False for a file that can be made again and is checked before it is used: it is not synced to disk.</param>
    /// <returns>The SHA-256 of the file.</returns>
    /// <exception cref="ArgumentException">A name comes twice, or a tensor wrote more or fewer bytes than its shape has.</exception>
    /// <exception cref="IOException">The disk is full or fails; what stood at the path still stands.</exception>
    public static Digest Write(string path, IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null, bool durable = true)
    {
        var sorted = tensors.OrderBy(t => t.Name, StringComparer.Ordinal)
            .Select(t => (Tensor: t, Length: SafetensorsHeader.LengthOf(t.DType, t.Shape.AsSpan()))).ToImmutableArray();
        for (int i = 0; i < sorted.Length; i++)
        {
            string name = sorted[i].Tensor.Name;
            if (name == "__metadata__" || (i > 0 && name == sorted[i - 1].Tensor.Name))
                throw new ArgumentException($"{path}: tensor '{name}' is named twice or bears a reserved name.", nameof(tensors));
        }

        string temporary = path + ".tmp";
        using var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var output = new HashedOutput(file, hash);
            output.Write(SafetensorsHeader.Write(
                sorted.Select(t => (t.Tensor.Name, t.Tensor.DType, t.Tensor.Shape, t.Length)), metadata ?? ImmutableDictionary<string, string>.Empty));
            foreach (var (tensor, length) in sorted)
            {
                long start = output.Position;
                tensor.WriteTo(output);
                if (output.Position - start != length)
                    throw new ArgumentException(
                        $"{path}: tensor '{tensor.Name}' wrote {output.Position - start} bytes, its shape has {length}.", nameof(tensors));
            }

            output.Flush();
            if (durable) DurableFile.Commit(file.SafeFileHandle, temporary, path);
            else File.Move(temporary, path, overwrite: true);
            return Digest.Of(hash.GetHashAndReset());
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
