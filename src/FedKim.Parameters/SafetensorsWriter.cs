using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>Writes safetensors files: whole or not at all, canonical, hashed in the same pass.</summary>
public static class SafetensorsWriter
{
    /// <summary>
    /// Writes tensors, in ordinal order of their names, to a temporary file beside <paramref name="path"/> and renames it.
    /// Equal tensors and metadata give equal bytes, whatever their order.
    /// </summary>
    /// <param name="path">Where to.</param>
    /// <param name="tensors">Asked to write themselves one after another, in large pieces: nothing is buffered.</param>
    /// <param name="metadata">The texts under <c>__metadata__</c>.</param>
    /// <param name="durable">False for a file that can be made again and is checked before it is used: it is not synced to disk.</param>
    /// <returns>The SHA-256 of the file.</returns>
    /// <exception cref="ArgumentException">A name comes twice, or a tensor wrote more or fewer bytes than its shape has.</exception>
    /// <exception cref="IOException">The disk is full or fails; what stood at the path still stands.</exception>
    public static Digest Write(string path, IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null, bool durable = true)
    {
        TensorData[] sorted = [.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)];
        using var file = SafetensorsPieces.Create(path, sorted.Select(t => (t.Name, t.DType, t.Shape)), metadata);
        foreach (var tensor in sorted)
        {
            using var output = new PieceStream(file, tensor.Name);
            tensor.WriteTo(output);
            if (output.Position != file.Tensors[tensor.Name].Length)
            {
                throw new ArgumentException(
                    $"{path}: tensor '{tensor.Name}' wrote {output.Position} bytes, its shape has {file.Tensors[tensor.Name].Length}.", nameof(tensors));
            }
        }

        return file.Commit(durable);
    }
}
