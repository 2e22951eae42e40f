using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using FedKim.Data.Images;

namespace FedKim.Data.Tests;

public sealed class DicomFileTests : IDisposable
{
    private static readonly TaskSource Source = new() { Reader = "rsna", Path = ".", ImageSize = 8 };

    private static readonly int[] Stored = [.. Enumerable.Range(0, 64).Select(i => i * 65)];

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_bits_that_are_stored_decide_the_range_where_there_is_no_window()
    {
        Assert.Equal(Stored.Select(v => v / 4095f), Read(Made(Stored, bits: 12)));
        Assert.Equal(Stored.Select(v => v / 65535f), Read(Made(Stored, bits: 16)));
        Assert.Equal(Stored.Select(v => (float)(1 - (v / 4095.0))), Read(Made(Stored, bits: 12, photometric: "MONOCHROME1")));
    }

    [Theory]
    [InlineData(2048, 4096, "", 0, 0)]
    [InlineData(2048, 4096, "", 2047.5, 0.5)]
    [InlineData(1000, 200, "LINEAR", 900, 0)]
    [InlineData(1000, 200, "LINEAR_EXACT", 1050, 0.75)]
    [InlineData(1000, 200, "SIGMOID", 1000, 0.5)]
    public void The_file_s_own_window_decides_where_there_is_one(double center, double width, string function, double value, double expected)
    {
        // The rescaling comes before the window.
        int[] stored = [.. Enumerable.Repeat(3000, 63), 1];
        float[] read = Read(Made(stored, bits: 16, window: (center, width), function: function, rescale: (value - 3000, 1)));
        Assert.Equal(expected, read[0], 1e-3);
    }

