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
