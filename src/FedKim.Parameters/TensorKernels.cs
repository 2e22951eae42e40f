using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FedKim.Parameters;

/// <summary>
/// Arithmetic over a run of elements. Every result element depends on the same element of the inputs alone, never on its neighbours,
/// so a processor with wider vectors computes the same bits.
/// </summary>
internal static class TensorKernels
{
    /// <summary>sum = (first ? −0 : sum) + weight · source, for the floating types.</summary>
    internal static void AddWeighted(DType type, ReadOnlySpan<byte> source, double weight, Span<double> sum, bool first)
    {
        if (first)
            sum.Fill(-0.0); // the one start that leaves every number as it is, −0 too
        switch (type)
        {
            case DType.F32:
                AddFloats(MemoryMarshal.Cast<byte, float>(source), weight, sum);
                break;
            case DType.F64:
                var doubles = MemoryMarshal.Cast<byte, double>(source);
                for (int i = 0; i < sum.Length; i++)
                    sum[i] += weight * doubles[i];
                break;
            case DType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(source);
                for (int i = 0; i < sum.Length; i++)
                    sum[i] += weight * (double)halves[i];
                break;
            case DType.BF16:
                var brains = MemoryMarshal.Cast<byte, ushort>(source);
                for (int i = 0; i < sum.Length; i++)
                    sum[i] += weight * BitConverter.UInt32BitsToSingle((uint)brains[i] << 16);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating type");
        }
    }

    /// <summary>target = sum / total, rounded to nearest even in the target's type.</summary>
    internal static void Divide(DType type, ReadOnlySpan<double> sum, double total, Span<byte> target)
    {
        switch (type)
        {
            case DType.F32:
                DivideToFloats(sum, total, MemoryMarshal.Cast<byte, float>(target));
                break;
            case DType.F64:
                var doubles = MemoryMarshal.Cast<byte, double>(target);
                for (int i = 0; i < sum.Length; i++)
                    doubles[i] = sum[i] / total;
                break;
            case DType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(target);
                for (int i = 0; i < sum.Length; i++)
                    halves[i] = (Half)(sum[i] / total);
                break;
            case DType.BF16:
                var brains = MemoryMarshal.Cast<byte, ushort>(target);
                for (int i = 0; i < sum.Length; i++)
                    brains[i] = ToBrain(ToOdd(sum[i] / total));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating type");
        }
    }

    /// <summary>greatest = first ? source : max(greatest, source), for whole numbers and flags.</summary>
    internal static void KeepGreatest(DType type, ReadOnlySpan<byte> source, Span<byte> greatest, bool first)
    {
        if (first)
            source.CopyTo(greatest);
        else if (type == DType.I64)
            KeepGreatest<long>(source, greatest);
        else if (type == DType.I32)
            KeepGreatest<int>(source, greatest);
        else if (type == DType.I16)
            KeepGreatest<short>(source, greatest);
        else if (type == DType.I8)
            KeepGreatest<sbyte>(source, greatest);
        else
            KeepGreatest<byte>(source, greatest);
    }

    /// <summary>Index of the first element that is NaN or infinite; -1 when all are finite.</summary>
    internal static int IndexOfNonFinite(DType type, ReadOnlySpan<byte> source) => type switch
    {
        DType.F32 => IndexOfAllOnes(MemoryMarshal.Cast<byte, uint>(source), 0x7F80_0000u),
        DType.F64 => IndexOfAllOnes(MemoryMarshal.Cast<byte, ulong>(source), 0x7FF0_0000_0000_0000ul),
        DType.F16 => IndexOfAllOnes<ushort>(MemoryMarshal.Cast<byte, ushort>(source), 0x7C00),
        DType.BF16 => IndexOfAllOnes<ushort>(MemoryMarshal.Cast<byte, ushort>(source), 0x7F80),
        _ => -1,
    };

    /// <summary>Σ (a − b)² over the elements in their order, in double, for the floating types: the same bits on every processor.</summary>
    internal static double SquaredDistance(DType type, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        double sum = 0;
        if (type == DType.F32)
        {
            var left = MemoryMarshal.Cast<byte, float>(a);
            var right = MemoryMarshal.Cast<byte, float>(b);
            for (int i = 0; i < left.Length; i++)
                sum += ((double)left[i] - right[i]) * ((double)left[i] - right[i]);
            return sum;
        }

        for (int i = 0; i < a.Length / type.Width(); i++)
        {
            double difference = ValueAt(type, a, i) - ValueAt(type, b, i);
            sum += difference * difference;
        }

        return sum;
    }