    [Fact]
    public void Several_windows_count_by_their_first_and_negative_values_are_negative()
    {
        int[] stored = [.. Enumerable.Range(0, 64).Select(i => (i - 32) * 10)];
        float[] read = Read(Made(stored, bits: 12, window: (0, 640), second: "\\500", signed: true));
        Assert.Equal(stored.Select(v => (float)Math.Clamp(((v + 0.5) / 639) + 0.5, 0, 1)), read, (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void Sequences_before_the_pixels_and_a_syntax_without_types_are_passed()
    {
        Assert.Equal(Stored.Select(v => v / 4095f), Read(Made(Stored, bits: 12, sequence: true)));
        Assert.Equal(Stored.Select(v => v / 4095f), Read(Made(Stored, bits: 12, sequence: true, withTypes: false)));
    }

    [Fact]
    public void Pixels_that_end_early_are_an_error_that_names_the_file()
    {
        Write(Made(Stored, bits: 12)[..^20]);
        Assert.Contains("is truncated: 8x8 pixels of 16 bits need 128 bytes, the file has 108", _folder.Problem(Source, "stage_2_train_images/a.dcm"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_packed_is_converted_through_the_same_window_with_all_of_its_bits()
    {
        var head = DicomFile.Read(Made(Stored, bits: 12, window: (2048, 4096)));
        Assert.Equal(["--quiet", "--use-window", "1", "--write-16-bit-png", "/a.dcm"], Dicom.Arguments(head, "/a.dcm"));
        Assert.Equal(["--quiet", "--write-png", "/a.dcm"], Dicom.Arguments(null, "/a.dcm"));
    }

    [Fact]
    public void DCMTK_makes_of_a_file_what_is_read_here()
    {
        string? converter = null;
        try
        {
            converter = Dicom.Converter("", Environment.GetEnvironmentVariable("PATH"));
        }
        catch (DataException)
        {
            Assert.Skip("DCMTK is not installed: expected dcm2img or dcmj2pnm on the PATH (Debian: apt-get install dcmtk).");
        }

        byte[] file = Made(Stored, bits: 12, window: (1500, 2000));
        string path = _folder.Bytes("stage_2_train_images/a.dcm", file);
        float[] here = Read(file);
        float[] there = PictureFile.Decode(path, Dicom.ToPng(converter, path, DicomFile.Read(file)), Source, new Reading()).Data;
        Assert.Equal(here, there, (a, b) => Math.Abs(a - b) < 2f / 4095);
    }

    private float[] Read(byte[] file)
    {
        Write(file);
        return _folder.Read(Source).Samples.Single().Inputs["image"].Data;
    }

    private void Write(byte[] file)
    {
        _folder.Text("stage_2_train_labels.csv", "patientId,x,y,width,height,Target", "a,,,,,0");
        _folder.Bytes("stage_2_train_images/a.dcm", file);
    }

    /// <summary>A square grey picture of 16 bits allocated, in the explicit or implicit little-endian syntax (PS3.5 annex A).</summary>
    private static byte[] Made(
        int[] pixels, int bits, string photometric = "MONOCHROME2", (double Center, double Width)? window = null, string second = "", string function = "",
        (double Intercept, double Slope)? rescale = null, bool signed = false, bool sequence = false, bool withTypes = true)
    {
        byte[] meta = Element(0x0002, 0x0010, "UI", Text(withTypes ? "1.2.840.10008.1.2.1" : "1.2.840.10008.1.2", '\0'), true);
        byte[] data = new byte[2 * pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(2 * i), (ushort)(pixels[i] & ((1 << bits) - 1)));
        int edge = (int)Math.Sqrt(pixels.Length);
        return
        [
            .. new byte[128], .. "DICM"u8, .. Element(0x0002, 0x0000, "UL", BitConverter.GetBytes(meta.Length), true), .. meta,
            .. sequence ? Sequence(withTypes) : [],
            .. Element(0x0028, 0x0002, "US", Short(1), withTypes), .. Element(0x0028, 0x0004, "CS", Text(photometric), withTypes),
            .. Element(0x0028, 0x0010, "US", Short(edge), withTypes), .. Element(0x0028, 0x0011, "US", Short(edge), withTypes),
            .. Element(0x0028, 0x0100, "US", Short(16), withTypes), .. Element(0x0028, 0x0101, "US", Short(bits), withTypes),
            .. Element(0x0028, 0x0102, "US", Short(bits - 1), withTypes), .. Element(0x0028, 0x0103, "US", Short(signed ? 1 : 0), withTypes),
            .. window is { } w ? (byte[])[.. Element(0x0028, 0x1050, "DS", Text(Number(w.Center) + second), withTypes),
                .. Element(0x0028, 0x1051, "DS", Text(Number(w.Width) + second), withTypes)] : [],
            .. rescale is { } r ? (byte[])[.. Element(0x0028, 0x1052, "DS", Text(Number(r.Intercept)), withTypes),
                .. Element(0x0028, 0x1053, "DS", Text(Number(r.Slope)), withTypes)] : [],
            .. function.Length > 0 ? Element(0x0028, 0x1056, "CS", Text(function), withTypes) : [],
            .. Element(0x7FE0, 0x0010, "OW", data, withTypes),
        ];
    }

    // A sequence and an item that end by delimiters, with a sequence of a told length inside.
    private static byte[] Sequence(bool withTypes) =>
    [
        .. Short(0x0008), .. Short(0x1140), .. withTypes ? (byte[])[(byte)'S', (byte)'Q', 0, 0] : [], 0xFF, 0xFF, 0xFF, 0xFF,
        .. Short(0xFFFE), .. Short(0xE000), 0xFF, 0xFF, 0xFF, 0xFF, .. Element(0x0028, 0x0010, "US", Short(99), withTypes),
        .. Short(0xFFFE), .. Short(0xE00D), 0, 0, 0, 0, .. Short(0xFFFE), .. Short(0xE0DD), 0, 0, 0, 0,
    ];

    private static byte[] Element(int group, int element, string type, byte[] value, bool withTypes) =>
    [
        .. Short(group), .. Short(element),
        .. !withTypes ? BitConverter.GetBytes(value.Length)
            : type is "OW" ? (byte[])[.. Encoding.ASCII.GetBytes(type), 0, 0, .. BitConverter.GetBytes(value.Length)]
            : [.. Encoding.ASCII.GetBytes(type), .. Short(value.Length)],
        .. value,
    ];

    private static byte[] Short(int value) => BitConverter.GetBytes((ushort)value);

    private static byte[] Text(string text, char filler = ' ') => Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + filler);

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
