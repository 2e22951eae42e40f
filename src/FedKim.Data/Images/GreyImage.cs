using FedKim.Data.Files;
using SkiaSharp;

namespace FedKim.Data.Images;

/// <summary>One picture as grey values.</summary>
internal static class GreyImage
{
    /// <summary>Decodes a PNG or JPEG, stretches it to a square and takes its luma (ITU-R BT.601).</summary>
    /// <returns>size·size values from 0 (black) to 1 (white), row-major.</returns>
    /// <exception cref="DataException">The file is no picture, or a corrupt or truncated one.</exception>
    public static float[] Read(string path, int size)
    {
        byte[] bytes = SiteFile.Read(path);
        PngChunks.Check(path, bytes);
        using var data = SKData.CreateCopy(bytes);
        using var codec = SKCodec.Create(data) ?? throw new DataException(path, "is no PNG or JPEG picture, or its header is corrupt.");
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using var whole = new SKBitmap(info);
        var result = codec.GetPixels(info, whole.GetPixels());
        if (result != SKCodecResult.Success)
            throw new DataException(path, $"is a corrupt or truncated picture ({result}); restore it from its source.");
        if (info.Width == size && info.Height == size) return Luma(whole);
        using var resized = whole.Resize(info.WithSize(size, size), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear))
            ?? throw new DataException(path, $"cannot be resized from {info.Width}x{info.Height} to {size}x{size}.");
        return Luma(resized);
    }

    private static float[] Luma(SKBitmap bitmap)
    {
        var pixels = bitmap.GetPixelSpan();
        float[] grey = new float[bitmap.Width * bitmap.Height];
        for (int y = 0; y < bitmap.Height; y++)
        {
            var row = pixels.Slice(y * bitmap.RowBytes, bitmap.Width * 4);
            for (int x = 0; x < bitmap.Width; x++)
                grey[(y * bitmap.Width) + x] = ((299 * row[4 * x]) + (587 * row[(4 * x) + 1]) + (114 * row[(4 * x) + 2])) / 255_000f;
        }

        return grey;
    }
}
