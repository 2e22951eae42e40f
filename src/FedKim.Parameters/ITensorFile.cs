using System.Collections.Immutable;

namespace FedKim.Parameters;

/// <summary>A file of tensors, open for reading: what it holds is known and checked, the bytes come on demand.</summary>
public interface ITensorFile : IDisposable
{
    /// <summary>The path it was opened by.</summary>
    string FilePath { get; }

    /// <summary>Its tensors by name, in ordinal order.</summary>
    ImmutableSortedDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>Copies a tensor's bytes from <paramref name="start"/> on into a buffer, without mapping them: memory stays flat.</summary>
    void Read(TensorInfo tensor, long start, Span<byte> target);

    /// <summary>Compares all its bytes, those read before among them, with the digest it was opened by; without one there is nothing to compare.</summary>
    /// <exception cref="DamagedException">They differ: what was read must not be used.</exception>
    void Verify()
    {
    }
}
