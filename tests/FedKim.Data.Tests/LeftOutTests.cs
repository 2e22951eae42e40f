using CsCheck;

namespace FedKim.Data.Tests;

public sealed class LeftOutTests : IDisposable
{
    private static readonly TaskSource Pictures = new() { Reader = "image-folder", Path = ".", ImageSize = 8, OnBadSample = BadSample.Skip };

    private static readonly string[] Kinds = ["good", "truncated", "text", "missing", "mislabelled"];

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Exactly_the_bad_pictures_are_left_out_and_reported() =>
        Gen.Int[0, Kinds.Length - 1].Select(kind => Kinds[kind]).Array[1, 8].Sample(kinds =>
        {
            List<string> lines = ["file,patient,label"];
            for (int i = 0; i < kinds.Length; i++)
            {
                string path = _folder.Picture($"{i}.png", i);
                lines.Add($"{i}.png,{i},{(kinds[i] == "mislabelled" ? "maybe" : "1")}");
                if (kinds[i] == "truncated")
                    File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);
                if (kinds[i] == "text")
                    File.WriteAllText(path, "no picture");
                if (kinds[i] == "missing")
                    File.Delete(path);
            }

            string list = _folder.Text("labels.csv", [.. lines]);
            var bad = kinds.Select((kind, i) => (kind, i)).Where(x => x.kind != "good").ToList();
            if (bad.Count == kinds.Length)
            {
                Assert.Contains("every sample had to be left out; the first: ", _folder.Problem(Pictures, "."), StringComparison.Ordinal);
                return;
            }

            var read = _folder.Read(Pictures);
            Assert.Equal(kinds.Select((kind, i) => (kind, i)).Where(x => x.kind == "good").Select(x => $"{x.i}.png"), read.Samples.Select(s => s.Id));
            Assert.Equal(bad.Select(x => Path.GetFullPath(x.kind is "missing" or "mislabelled" ? list : _folder.At($"{x.i}.png"))), read.LeftOut.Select(left => Path.GetFullPath(left.File)));
            if (bad.Count == 0)
                return;
            var refused = Assert.Throws<DataException>(() => _folder.Read(Pictures with { OnBadSample = BadSample.Refuse }));
            Assert.Equal((read.LeftOut[0].File, read.LeftOut[0].Reason), (refused.File, refused.Problem));
        }, iter: 60, threads: 1);

    [Fact]
    public void Of_1910_studies_exactly_the_48_that_cannot_be_read_are_left_out_and_listed()
    {
        const int studies = 1910, unreadable = 48;
        for (int i = 0; i < studies; i++)
        {
            string path = _folder.Picture($"{i}.png", i);
            if (i % (studies / unreadable) == 0 && i / (studies / unreadable) < unreadable)
                File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);
        }

        _folder.Text("labels.csv", ["file,patient,label", .. Enumerable.Range(0, studies).Select(i => $"{i}.png,{i},{i % 2}")]);

        var read = _folder.Read(Pictures);

        Assert.Equal(studies - unreadable, read.Samples.Length);
        Assert.Equal(Enumerable.Range(0, unreadable).Select(i => $"{i * (studies / unreadable)}.png"), read.LeftOut.Select(left => Path.GetFileName(left.File)));
        Assert.All(read.LeftOut, left => Assert.NotEmpty(left.Reason));
    }

    [Fact]
    public void A_bad_record_is_left_out_and_its_file_reported()
    {
        using var demo = new SmallDemonstration();
        var source = Demo.DemoData.Sources["ecg-abnormal"] with { OnBadSample = BadSample.Skip };
        int all = DataSet.Read(source, demo.Site)!.Samples.Length;
        string file = demo.File("ecg", ".dat");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^24]);
        var read = DataSet.Read(source, demo.Site)!;
        Assert.Equal(all - 1, read.Samples.Length);
        Assert.Equal(file, read.LeftOut.Single().File);
    }

    [Fact]
    public void A_fault_that_is_no_single_sample_s_is_an_error_all_the_same()
    {
        _folder.Text("labels.csv", "file,patient,finding", "1.png,1,1");
        Assert.Contains("has no column 'label'", _folder.Problem(Pictures, "labels.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_of_two_patients_is_a_fault_and_one_patient_s_repeat_is_none()
    {
        _folder.Picture("1.png", 1);
        File.Copy(_folder.At("1.png"), _folder.At("2.png"));
        File.Copy(_folder.At("1.png"), _folder.At("3.png"));
        _folder.Picture("4.png", 4);
        _folder.Text("labels.csv", "file,patient,label", "1.png,a,1", "2.png,a,1", "3.png,b,1", "4.png,b,0");

        const string Problem = "sample '3.png' shows the same picture as '1.png' of another patient; keep one of them.";
        Assert.Equal(Problem, _folder.Problem(Pictures with { OnBadSample = BadSample.Refuse }, "."));
        var read = _folder.Read(Pictures);
        Assert.Equal(["1.png", "2.png", "4.png"], read.Samples.Select(s => s.Id));
        Assert.Equal(Problem, read.LeftOut.Single().Reason);
    }

    [Fact]
    public void A_sample_that_is_listed_twice_is_read_once()
    {
        _folder.Picture("1.png", 1);
        _folder.Text("labels.csv", "file,patient,label", "1.png,a,1", "1.png,a,0");
        Assert.Equal("sample '1.png' is listed twice; keep one of them.", _folder.Problem(Pictures with { OnBadSample = BadSample.Refuse }, "."));
        var read = _folder.Read(Pictures);
        Assert.Equal((1, 1), (read.Samples.Single().Label, read.LeftOut.Length));
    }

    [Theory]
    [InlineData("../outside.png")]
    [InlineData("/etc/hostname")]
    public void A_listed_file_outside_the_folder_is_not_opened(string name)
    {
        _folder.Text("set/labels.csv", "file,patient,label", $"{name},a,1");
        _folder.Picture("outside.png", 1);
        Assert.Contains("line 2, column 'file': the file does not lie below",
            _folder.Problem(Pictures with { Path = "set", OnBadSample = BadSample.Refuse }, "set/labels.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_federation_s_file_names_outside_the_data_folder_is_not_opened()
    {
        _folder.Text("labels.csv", "secret");
        _folder.Text("set/labels.csv", "file,patient,label", "1.png,a,1");
        foreach (var source in new[] { Pictures with { Path = "set", Csv = "../labels.csv" }, Pictures with { Path = "set", Images = "../pictures" } })
        {
            string told = Assert.Throws<DataException>(() => _folder.Read(source)).Message;
            Assert.Contains("leads out of the data folder", told, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", told, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_reader_that_is_listed_is_known_and_no_other()
    {
        Assert.All(DataSet.Readers.All.Where(reader => reader.GetType().Assembly == typeof(DataSet).Assembly).Select(reader => reader.Name), reader =>
        {
            var error = Record.Exception(() => DataSet.Read(new TaskSource { Reader = reader, Path = "." }, _folder.Path));
            Assert.DoesNotContain("unknown reader", Assert.IsType<DataException>(error).Message, StringComparison.Ordinal);
        });
        Assert.Contains("unknown reader 'dicom'; there are chexpert, covid-radiography,",
            _folder.Problem(new TaskSource { Reader = "dicom", Path = "." }, "."), StringComparison.Ordinal);
    }

    [Fact]
    public void Patients_who_are_not_wanted_are_not_even_opened()
    {
        _folder.Picture("1.png", 1);
        _folder.Text("labels.csv", "file,patient,label", "1.png,a,1", "missing.png,b,1");
        var samples = new Images.ImageFolder().Read(new DataPlace(Pictures, _folder.Path, patient => patient == "a", new Reading())).Select(read => read()).ToList();
        Assert.Equal(["1.png", null], samples.Select(s => s?.Id));
    }
}
