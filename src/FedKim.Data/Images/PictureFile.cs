using FedKim.Data.Files;
using SkiaSharp;

namespace FedKim.Data.Images;

/// <summary>One PNG or JPEG picture as grey values.</summary>
internal static class PictureFile
{
    /// <summary>Reads a file; see <see cref="Decode"/>.</summary>
    /// <exception cref="DataException">The file is missing, no picture, or a corrupt or truncated one.</exception>
    public static Values Read(string path, int size) => Decode(path, SiteFile.Read(path), size);

    /// <summary>Decodes a file's bytes, stretches the picture to a square and takes its luma.</summary>
    /// <returns>[1, size, size].</returns>
    /// <exception cref="DataException">The bytes are no picture, or a corrupt or truncated one.</exception>
    public static Values Decode(string path, byte[] bytes, int size)
    {
        PngChunks.Check(path, bytes);
        using var data = SKData.CreateCopy(bytes);
        using var codec = SKCodec.Create(data) ?? throw new DataException(path, "is no PNG or JPEG picture, or its header is corrupt.");
        using var whole = Pixels.Bitmap(codec.Info.Width, codec.Info.Height);
        var result = codec.GetPixels(whole.Info, whole.GetPixels());
        if (result != SKCodecResult.Success)
            throw new DataException(path, $"is a corrupt or truncated picture ({result}); restore it from its source.");
        return Pixels.Grey(path, whole, size);
    }
}
