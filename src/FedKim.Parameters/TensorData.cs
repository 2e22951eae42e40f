using System.Collections.Immutable;

namespace FedKim.Parameters;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name, unique in the file; not <c>__metadata__</c>.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Sizes of the dimensions, each ≥ 0; empty for a scalar.</param>
/// <param name="WriteTo">Writes exactly its bytes, little-endian and row-major; called once, when its turn comes.</param>
public sealed record TensorData(string Name, DType DType, ImmutableArray<long> Shape, Action<Stream> WriteTo)
{
    /// <summary>A tensor whose bytes lie in memory.</summary>
    public static TensorData Of(string name, DType type, ImmutableArray<long> shape, ReadOnlyMemory<byte> bytes) =>
        new(name, type, shape, stream => stream.Write(bytes.Span));
}
