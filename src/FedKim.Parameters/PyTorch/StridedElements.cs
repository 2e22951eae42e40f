using System.Collections.Immutable;

namespace FedKim.Parameters.PyTorch;

/// <summary>A tensor whose elements do not lie row by row in its storage, such as a transposed one.</summary>
/// <param name="First">Absolute offset of its first element in the file.</param>
/// <param name="Width">Bytes of an element.</param>
/// <param name="Shape">Sizes of the dimensions, none 0.</param>
/// <param name="Strides">Elements from one index to the next, for each dimension; 0 where all indices share their elements.</param>
internal sealed record StridedElements(long First, int Width, ImmutableArray<long> Shape, ImmutableArray<long> Strides)
{
    /// <summary>Copies elements in the order of rows.</summary>
    /// <param name="file">Start of the file's bytes.</param>
    /// <param name="start">The first element to copy.</param>
    /// <param name="target">A whole number of elements that the tensor has from there on.</param>
    internal unsafe void Copy(byte* file, long start, Span<byte> target)
    {
        var shape = Shape.AsSpan();
        var strides = Strides.AsSpan();
        Span<long> index = stackalloc long[shape.Length];
        long position = 0;
        for (int i = shape.Length - 1; i >= 0; start /= shape[i--])
        {
            index[i] = start % shape[i];
            position += index[i] * strides[i];
        }

        for (int at = 0; at < target.Length; at += Width)
        {
            new ReadOnlySpan<byte>(file + First + (position * Width), Width).CopyTo(target[at..]);
            for (int i = shape.Length - 1; i >= 0; i--)
            {
                position += strides[i];
                if (++index[i] < shape[i])
                    break;
                position -= index[i] * strides[i];
                index[i] = 0;
            }
        }
    }
}
