using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using SkiaSharp;

namespace FedKim.Data.Tests;

public sealed class DeepPictureTests : IDisposable
{
    private static readonly TaskSource Source = new() { Reader = "image-folder", Path = ".", ImageSize = 8 };

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sixteen_bits_are_kept_and_a_small_part_of_the_range_is_told()
    {
        ushort[] pixels = [.. Enumerable.Range(0, 64).Select(i => (ushort)(i * 65))];
        _folder.Bytes("a.png", Png(8, 8, 0, pixels));
        var read = Read("a.png");
        Assert.Equal(pixels.Select(p => p / 65535f), read.Samples.Single().Inputs["image"].Data);
        Assert.Equal(1, read.Seen["16-bit PNG, grey"]);
        Assert.Contains("its pictures use 0 to 0.0625 of their range", Assert.Single(read.Remarks), StringComparison.Ordinal);
        Assert.Contains("picture-bits", read.Remarks[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Bits_that_the_file_or_the_source_declares_scale()
    {
        ushort[] pixels = [.. Enumerable.Range(0, 64).Select(i => (ushort)(i * 65))];
        float[] scaled = [.. pixels.Select(p => p / 4095f)];
        _folder.Bytes("a.png", Png(8, 8, 0, pixels, bits: 12));
        Assert.Equal(scaled, Read("a.png").Samples.Single().Inputs["image"].Data);
        _folder.Bytes("b.png", Png(8, 8, 0, pixels));
        var declared = Read("b.png", Source with { PictureBits = 12 });
        Assert.Equal(scaled, declared.Samples.Single().Inputs["image"].Data);
        Assert.Equal(1, declared.Seen["16-bit PNG, grey, of which 12 bits are used"]);
        Assert.Empty(declared.Remarks);
        Assert.Equal("has the value 4095, more than picture-bits = 11 allow; set picture-bits to what the pictures have.", Problem("b.png", Source with { PictureBits = 11 }));
    }

    [Fact]
    public void Values_that_are_stretched_over_all_bits_as_the_standard_wants_are_not_stretched_again()
    {
        ushort[] pixels = [.. Enumerable.Range(0, 64).Select(i => (ushort)((i * 65 << 4) | (i * 65 >> 8)))];
        _folder.Bytes("a.png", Png(8, 8, 0, pixels, bits: 12));
        Assert.Equal(pixels.Select(p => p / 65535f), Read("a.png").Samples.Single().Inputs["image"].Data);
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(0, 1, 1)]
    [InlineData(0, 1, 2)]
    [InlineData(0, 1, 3)]
    [InlineData(0, 1, 4)]
    [InlineData(2, 3, 4)]
    [InlineData(4, 2, 4)]
    [InlineData(6, 4, 3)]
    public void Every_filter_and_every_kind_of_colour_gives_the_pixels_that_were_written(int kind, int channels, int filter)
    {
        var random = Rounds.SeededGenerator.Derive(5, "deep", kind, filter);
        ushort[] samples = [.. Enumerable.Range(0, 64 * channels).Select(_ => (ushort)random.NextInt(65536))];
        _folder.Bytes("a.png", Png(8, 8, kind, samples, filter: filter));
        float[] expected = [.. samples.Chunk(channels).Select(p => channels < 3 ? p[0] / 65535f
            : (float)(((299.0 * p[0]) + (587.0 * p[1]) + (114.0 * p[2])) / (1000.0 * 65535f)))];
        Assert.Equal(expected, Read("a.png").Samples.Single().Inputs["image"].Data);
    }

    [Fact]
    public void Interlaced_pixels_come_to_their_places()
    {
        ushort[] pixels = [.. Enumerable.Range(0, 64).Select(i => (ushort)(i * 1000))];
        _folder.Bytes("a.png", Png(8, 8, 0, pixels, interlaced: true));
        Assert.Equal(pixels.Select(p => p / 65535f), Read("a.png").Samples.Single().Inputs["image"].Data);
    }

    [Fact]
    public void A_deep_picture_is_stretched_as_one_of_8_bits_is()
    {
        _folder.Picture("a.png", 1, size: 37);
        using var picture = SKBitmap.Decode(_folder.At("a.png"));
        ushort[] samples = [.. picture.Pixels.SelectMany(p => (ushort[])[(ushort)(p.Red * 257), (ushort)(p.Green * 257), (ushort)(p.Blue * 257)])];
        _folder.Bytes("b.png", Png(37, 37, 2, samples));
        Assert.Equal(Read("a.png").Samples.Single().Inputs["image"].Data, Read("b.png").Samples.Single().Inputs["image"].Data, (a, b) => Math.Abs(a - b) < 2f / 255);
    }

    [Fact]
    public void Pictures_of_8_bits_give_each_byte_over_255()
    {
        byte[] pixels = [.. Enumerable.Range(0, 64).Select(i => (byte)(4 * i))];
        using var grey = SKImage.FromPixelCopy(new SKImageInfo(8, 8, SKColorType.Gray8, SKAlphaType.Opaque), pixels, 8);
        using var file = grey.Encode(SKEncodedImageFormat.Png, 100);
        _folder.Bytes("a.png", file.ToArray());
        var read = Read("a.png");
        Assert.Equal(pixels.Select(p => (1000 * p) / 255_000f), read.Samples.Single().Inputs["image"].Data);
        Assert.Equal(["8-bit PNG, grey"], read.Seen.Keys);
    }

    [Fact]
    public void Pixels_that_end_early_are_an_error_that_names_the_file()
    {
        _folder.Bytes("a.png", Png(8, 8, 0, new ushort[60]));
        Assert.Contains("its pixels end early", Problem("a.png", Source), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void A_picture_that_is_too_large_is_named_and_left_out_where_bad_samples_are(int depth)
    {
        _folder.Bytes("large.png", Png(30_000, 30_000, 0, [], depth: depth));
        _folder.Picture("a.png", 1);
        _folder.Text("labels.csv", "file,patient,label", "a.png,p,1", "large.png,q,0");
        const string Told = "has 30000x30000 pixels, more than the 100000000 that are read; store it smaller, or leave it out.";
        Assert.Equal(Told, _folder.Problem(Source, "large.png"));
        var read = _folder.Read(Source with { OnBadSample = BadSample.Skip });
        Assert.Equal(["a.png"], read.Samples.Select(s => s.Id));
        Assert.Equal([Told], read.LeftOut.Select(left => left.Reason));
    }

    private DataSet Read(string name, TaskSource? source = null)
    {
        _folder.Text("labels.csv", "file,patient,label", $"{name},p,1");
        return _folder.Read(source ?? Source);
    }

    private string Problem(string name, TaskSource source)
    {
        _folder.Text("labels.csv", "file,patient,label", $"{name},p,1");
        return _folder.Problem(source, name);
    }

    /// <summary>A PNG (PNG specification, third edition), with sBIT where <paramref name="bits"/> are given.</summary>
    private static byte[] Png(int width, int height, int kind, ushort[] samples, int bits = 0, int filter = 0, bool interlaced = false, int depth = 16)
    {
        int channels = kind switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        (int X, int Y, int Right, int Down)[] passes = interlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var (left, top, right, down) in passes)
            {
                byte[] above = new byte[2 * channels * ((width - left + right - 1) / right)];
                for (int y = top; y < height && samples.Length > 0; y += down)
                {
                    byte[] row = new byte[above.Length];
                    for (int x = left, at = 0; x < width; x += right)
                    {
                        for (int c = 0; c < channels; c++, at += 2)
                            BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(at), samples.ElementAtOrDefault((((y * width) + x) * channels) + c));
                    }

                    if (((y + 1) * width * channels) > samples.Length)
                        break;
                    zlib.WriteByte((byte)filter);
                    zlib.Write([.. row.Select((b, i) => (byte)(b - Guess(filter, row, above, i, 2 * channels)))]);
                    above = row;
                }
            }
        }

        byte[] size = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(size, width);
        BinaryPrimitives.WriteInt32BigEndian(size.AsSpan(4), height);
        return
        [
            0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR", [.. size, (byte)depth, (byte)kind, 0, 0, interlaced ? (byte)1 : (byte)0]),
            .. bits > 0 ? Chunk("sBIT", [.. Enumerable.Repeat((byte)bits, channels)]) : [], .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", []),
        ];

        static byte[] Chunk(string name, byte[] body)
        {
            byte[] named = [.. System.Text.Encoding.ASCII.GetBytes(name), .. body], length = new byte[4], crc = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, body.Length);
            BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32.HashToUInt32(named));
            return [.. length, .. named, .. crc];
        }
    }

    private static int Guess(int filter, byte[] row, byte[] above, int i, int pixel)
    {
        int a = i >= pixel ? row[i - pixel] : 0, b = above[i], c = i >= pixel ? above[i - pixel] : 0, p = a + b - c;
        return filter switch
        {
            0 => 0,
            1 => a,
            2 => b,
            3 => (a + b) / 2,
            _ => Math.Abs(p - a) <= Math.Abs(p - b) && Math.Abs(p - a) <= Math.Abs(p - c) ? a : Math.Abs(p - b) <= Math.Abs(p - c) ? b : c,
        };
    }
}
