using System.IO.Compression;
using System.Text;
using CsCheck;

namespace FedKim.Data.Tests;

public sealed class MedMnistTests : IDisposable
{
    private static readonly TaskSource Source = new() { Reader = "medmnist", Path = ".", File = "set.npz", ImageSize = 2 };

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Grey_pictures_keep_their_values_their_part_and_their_place()
    {
        Write(Grey(), labels: [0, 1, 1]);
        var samples = _folder.Read(Source).Samples;

        Assert.Equal(["test/000000", "train/000000", "val/000000"], samples.Select(s => s.Id));
        Assert.Equal(samples.Select(s => s.Id), samples.Select(s => s.Patient));
        Assert.Equal([1, 0, 1], samples.Select(s => s.Label));
        Assert.Equal([PublishedPart.Test, PublishedPart.Train, PublishedPart.Development], samples.Select(s => s.Part!.Value));
        var train = samples[1].Inputs["image"];
        Assert.Equal([1, 2, 2], train.Shape);
        Assert.Equal([0f, 10 / 255f, 20 / 255f, 1f], train.Data);
    }

    [Fact]
    public void Coloured_pictures_give_a_plane_a_colour()
    {
        Write(Names("images").ToDictionary(name => name, name => Npy("(1, 1, 2, 3)", [255, 0, 51, 0, 255, (byte)name.Length])), labels: [1, 1, 0]);
        var picture = _folder.Read(Source with { Parts = ["train"], ImageSize = 1 }).Samples.Single().Inputs["image"];

        Assert.Equal([3, 1, 1], picture.Shape);
        Assert.Equal([0.5f, 0.5f], picture.Data[..2], (a, b) => Math.Abs(a - b) < 0.01);
    }

    [Fact]
    public void Parts_choose_and_a_part_that_is_none_is_told_with_those_there_are()
    {
        Write(Grey(), labels: [1, 1, 1]);
        Assert.Equal(["test/000000", "val/000000"], _folder.Read(Source with { Parts = ["val", "test"] }).Samples.Select(s => s.Id));
        Assert.Equal("this set has no part 'valid'; its parts are train, val, test.", _folder.Problem(Source with { Parts = ["valid"] }, "."));
    }

    [Theory]
    [InlineData("label", new[] { 1, 0, 0 })]
    [InlineData("1", new[] { 1, 0, 0 })]
    [InlineData("4", new[] { 0, 1, 0 })]
    [InlineData("4,7", new[] { 0, 1, 1 })]
    [InlineData("0=4, 1", new[] { 1, 1, 0 })]
    public void A_label_names_the_classes_that_are_positive(string label, int[] expected)
    {
        Write(Grey(), labels: [1, 4, 7]);
        var labels = _folder.Read(Source with { Label = label }).Samples.ToDictionary(s => s.Id, s => s.Label);
        Assert.Equal(expected, ((string[])["train/000000", "val/000000", "test/000000"]).Select(id => labels[id]));
    }

