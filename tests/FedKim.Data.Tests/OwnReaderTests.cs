using OwnPackage;

namespace FedKim.Data.Tests;

/// <summary>Readers that no part of FedKim knows: the sample's, and one that breaks.</summary>
public sealed class OwnReaderTests : IDisposable
{
    private static readonly TaskSource Pictures = new() { Reader = "pgm-folder", Path = ".", ImageSize = 2 };

    private readonly MadeFolder _folder = new();

    static OwnReaderTests()
    {
        DataSet.Readers.Add(new PgmFolder());
        DataSet.Readers.Add(new Breaks());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_a_package_reads_is_a_data_set_as_any_other()
    {
        _folder.Text("b_0_1.pgm", "P2 2 2 255", "0 51 102 255");
        _folder.Text("a_1_1.pgm", "P2 2 2 255", "255 0 0 0");

        var set = _folder.Read(Pictures);

        Assert.Equal([("a_1_1", "a", 1), ("b_0_1", "b", 0)], set.Samples.Select(s => (s.Id, s.Patient, s.Label)));
        Assert.Equal([0f, 0.2f, 0.4f, 1f], set.Samples[1].Inputs["image"].Data);
        Assert.Equal((Modality.Image, false), (Pictures.Modality, Pictures.AsksEach));
    }

    [Fact]
    public void A_bad_sample_of_its_own_is_left_out_where_the_source_says_so()
    {
        _folder.Text("a_1_1.pgm", "P2 2 2 255", "255 0 0 0");
        _folder.Text("b_0_1.pgm", "P2 3 1 255", "0 0 0");

        Assert.Contains("expected a plain PGM picture of 2 × 2 pixels", _folder.Problem(Pictures, "b_0_1.pgm"), StringComparison.Ordinal);
        Assert.Equal(["a_1_1"], _folder.Read(Pictures with { OnBadSample = BadSample.Skip }).Samples.Select(s => s.Id));
    }

    [Fact]
    public void One_that_breaks_is_named_and_says_nothing_of_the_data()
    {
        _folder.Text("some.txt", "secret");
        string told = Assert.Throws<DataException>(() => _folder.Read(new TaskSource { Reader = "breaks", Path = "." })).Message;
        Assert.Contains("the reader breaks ended with FormatException", told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_the_data_name_lies_below_their_folder()
    {
        _folder.Text("in.txt", "x");
        var place = new DataPlace(Pictures, _folder.Path, _ => true, new Reading());
        Assert.Equal(Path.Combine(_folder.Path, "in.txt"), place.File("in.txt"));
        Assert.Contains("does not lie below", Assert.Throws<DataException>(() => place.File("../out.txt")).Problem, StringComparison.Ordinal);
    }

    private sealed class Breaks : IReader
    {
        public string Name => "breaks";

        public Modality Modality => Modality.Image;

        public IEnumerable<ListedSample> Read(DataPlace place) => throw new FormatException("secret");
    }
}
