using System.Collections.Immutable;
using System.Runtime.InteropServices;
using CsCheck;

namespace FedKim.Parameters.Tests;

/// <summary>Tensors in memory, and generators of them.</summary>
internal static class Tensors
{
    /// <summary>Any tensor of the format: every dtype, up to three dimensions, sizes from 0, any bytes.</summary>
    internal static readonly Gen<TensorData> Any =
        from name in Gen.String[Gen.Char, 1, 12].Where(n => n != "__metadata__" && WellFormed(n))
        from type in Gen.Enum<DType>()
        from shape in Gen.Long[0, 5].Array[0, 3]
        let length = (int)shape.Aggregate((long)type.Width(), (product, size) => product * size)
        from bytes in Gen.Byte.Array[length]
        select TensorData.Of(name, type, [.. shape], bytes);

    /// <summary>Any set of tensors with different names.</summary>
    internal static readonly Gen<TensorData[]> AnySet = Any.Array[0, 8].Select(tensors => tensors.DistinctBy(t => t.Name).ToArray());

    internal static TensorData Floats(string name, ImmutableArray<long> shape, params float[] values) =>
        TensorData.Of(name, DType.F32, shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    internal static TensorData Longs(string name, params long[] values) =>
        TensorData.Of(name, DType.I64, [values.Length], MemoryMarshal.AsBytes<long>(values).ToArray());

    internal static byte[] Bytes(this TensorData tensor)
    {
        using var stream = new MemoryStream();
        tensor.WriteTo(stream);
        return stream.ToArray();
    }

    // A lone surrogate has no UTF-8 form, so no file can name a tensor so.
    private static bool WellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text, i))
                i++;
            else if (char.IsSurrogate(text[i]))
                return false;
        }

        return true;
    }
}
