using System.Diagnostics;
using System.Text;
using FedKim.Data.Files;
using FedKim.Data.Images;
using SkiaSharp;

namespace FedKim.Data.Tests;

public sealed class RsnaTests : IDisposable
{
    private const string Labels = "stage_2_train_labels.csv", Images = "stage_2_train_images", Header = "patientId,x,y,width,height,Target";

    private static readonly TaskSource Source = new() { Reader = "rsna", Path = ".", ImageSize = 8 };

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_image_of_several_boxes_is_one_sample()
    {
        Write("a,,,,,0", "b,264.0,152.0,213.0,379.0,1", "b,562.0,152.0,256.0,453.0,1", "c,,,,,0");
        var samples = _folder.Read(Source).Samples;
        Assert.Equal([("a", "a", 0), ("b", "b", 1), ("c", "c", 0)], samples.Select(s => (s.Id, s.Patient, s.Label)));
        Assert.All(samples, s => Assert.Equal([1, 8, 8], s.Inputs["image"].Shape));
    }

    [Fact]
    public void The_organisers_mapping_tells_whose_an_image_is()
    {
        Write("a,,,,,0", "b,264.0,152.0,213.0,379.0,1", "c,,,,,0");
        _folder.Text("pneumonia-challenge-dataset-mappings_2018.json",
            """[{"subset_img_id": "a", "img_id": "00000002_000.png"}, {"subset_img_id": "b", "img_id": "00000002_001.png"},""",
            """ {"subset_img_id": "c", "img_id": "00000013_026.png", "orig_labels": ["Pneumothorax"]}]""");
        Assert.Equal(["00000002", "00000002", "00000013"], _folder.Read(Source).Samples.Select(s => s.Patient));

        _folder.Text("pneumonia-challenge-dataset-mappings_2018.json", """[{"subset_img_id": "a", "img_id": "00000002_000.png"}]""");
        Assert.Equal("line 3, column 'patientId': the mapping to the NIH's images lacks this image.", _folder.Problem(Source, Labels));
    }

    [Fact]
    public void Lines_that_disagree_about_an_image_are_an_error_that_names_both()
    {
        Write("a,,,,,0", "b,264.0,152.0,213.0,379.0,1", "a,264.0,152.0,213.0,379.0,1");
        Assert.Equal("line 4, column 'Target': differs from line 2, which is about the same image.", _folder.Problem(Source, Labels));
    }

