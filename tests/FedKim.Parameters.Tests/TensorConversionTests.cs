using System.Runtime.InteropServices;
using CsCheck;

namespace FedKim.Parameters.Tests;

public sealed class TensorConversionTests
{
    // Between 1 and the next bfloat16, 1 + 2^-7, a float that lies in the middle goes to the even one.
    [Theory]
    [InlineData(0x3F80_8000u, 0x3F80)]
    [InlineData(0x3F81_8000u, 0x3F82)]
    [InlineData(0x3F80_8001u, 0x3F81)]
    [InlineData(0x8000_0000u, 0x8000)]
    [InlineData(0x7F7F_FFFFu, 0x7F80)]
    [InlineData(0xFF80_0000u, 0xFF80)]
    [InlineData(0x7F80_0001u, 0x7FC0)]
    public void A_float_is_rounded_to_the_nearest_even_bfloat16(uint bits, int expected) =>
        Assert.Equal((ushort)expected, MemoryMarshal.Read<ushort>(Converted(DType.F32, MemoryMarshal.AsBytes<uint>([bits]).ToArray(), DType.BF16)));

    // A double just above the middle between two bfloat16s, which a float in between would take for the middle itself.
    [Theory]
    [InlineData(1.00390625 + 1e-12, 0x3F81)]
    [InlineData(1.00390625, 0x3F80)]
    [InlineData(1.00390625 - 1e-12, 0x3F80)]
    [InlineData(1.01171875 - 1e-12, 0x3F81)]
    [InlineData(-1.00390625 - 1e-12, 0xBF81)]
    [InlineData(1e300, 0x7F80)]
    [InlineData(-1e-300, 0x8000)]
    [InlineData(double.NegativeInfinity, 0xFF80)]
    public void A_double_is_rounded_to_a_bfloat16_once(double value, int expected) =>
        Assert.Equal((ushort)expected, MemoryMarshal.Read<ushort>(Converted(DType.F64, MemoryMarshal.AsBytes<double>([value]).ToArray(), DType.BF16)));

    [Fact]
    public void A_double_is_rounded_to_the_nearest_of_all_bfloat16s() => Gen.Select(Gen.Int[0, 0x7F7E], Gen.Double[0, 1]).Sample((bits, share) =>
    {
        double below = BitConverter.Int32BitsToSingle(bits << 16), above = BitConverter.Int32BitsToSingle((bits + 1) << 16);
        double value = below + (share * (above - below));
        float rounded = BitConverter.Int32BitsToSingle(MemoryMarshal.Read<ushort>(Converted(DType.F64, MemoryMarshal.AsBytes<double>([value]).ToArray(), DType.BF16)) << 16);
        Assert.Equal(Math.Min(value - below, above - value), Math.Abs(value - rounded));
    }, iter: 200);

    [Fact]
    public void A_double_becomes_the_float_nearest_to_it() => Gen.Double.Sample(value =>
        Assert.Equal((float)value, MemoryMarshal.Read<float>(Converted(DType.F64, MemoryMarshal.AsBytes<double>([value]).ToArray(), DType.F32))), iter: 50);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.MaxValue)]
    public void The_first_element_that_is_not_finite_when_it_is_written_is_told(float value)
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["m"], [Tensors.Floats("w", [4], 1, 2, value, value)]);
        using var file = SafetensorsFile.Open(folder["m"]);
        List<long> told = [];

        file.Convert(file.Info("w"), DType.BF16, told.Add).Bytes();

        Assert.Equal([2L], told);
    }

    [Fact]
    public void Every_16_bit_float_widens_to_itself()
    {
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];
        byte[] bytes = MemoryMarshal.AsBytes<ushort>(all).ToArray();
        Assert.Equal(
            all.Select(bits => (float)BitConverter.UInt16BitsToHalf(bits)),
            MemoryMarshal.Cast<byte, float>(Converted(DType.F16, bytes, DType.F32)).ToArray());
        Assert.Equal(
            all.Select(bits => (uint)bits << 16),
            MemoryMarshal.Cast<byte, uint>(Converted(DType.BF16, bytes, DType.F32)).ToArray());
    }

    [Fact]
    public void Bytes_of_the_same_type_pass_as_they_are() =>
        Gen.Byte.Array[0, 64].Where(bytes => bytes.Length % 4 == 0).Sample(bytes => Assert.Equal(bytes, Converted(DType.F32, bytes, DType.F32)), iter: 30);

    private static byte[] Converted(DType from, byte[] bytes, DType to)
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["m"], [TensorData.Of("w", from, [bytes.Length / from.Width()], bytes)]);
        using var file = SafetensorsFile.Open(folder["m"]);
        return file.Convert(file.Info("w"), to).Bytes();
    }
}
