using System.Collections.Immutable;

namespace FedKim.Parameters.PyTorch;

/// <summary>A run of elements that tensors are views of; its bytes are the archive's entry <c>data/KEY</c>.</summary>
/// <param name="Key">Name of the entry.</param>
/// <param name="Type">Element type.</param>
/// <param name="Count">Elements, as the pickle claims.</param>
internal sealed record PickledStorage(string Key, DType Type, long Count);

/// <summary>A tensor as a pickle describes it; nothing is checked against the archive yet.</summary>
/// <param name="Storage">What it is a view of.</param>
/// <param name="Offset">Elements of the storage before its first.</param>
/// <param name="Shape">Sizes of the dimensions.</param>
/// <param name="Strides">Elements from one index to the next, for each dimension.</param>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, ImmutableArray<long> Shape, ImmutableArray<long> Strides)
{
    /// <summary>Whether its elements lie row by row without gaps.</summary>
    internal bool IsContiguous
    {
        get
        {
            if (Shape.Contains(0))
                return true;
            long step = 1;
            for (int i = Shape.Length - 1; i >= 0; step *= Shape[i--])
            {
                // Where there is only one index, its stride is never taken.
                if (Shape[i] != 1 && Strides[i] != step)
                    return false;
            }

            return true;
        }
    }

    /// <summary>Elements of the storage up to its last one, that one included; 0 when it has none.</summary>
    /// <exception cref="OverflowException">More than a file can hold.</exception>
    internal long Reach => Shape.Contains(0) ? 0 : checked(Shape.Zip(Strides).Sum(d => checked((d.First - 1) * d.Second)) + Offset + 1);
}