    [Fact]
    public void A_listed_image_that_is_not_there_is_an_error_with_its_line()
    {
        Write("a,,,,,0", "b,264.0,152.0,213.0,379.0,1");
        File.Delete(_folder.At($"{Images}/b.png"));
        Assert.StartsWith("line 3, column 'patientId': the file ", _folder.Problem(Source, Labels), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_converter_a_DICOM_file_is_an_error_that_says_how_to_go_on()
    {
        string empty = Directory.CreateDirectory(_folder.At("bin")).FullName;
        var error = Assert.Throws<DataException>(() => Dicom.Converter("a.dcm", empty));
        Assert.Contains("apt-get install dcmtk", error.Message, StringComparison.Ordinal);
        Assert.Contains("export the pictures beside it as PNG", error.Message, StringComparison.Ordinal);
        _folder.Text("bin/dcmj2pnm", "");
        Assert.Equal(_folder.At("bin/dcmj2pnm"), Dicom.Converter("a.dcm", $"/nowhere{Path.PathSeparator}{empty}"));
    }

    [Fact]
    public void Both_kinds_of_DICOM_file_are_converted_and_their_pixels_kept()
    {
        RequireDcmtk();
        byte[] pixels = [.. Enumerable.Range(0, 64).Select(i => (byte)(4 * i))];
        Write("a,,,,,0", "b,264.0,152.0,213.0,379.0,1");
        foreach (string id in (string[])["a", "b"])
            File.Delete(_folder.At($"{Images}/{id}.png"));
        _folder.Bytes($"{Images}/a.dcm", Monochrome("MONOCHROME2", 8, pixels));
        _folder.Bytes($"{Images}/b.dcm", Monochrome("MONOCHROME1", 8, pixels));

        var samples = _folder.Read(Source).Samples;
        Assert.Equal(pixels.Select(p => p / 255f), samples[0].Inputs["image"].Data);
        // DCMTK rounds one up in half of the turned values.
        Assert.Equal(pixels.Select(p => (255 - p) / 255f), samples[1].Inputs["image"].Data, (a, b) => Math.Abs(a - b) < 1.01f / 255);
    }

    [Fact]
    public void A_JPEG_inside_a_DICOM_file_as_the_challenge_has_them_is_decoded()
    {
        string converter = RequireDcmtk();
        Write("a,,,,,0");
        using var grey = new SKBitmap(new SKImageInfo(16, 16, SKColorType.Gray8, SKAlphaType.Opaque));
        for (int i = 0; i < 256; i++)
            grey.SetPixel(i % 16, i / 16, new SKColor((byte)i, (byte)i, (byte)i));
        using var encoded = grey.Encode(SKEncodedImageFormat.Jpeg, 90);
        string jpeg = _folder.Bytes("a.jpg", encoded.ToArray());
        File.Delete(_folder.At($"{Images}/a.png"));
        using (var process = Process.Start(Path.Combine(Path.GetDirectoryName(converter)!, "img2dcm"), ["-q", jpeg, _folder.At($"{Images}/a.dcm")]))
        {
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }

        float[] read = _folder.Read(Source with { ImageSize = 16 }).Samples.Single().Inputs["image"].Data;
        Assert.Equal(PictureFile.Read(jpeg, Source with { ImageSize = 16 }, new Reading()).Data, read, (a, b) => Math.Abs(a - b) < 2.01f / 255);
    }

    [Fact]
    public void A_DICOM_file_that_is_none_is_left_out_alone()
    {
        RequireDcmtk();
        Write("a,,,,,0", "b,264.0,152.0,213.0,379.0,1");
        File.Delete(_folder.At($"{Images}/b.png"));
        byte[] whole = Monochrome("MONOCHROME2", 8, new byte[64]);
        foreach (byte[] bad in (byte[][])["no DICOM"u8.ToArray(), [], whole[..200]])
        {
            string file = _folder.Bytes($"{Images}/b.dcm", bad);
            Assert.Contains("run it on the file to see why", _folder.Problem(Source, $"{Images}/b.dcm"), StringComparison.Ordinal);
            var read = _folder.Read(Source with { OnBadSample = BadSample.Skip });
            Assert.Equal(["a"], read.Samples.Select(s => s.Id));
            Assert.Equal([file], read.LeftOut.Select(left => Path.GetFullPath(left.File)));
        }
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 9\n", "is a Git LFS pointer")]
    [InlineData("<!DOCTYPE html>\n<html>", "is a web page")]
    public void What_a_download_left_in_a_DICOM_file_s_place_is_no_work_for_the_converter(string content, string problem)
    {
        Write("a,,,,,0", "b,264.0,152.0,213.0,379.0,1");
        File.Delete(_folder.At($"{Images}/b.png"));
        string file = _folder.Text($"{Images}/b.dcm", content);
        Assert.StartsWith(problem, Assert.Throws<DataException>(() => SiteFile.Start(file, DicomFile.LongestHeader)).Problem, StringComparison.Ordinal);
        Assert.StartsWith(problem, _folder.Problem(Source, $"{Images}/b.dcm"), StringComparison.Ordinal);
        var read = _folder.Read(Source with { OnBadSample = BadSample.Skip });
        Assert.Equal(["a"], read.Samples.Select(s => s.Id));
        Assert.StartsWith(problem, read.LeftOut.Single().Reason, StringComparison.Ordinal);
    }

    private static string RequireDcmtk()
    {
        try
        {
            return Dicom.Converter("", Environment.GetEnvironmentVariable("PATH"));
        }
        catch (DataException)
        {
            Assert.Skip("DCMTK is not installed: expected dcm2img or dcmj2pnm on the PATH (Debian: apt-get install dcmtk).");
            throw;
        }
    }

    private void Write(params string[] lines)
    {
        _folder.Text(Labels, [Header, .. lines]);
        int number = 0;
        foreach (string id in lines.Select(line => line.Split(',')[0]).Distinct())
            _folder.Picture($"{Images}/{id}.png", number++);
    }

    /// <summary>A square grey picture in DICOM's explicit little-endian syntax (PS3.5 annex A.2, PS3.10 §7.1), one byte a pixel.</summary>
    private static byte[] Monochrome(string photometric, int edge, byte[] pixels)
    {
        byte[] syntax = Element(0x0002, 0x0010, "UI", Name("1.2.840.10008.1.2.1"));
        byte[] kind = Element(0x0002, 0x0002, "UI", Name("1.2.840.10008.5.1.4.1.1.7"));
        byte[] instance = Element(0x0002, 0x0003, "UI", Name("1.2.3.4"));
        byte[] version = [2, 0, 1, 0, (byte)'O', (byte)'B', 0, 0, 2, 0, 0, 0, 0, 1];
        byte[] meta = [.. version, .. kind, .. instance, .. syntax];
        return
        [
            .. new byte[128], .. "DICM"u8, .. Element(0x0002, 0x0000, "UL", BitConverter.GetBytes(meta.Length)), .. meta,
            .. Element(0x0008, 0x0016, "UI", Name("1.2.840.10008.5.1.4.1.1.7")), .. Element(0x0008, 0x0018, "UI", Name("1.2.3.4")),
            .. Element(0x0028, 0x0002, "US", Short(1)), .. Element(0x0028, 0x0004, "CS", Name(photometric, ' ')),
            .. Element(0x0028, 0x0010, "US", Short(edge)), .. Element(0x0028, 0x0011, "US", Short(edge)),
            .. Element(0x0028, 0x0100, "US", Short(8)), .. Element(0x0028, 0x0101, "US", Short(8)),
            .. Element(0x0028, 0x0102, "US", Short(7)), .. Element(0x0028, 0x0103, "US", Short(0)),
            .. (byte[])[0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'B', 0, 0], .. BitConverter.GetBytes(pixels.Length), .. pixels,
        ];

        static byte[] Element(int group, int element, string type, byte[] value) =>
            [.. Short(group), .. Short(element), .. Encoding.ASCII.GetBytes(type), .. Short(value.Length), .. value];
        static byte[] Short(int value) => BitConverter.GetBytes((ushort)value);
        static byte[] Name(string text, char filler = '\0') => Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + filler);
    }
}
