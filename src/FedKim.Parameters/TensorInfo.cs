using System.Collections.Immutable;

namespace FedKim.Parameters;

/// <summary>Where a tensor stands in its file and how its bytes are to be read: little-endian, row-major, without gaps.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Sizes of the dimensions, each ≥ 0; empty for a scalar.</param>
/// <param name="Offset">Absolute offset of its first byte in the file.</param>
/// <param name="Length">Its bytes: product of the shape times the element's width.</param>
public sealed record TensorInfo(string Name, DType DType, ImmutableArray<long> Shape, long Offset, long Length)
{
    /// <summary>Number of elements.</summary>
    public long Count => Length / DType.Width();

    /// <summary>The shape as people write it, e.g. <c>[12, 12, 3]</c>.</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";

    /// <summary>True when both have the same element type and shape.</summary>
    public bool Fits(TensorInfo other) => DType == other.DType && Shape.AsSpan().SequenceEqual(other.Shape.AsSpan());
}
