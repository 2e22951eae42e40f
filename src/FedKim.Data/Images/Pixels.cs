using System.Runtime.InteropServices;
using SkiaSharp;

namespace FedKim.Data.Images;

/// <summary>Decoded pixels on their way to values: stretched to a square, 0 (black) to 1 (white), row-major.</summary>
internal static class Pixels
{
    /// <summary>How pictures are stretched.</summary>
    public static SKSamplingOptions Sampling => new(SKFilterMode.Linear, SKMipmapMode.Linear);

    /// <summary>An empty bitmap of four bytes a pixel: red, green, blue, opacity.</summary>
    public static SKBitmap Bitmap(int width, int height) => new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));

    /// <summary>A bitmap of one or three bytes a pixel, row by row: grey, or red, green and blue.</summary>
    public static SKBitmap Of(ReadOnlySpan<byte> values, int width, int height, int channels)
    {
        byte[] pixels = new byte[4 * width * height];
        for (int i = 0; i < width * height; i++)
        {
            var pixel = values.Slice(i * channels, channels);
            (pixels[4 * i], pixels[(4 * i) + 1], pixels[(4 * i) + 2], pixels[(4 * i) + 3]) = (pixel[0], pixel[channels / 2], pixel[^1], byte.MaxValue);
        }

        var bitmap = Bitmap(width, height);
        // Four bytes a pixel leave no gap between rows.
        Marshal.Copy(pixels, 0, bitmap.GetPixels(), pixels.Length);
        return bitmap;
    }

    /// <summary>A picture as it is meant to be seen, where its file says that it was stored turned or mirrored (EXIF's orientation).</summary>
    public static SKBitmap Upright(SKBitmap stored, SKEncodedOrigin origin)
    {
        // The last four of the eight exchange rows and columns.
        bool sideways = origin is SKEncodedOrigin.LeftTop or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        bool fromRight = origin is SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomRight or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        bool fromBelow = origin is SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom;
        var upright = sideways ? Bitmap(stored.Height, stored.Width) : Bitmap(stored.Width, stored.Height);
        ReadOnlySpan<uint> from = MemoryMarshal.Cast<byte, uint>(stored.GetPixelSpan());
        var to = MemoryMarshal.Cast<byte, uint>(upright.GetPixelSpan());
        for (int y = 0; y < upright.Height; y++)
        {
            for (int x = 0; x < upright.Width; x++)
            {
                var (column, row) = sideways ? (y, x) : (x, y);
                if (fromRight)
                    column = stored.Width - 1 - column;
                if (fromBelow)
                    row = stored.Height - 1 - row;
                to[(y * upright.Width) + x] = from[(row * stored.Width) + column];
            }
        }

        return upright;
    }

    /// <summary>The luma (ITU-R BT.601) of each pixel.</summary>
    /// <returns>[1, size, size].</returns>
    public static Values Grey(string path, SKBitmap bitmap, int size) =>
        Planes(path, bitmap, size, [pixel => ((299 * pixel[0]) + (587 * pixel[1]) + (114 * pixel[2])) / 255_000f]);

    /// <summary>Red, green and blue of each pixel.</summary>
    /// <returns>[3, size, size].</returns>
    public static Values Colours(string path, SKBitmap bitmap, int size) =>
        Planes(path, bitmap, size, [pixel => pixel[0] / 255f, pixel => pixel[1] / 255f, pixel => pixel[2] / 255f]);

    private delegate float Channel(ReadOnlySpan<byte> pixel);

    private static Values Planes(string path, SKBitmap bitmap, int size, Channel[] channels)
    {
        if (bitmap.Width == size && bitmap.Height == size)
            return Planes(bitmap, channels);
        using var square = bitmap.Resize(bitmap.Info.WithSize(size, size), Sampling)
            ?? throw new DataException(path, $"cannot be resized from {bitmap.Width}x{bitmap.Height} to {size}x{size}.");
        return Planes(square, channels);
    }

    private static Values Planes(SKBitmap bitmap, Channel[] channels)
    {
        var pixels = bitmap.GetPixelSpan();
        float[] values = new float[channels.Length * bitmap.Width * bitmap.Height];
        int at = 0;
        foreach (var channel in channels)
        {
            for (int y = 0; y < bitmap.Height; y++)
            {
                for (int x = 0; x < bitmap.Width; x++)
                    values[at++] = channel(pixels.Slice((y * bitmap.RowBytes) + (4 * x), 4));
            }
        }

        return new Values([channels.Length, bitmap.Height, bitmap.Width], values);
    }
}