    /// <summary>target = source, rounded to nearest even: of F64, F32, F16 or BF16 into F32 or BF16. Elements of the same type are copied bit for bit.</summary>
    internal static void Convert(DType from, ReadOnlySpan<byte> source, DType to, Span<byte> target)
    {
        if (from == to)
        {
            source.CopyTo(target);
            return;
        }

        var halves = MemoryMarshal.Cast<byte, ushort>(source);
        var brains = MemoryMarshal.Cast<byte, ushort>(target);
        var floats = MemoryMarshal.Cast<byte, float>(target);
        switch (from, to)
        {
            case (DType.F64, DType.BF16):
                var doubles = MemoryMarshal.Cast<byte, double>(source);
                for (int i = 0; i < doubles.Length; i++)
                    brains[i] = ToBrain(ToOdd(doubles[i]));
                break;
            case (DType.F64, DType.F32):
                var wider = MemoryMarshal.Cast<byte, double>(source);
                for (int i = 0; i < wider.Length; i++)
                    floats[i] = (float)wider[i];
                break;
            case (DType.F32, DType.BF16):
                var wide = MemoryMarshal.Cast<byte, float>(source);
                for (int i = 0; i < wide.Length; i++)
                    brains[i] = ToBrain(wide[i]);
                break;
            case (DType.F16, DType.BF16):
                for (int i = 0; i < halves.Length; i++)
                    brains[i] = ToBrain((float)BitConverter.UInt16BitsToHalf(halves[i]));
                break;
            case (DType.F16, DType.F32):
                for (int i = 0; i < halves.Length; i++)
                    floats[i] = (float)BitConverter.UInt16BitsToHalf(halves[i]);
                break;
            case (DType.BF16, DType.F32):
                for (int i = 0; i < halves.Length; i++)
                    floats[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(to), to, $"{from.Name()} is not converted to it");
        }
    }

    private static double ValueAt(DType type, ReadOnlySpan<byte> source, int index) => type switch
    {
        DType.F64 => MemoryMarshal.Cast<byte, double>(source)[index],
        DType.F16 => (double)MemoryMarshal.Cast<byte, Half>(source)[index],
        DType.BF16 => BitConverter.UInt32BitsToSingle((uint)MemoryMarshal.Cast<byte, ushort>(source)[index] << 16),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating type"),
    };

    private static void AddFloats(ReadOnlySpan<float> source, double weight, Span<double> sum)
    {
        int i = 0;
        var weights = Vector512.Create(weight);
        for (; i <= source.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var (low, high) = Vector512.Widen(Vector512.Create(source[i..]));
            var lowSum = sum[i..];
            var highSum = sum[(i + Vector512<double>.Count)..];
            (Vector512.Create<double>(lowSum) + weights * low).CopyTo(lowSum);
            (Vector512.Create<double>(highSum) + weights * high).CopyTo(highSum);
        }

        for (; i < source.Length; i++)
            sum[i] += weight * source[i];
    }

    private static void DivideToFloats(ReadOnlySpan<double> sum, double total, Span<float> target)
    {
        int i = 0;
        var totals = Vector512.Create(total);
        for (; i <= target.Length - Vector512<float>.Count; i += Vector512<float>.Count)
            Vector512.Narrow(Vector512.Create(sum[i..]) / totals, Vector512.Create(sum[(i + Vector512<double>.Count)..]) / totals).CopyTo(target[i..]);
        for (; i < target.Length; i++)
            target[i] = (float)(sum[i] / total);
    }

    private static void KeepGreatest<T>(ReadOnlySpan<byte> source, Span<byte> greatest) where T : unmanaged, INumber<T>
    {
        var from = MemoryMarshal.Cast<byte, T>(source);
        var to = MemoryMarshal.Cast<byte, T>(greatest);
        for (int i = 0; i < to.Length; i++)
            to[i] = T.Max(to[i], from[i]);
    }

    // In every IEEE format an exponent of all ones means infinity or NaN.
    private static int IndexOfAllOnes<T>(ReadOnlySpan<T> bits, T exponent) where T : unmanaged, IBinaryInteger<T>
    {
        int i = 0;
        var exponents = new Vector<T>(exponent);
        while (i <= bits.Length - Vector<T>.Count && !Vector.EqualsAny(new Vector<T>(bits[i..]) & exponents, exponents))
            i += Vector<T>.Count;
        for (; i < bits.Length; i++)
        {
            if ((bits[i] & exponent) == exponent)
                return i;
        }

        return -1;
    }

    // Rounded to odd, a float still tells on which side of a bfloat16's middle the double lies, so that rounding twice rounds once.
    private static float ToOdd(double value)
    {
        float near = (float)value;
        if (near == value || double.IsNaN(value))
            return near;
        uint bits = BitConverter.SingleToUInt32Bits(near);
        if (Math.Abs((double)near) > Math.Abs(value))
            bits--;
        return BitConverter.UInt32BitsToSingle(bits | 1);
    }

    private static ushort ToBrain(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
