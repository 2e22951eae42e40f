using System.Runtime.InteropServices;
using SkiaSharp;

namespace FedKim.Data.Images;

/// <summary>A grey picture of more than 8 bits, on its way to values.</summary>
/// <param name="width">Pixels in a row.</param>
/// <param name="height">Rows.</param>
/// <param name="grey">0 (black) to 1 (white), row by row.</param>
internal sealed class DeepPicture(int width, int height, float[] grey)
{
    /// <summary>Stretches it to a square, as pictures of 8 bits are.</summary>
    /// <returns>[1, size, size].</returns>
    public Values Resize(string path, int size)
    {
        if (width == size && height == size)
            return new Values([1, size, size], grey);
        ushort[] deep = new ushort[4 * grey.Length];
        for (int i = 0; i < grey.Length; i++)
            (deep[4 * i], deep[(4 * i) + 1], deep[(4 * i) + 2], deep[(4 * i) + 3]) = (Level(grey[i]), Level(grey[i]), Level(grey[i]), ushort.MaxValue);
        using var whole = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba16161616, SKAlphaType.Unpremul));
        MemoryMarshal.AsBytes(deep.AsSpan()).CopyTo(whole.GetPixelSpan());
        using var square = whole.Resize(whole.Info.WithSize(size, size), Pixels.Sampling)
            ?? throw new DataException(path, $"cannot be resized from {width}x{height} to {size}x{size}.");
        float[] values = new float[size * size];
        for (int y = 0; y < size; y++)
        {
            var row = MemoryMarshal.Cast<byte, ushort>(square.GetPixelSpan().Slice(y * square.RowBytes, 8 * size));
            for (int x = 0; x < size; x++)
                values[(y * size) + x] = row[4 * x] / (float)ushort.MaxValue;
        }

        return new Values([1, size, size], values);

        static ushort Level(float value) => (ushort)MathF.Round(Math.Clamp(value, 0, 1) * ushort.MaxValue);
    }
}
