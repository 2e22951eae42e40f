using FedKim.Data.Files;
using SkiaSharp;

namespace FedKim.Data.Images;

/// <summary>One PNG or JPEG picture as grey values.</summary>
internal static class PictureFile
{
    // A radiograph has up to 20 million.
    private const long MostPixels = 100_000_000;

    /// <summary>Reads a file; see <see cref="Decode"/>.</summary>
    /// <exception cref="DataException">The file is missing, no picture, or a corrupt, truncated or too large one.</exception>
    public static Values Read(string path, TaskSource source, Reading reading) => Decode(path, SiteFile.Read(path), source, reading);

    /// <summary>Decodes a file's bytes, turns the picture upright, stretches it to a square and takes its luma.</summary>
    /// <returns>[1, size, size].</returns>
    /// <exception cref="DataException">The bytes are no picture, or a corrupt, truncated or too large one.</exception>
    public static Values Decode(string path, byte[] bytes, TaskSource source, Reading reading)
    {
        PngChunks.Check(path, bytes);
        if (DeepPng.Head(bytes) is { } head)
        {
            CheckSize(path, head.Width, head.Height);
            return DeepPng.Decode(path, bytes, head, source.PictureBits, reading).Resize(path, source.ImageSize);
        }

        using var data = SKData.CreateCopy(bytes);
        using var codec = SKCodec.Create(data) ?? throw new DataException(path, "is no PNG or JPEG picture, or its header is corrupt.");
        CheckSize(path, codec.Info.Width, codec.Info.Height);
        using var whole = Pixels.Bitmap(codec.Info.Width, codec.Info.Height);
        var result = codec.GetPixels(whole.Info, whole.GetPixels());
        if (result == SKCodecResult.InvalidConversion)
            throw new DataException(path, $"is a picture of a kind that is not read ({codec.EncodedFormat}, {codec.Info.ColorType}); save it as grey or RGB of 8 bits.");
        if (result != SKCodecResult.Success)
            throw new DataException(path, $"is a corrupt or truncated picture ({result}); restore it from its source.");
        reading.See($"8-bit {codec.EncodedFormat.ToString().ToUpperInvariant()}{(codec.Info.ColorType == SKColorType.Gray8 ? ", grey" : "")}");
        if (codec.EncodedOrigin == SKEncodedOrigin.TopLeft)
            return Pixels.Grey(path, whole, source.ImageSize);
        reading.See("turned upright as EXIF says");
        using var upright = Pixels.Upright(whole, codec.EncodedOrigin);
        return Pixels.Grey(path, upright, source.ImageSize);
    }

    /// <summary>Refuses what would take more memory than any picture of a patient does.</summary>
    public static void CheckSize(string path, long width, long height)
    {
        if (width * height > MostPixels)
            throw new DataException(path, $"has {width}x{height} pixels, more than the {MostPixels} that are read; store it smaller, or leave it out.");
    }
}
