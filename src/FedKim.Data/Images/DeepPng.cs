using System.Buffers.Binary;
using System.IO.Compression;

namespace FedKim.Data.Images;

/// <summary>What a PNG's header says.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">1 for grey, 3 for red, green and blue, one more with opacity.</param>
/// <param name="Interlaced">Whether its pixels come in Adam7's seven passes.</param>
internal sealed record DeepPngHead(int Width, int Height, int Channels, bool Interlaced);

/// <summary>
/// Decodes a PNG of 16 bits to the last of them (PNG specification, third edition): the library's decoder cuts it to 8, and a radiograph of 12
/// bits to 16 levels.
/// </summary>
internal static class DeepPng
{
    private const int Deep = 16;

    // x and y of the first pixel, and the steps from one to the next.
    private static readonly (int X, int Y, int Right, int Down)[] Adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>The header of a sound PNG of 16 bits; null for every other file.</summary>
    public static DeepPngHead? Head(ReadOnlySpan<byte> file)
    {
        var head = PngChunks.Body(file, "IHDR"u8);
        if (head.Length != 13 || head[8] != Deep || head[12] > 1)
            return null;
        int width = BinaryPrimitives.ReadInt32BigEndian(head), height = BinaryPrimitives.ReadInt32BigEndian(head[4..]);
        int channels = head[9] switch { 0 => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        return channels == 0 || width < 1 || height < 1 ? null : new DeepPngHead(width, height, channels, head[12] == 1);
    }

    /// <summary>Decodes a file; grey values are divided by the largest that its bits allow.</summary>
    /// <param name="path">The file.</param>
    /// <param name="file">Its bytes, with sound chunks.</param>
    /// <param name="head">Its header.</param>
    /// <param name="declared">Bits that carry the values, as the source says; 0 where it does not, and then the file's sBIT chunk counts.</param>
    /// <param name="reading">Told what was found.</param>
    /// <exception cref="DataException">Its pixels are cut off or corrupt, or larger than the declared bits allow.</exception>
    public static DeepPicture Decode(string path, byte[] file, DeepPngHead head, int declared, Reading reading)
    {
        ushort[] samples;
        try
        {
            samples = Samples(file, head);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new DataException(path, "is a corrupt or truncated PNG: its pixels end early or cannot be unpacked; restore it from its source.", e);
        }

        int colours = head.Channels >= 3 ? 3 : 1;
        int largest = Largest(samples, head.Channels, colours);
        int bits = Bits(path, file, declared, largest, colours);
        reading.See($"16-bit PNG{(colours == 1 ? ", grey" : "")}{(bits < Deep ? $", of which {bits} bits are used" : "")}");
        float[] grey = new float[head.Width * head.Height];
        float white = (1 << bits) - 1;
        for (int i = 0; i < grey.Length; i++)
        {
            var pixel = samples.AsSpan(i * head.Channels, colours);
            // ITU-R BT.601, as for pictures of 8 bits.
            grey[i] = colours == 1 ? pixel[0] / white : (float)(((299.0 * pixel[0]) + (587.0 * pixel[1]) + (114.0 * pixel[2])) / (1000.0 * white));
        }

        return new DeepPicture(head.Width, head.Height, grey);
    }

    // The standard wants the significant bits of sBIT stretched over all 16. Radiographs mostly have them as they are: then none is larger than they allow.
    private static int Bits(string path, ReadOnlySpan<byte> file, int declared, int largest, int colours)
    {
        if (declared > 0)
        {
            return largest < 1 << declared ? declared
                : throw new DataException(path, $"has the value {largest}, more than picture-bits = {declared} allow; set picture-bits to what the pictures have.");
        }

        int significant = 0;
        var chunk = PngChunks.Body(file, "sBIT"u8);
        foreach (byte bits in chunk[..Math.Min(chunk.Length, colours)])
            significant = Math.Max(significant, bits);
        return significant is > 0 and < Deep && largest < 1 << significant ? significant : Deep;
    }

    private static int Largest(ushort[] samples, int channels, int colours)
    {
        int largest = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            if (i % channels < colours)
                largest = Math.Max(largest, samples[i]);
        }

        return largest;
    }

    private static ushort[] Samples(byte[] file, DeepPngHead head)
    {
        using var packed = new MemoryStream(PngChunks.Joined(file, "IDAT"u8), writable: false);
        using var bytes = new ZLibStream(packed, CompressionMode.Decompress);
        ushort[] samples = new ushort[(long)head.Width * head.Height * head.Channels];
        foreach (var (left, top, right, down) in head.Interlaced ? Adam7 : [(0, 0, 1, 1)])
        {
            int width = (head.Width - left + right - 1) / right, height = (head.Height - top + down - 1) / down;
            if (width <= 0 || height <= 0)
                continue;
            byte[] above = new byte[2 * width * head.Channels], row = new byte[above.Length];
            for (int y = 0; y < height; y++)
            {
                int filter = bytes.ReadByte();
                bytes.ReadExactly(row);
                Unfilter(filter, row, above, 2 * head.Channels);
                for (int x = 0; x < width; x++)
                {
                    int to = ((((top + (y * down)) * head.Width) + left + (x * right))) * head.Channels;
                    for (int c = 0; c < head.Channels; c++)
                        samples[to + c] = BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(2 * ((x * head.Channels) + c)));
                }

                (above, row) = (row, above);
            }
        }

        return samples;
    }

    // §9.2: each byte was written as its difference from those to the left and above.
    private static void Unfilter(int filter, byte[] row, byte[] above, int pixel)
    {
        if (filter is < 0 or > 4)
            throw new InvalidDataException($"unknown filter {filter}");
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= pixel ? row[i - pixel] : 0, up = above[i], corner = i >= pixel ? above[i - pixel] : 0;
            row[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Nearest(left, up, corner) });
        }
    }

    // §9.4, Paeth: whichever is nearest to left + up - corner.
    private static int Nearest(int left, int up, int corner)
    {
        int guess = left + up - corner, a = Math.Abs(guess - left), b = Math.Abs(guess - up), c = Math.Abs(guess - corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