    [Theory]
    [InlineData("pneumonia", "the label 'pneumonia' names no class")]
    [InlineData("9", "no picture has class 9; the classes are 1, 4, 7.")]
    [InlineData("1=1", "has 1 columns, counted from 0; the label names column 1.")]
    public void A_label_that_names_no_class_is_told_with_the_classes_there_are(string label, string problem)
    {
        Write(Grey(), labels: [1, 4, 7]);
        Assert.Contains(problem, _folder.Problem(Source with { Label = label }, "set.npz"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_of_several_labels_a_picture_wants_a_column()
    {
        var arrays = Grey();
        foreach (string name in Names("labels"))
            arrays[name] = Npy("(1, 3)", [0, 1, 0]);
        Write(arrays);
        Assert.Contains("has 3 columns; name one in the label, such as 0=1.", _folder.Problem(Source, "set.npz"), StringComparison.Ordinal);
        Assert.All(_folder.Read(Source with { Label = "1=1" }).Samples, s => Assert.Equal(1, s.Label));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Both_versions_of_the_header_are_read(int version)
    {
        var arrays = Grey();
        arrays["train_images"] = Npy("(1, 2, 2)", [1, 2, 3, 4], version: version);
        Write(arrays, labels: [1, 1, 1]);
        Assert.Equal([1 / 255f, 2 / 255f, 3 / 255f, 4 / 255f], _folder.Read(Source with { Parts = ["train"] }).Samples.Single().Inputs["image"].Data);
    }

    [Theory]
    [InlineData("(1, 2, 2)", "<f4", "False", 1, "holds values of type <f4; save it as unsigned bytes (|u1).")]
    [InlineData("(1, 2, 2)", "|u1", "True", 1, "is in Fortran order; save it in C order (numpy.ascontiguousarray).")]
    [InlineData("(1, 2, 2)", "|u1", "False", 3, "has format version 3.0; save it as version 1.0 or 2.0.")]
    [InlineData("(1, 2, 3)", "|u1", "False", 1, "has 4 values, its shape says 1×2×3; the file is corrupt.")]
    [InlineData("(1, 2, 2, 1)", "|u1", "False", 1, "is 1×2×2×1; expected pictures as n×height×width or n×height×width×3.")]
    [InlineData("(2, 2, 1)", "|u1", "False", 1, "has 2 pictures, but train_labels has 1 labels.")]
    [InlineData("'2'", "|u1", "False", 1, "has a header that names no type, order and shape.")]
    public void An_array_of_another_kind_is_refused_by_its_name_with_the_remedy(string shape, string type, string fortran, int version, string problem)
    {
        var arrays = Grey();
        arrays["train_images"] = Npy(shape, [1, 2, 3, 4], type, fortran, version);
        Write(arrays, labels: [1, 1, 1]);
        Assert.Equal($"array train_images.npy {problem}", _folder.Problem(Source, "set.npz"));
    }

    [Fact]
    public void A_missing_array_is_told_with_those_there_are()
    {
        var arrays = Grey();
        arrays.Remove("val_images");
        Write(arrays, labels: [1, 1, 1]);
        Assert.Contains("has no array 'val_images'; its arrays are train_images", _folder.Problem(Source, "set.npz"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_without_its_archive_s_name_is_told_so() =>
        Assert.Contains("names no file", _folder.Problem(Source with { File = "" }, "."), StringComparison.Ordinal);

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void An_archive_that_is_cut_off_anywhere_is_an_error_and_one_with_a_changed_value_too(CompressionLevel level)
    {
        Write(Grey(), labels: [1, 1, 1], level);
        string path = _folder.At("set.npz");
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length += 37)
        {
            File.WriteAllBytes(path, whole[..length]);
            _folder.Problem(Source, "set.npz");
        }

        if (level != CompressionLevel.NoCompression)
            return;
        int at = whole.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 10, 20, 255]);
        whole[at + 1] = 11;
        File.WriteAllBytes(path, whole);
        Assert.Contains("checksum", _folder.Problem(Source, "set.npz"), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_grey_picture_of_the_wanted_size_is_read_as_it_was_written() =>
        Gen.Byte.Array[64].Sample(pixels =>
        {
            Write(Names("images").ToDictionary(name => name, _ => Npy("(1, 8, 8)", pixels)), labels: [1, 1, 1]);
            var samples = _folder.Read(Source with { ImageSize = 8, Parts = ["val"] }).Samples;
            Assert.Equal(pixels.Select(p => p / 255f), samples.Single().Inputs["image"].Data);
        }, iter: 50, threads: 1);

    // The layout of pneumoniamnist.npz: six arrays, each a .npy file.
    private static IEnumerable<string> Names(string kind) => ((string[])["train", "val", "test"]).Select(part => $"{part}_{kind}");

    private static Dictionary<string, byte[]> Grey() =>
        Names("images").Select((name, i) => (name, i)).ToDictionary(x => x.name, x => Npy("(1, 2, 2)", [(byte)x.i, 10, 20, 255]));

    private static byte[] Npy(string shape, byte[] values, string type = "|u1", string fortran = "False", int version = 1)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': {fortran}, 'shape': {shape}, }}".PadRight(117) + "\n";
        byte[] length = new byte[version == 1 ? 2 : 4];
        length[0] = (byte)header.Length;
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. Encoding.Latin1.GetBytes(header), .. values];
    }

    private void Write(Dictionary<string, byte[]> arrays, byte[]? labels = null, CompressionLevel level = CompressionLevel.Fastest)
    {
        foreach (var (name, label) in Names("labels").Zip(labels ?? []))
            arrays[name] = Npy("(1, 1)", [label]);
        using var zip = new ZipArchive(File.Create(_folder.At("set.npz")), ZipArchiveMode.Create);
        foreach (var (name, bytes) in arrays)
        {
            using var entry = zip.CreateEntry(name + ".npy", level).Open();
            entry.Write(bytes);
        }
    }
}
