using SkiaSharp;

namespace FedKim.Data.Tests;

public sealed class OrientationTests : IDisposable
{
    private static readonly TaskSource Source = new() { Reader = "image-folder", Path = ".", ImageSize = 16 };

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Which corner of the stored picture is seen at the top left, which at the top right, bottom left and bottom right (EXIF 2.3, tag 0x0112).
    [Theory]
    [InlineData(1, "0123")]
    [InlineData(2, "1032")]
    [InlineData(3, "3210")]
    [InlineData(4, "2301")]
    [InlineData(5, "0213")]
    [InlineData(6, "2031")]
    [InlineData(7, "3120")]
    [InlineData(8, "1302")]
    public void A_picture_is_seen_as_its_file_says_that_it_stands(int orientation, string corners)
    {
        // Four quarters, each of its own grey.
        using var picture = new SKBitmap(new SKImageInfo(16, 16, SKColorType.Gray8, SKAlphaType.Opaque));
        for (int y = 0; y < 16; y++)
        {
            for (int x = 0; x < 16; x++)
            {
                byte grey = (byte)(80 * ((y / 8 * 2) + (x / 8)));
                picture.SetPixel(x, y, new SKColor(grey, grey, grey));
            }
        }

        using var encoded = picture.Encode(SKEncodedImageFormat.Jpeg, 100);
        byte[] jpeg = encoded.ToArray();
        byte[] exif = [.. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        _folder.Bytes("a.jpg", [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(exif.Length + 2), .. exif, .. jpeg[2..]]);
        _folder.Text("labels.csv", "file,patient,label", "a.jpg,p,1");

        var read = _folder.Read(Source);
        float[] values = read.Samples.Single().Inputs["image"].Data;
        (int X, int Y)[] seen = [(4, 4), (12, 4), (4, 12), (12, 12)];
        Assert.Equal(corners, string.Concat(seen.Select(at => (int)MathF.Round(values[(at.Y * 16) + at.X] * 255 / 80))));
        Assert.Equal(orientation == 1 ? 0 : 1, read.Seen.GetValueOrDefault("turned upright as EXIF says"));
    }
}
