using System.Collections.Immutable;

namespace FedKim.Parameters;

/// <summary>
/// Safetensors over any source of bytes, for files whose bytes do not lie on disk as they are. Its header is checked as a whole when it is
/// opened; nothing is mapped into memory.
/// </summary>
/// <remarks>Safe for concurrent readers.</remarks>
public sealed class SafetensorsReader : ITensorFile
{
    private readonly IByteSource _source;

    private SafetensorsReader(IByteSource source, SafetensorsHeader header) =>
        (_source, Tensors, Metadata) = (source, header.Tensors, header.Metadata);

    /// <inheritdoc/>
    public string FilePath => _source.FilePath;

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The texts under <c>__metadata__</c>, in ordinal order.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file that is compared with its digest by <see cref="Verify"/>, before anything that follows from it is kept.</summary>
    /// <exception cref="SafetensorsException">It is malformed, though its bytes are those of its digest.</exception>
    /// <exception cref="DamagedException">It is gone, or other bytes than its digest's and malformed.</exception>
    public static SafetensorsReader Open(WeightFile file) => Open(VerifiedBytes.Open(file));

    /// <summary>Opens and checks what <paramref name="source"/> gives, and owns it from then on.</summary>
    /// <exception cref="SafetensorsException">It is truncated or malformed; the message names file, tensor and byte.</exception>
    public static SafetensorsReader Open(IByteSource source)
    {
        try
        {
            return new SafetensorsReader(source, SafetensorsHeader.Read(source));
        }
        catch (SafetensorsException)
        {
            // Damage is no fault of whoever wrote it.
            using (source)
                source.Verify();
            throw;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="SafetensorsException">The range leaves the tensor, or the file was cut after it was opened.</exception>
    public void Read(TensorInfo tensor, long start, Span<byte> target) => _source.ReadTensor(tensor, start, target);

    /// <inheritdoc/>
    public void Verify() => _source.Verify();

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();
}
