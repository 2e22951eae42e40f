using System.Collections.Immutable;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using CsCheck;
using FedKim.Rounds;

namespace FedKim.Data.Tests;

public sealed class PhysioNetTests : IDisposable
{
    private const string Header = "Time,Parameter,Value\n";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fedkim-physionet-");

    private static TaskSource Source { get; } = new()
    {
        Reader = "physionet2012",
        Path = "icu",
        Label = "In-hospital_death",
        Hours = 4,
        Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty
            .Add("lab", [new("pH", 7, 0.5) { Least = 6.5, Most = 8 }])
            .Add("vital", [new("Age", 50, 10), new("HR", 80, 20), new("NIDiasABP, DiasABP", 60, 10) { Name = "dbp" }]),
    };

    private static readonly string[] Measured = ["Age", "HR", "DiasABP", "NIDiasABP", "pH", "Urine"];

    // Lines of a stay's file from the first to the last of these minutes.
    private static Gen<string> Lines(int first, int last) => Gen.Select(Gen.Int[first, last], Gen.Int[0, Measured.Length - 1], Gen.Int[1, 200])
        .Select((minute, parameter, value) => string.Create(CultureInfo.InvariantCulture, $"{minute / 60:00}:{minute % 60:00},{Measured[parameter]},{value}\n")).Array[1, 30]
        .Select(lines => string.Concat(lines));

    private string Folder => Path.Combine(_root.FullName, "icu");

    public void Dispose() => _root.Delete(recursive: true);

    [Theory]
    [InlineData("", true)]
    [InlineData("\uFEFF", true)]
    [InlineData("\uFEFF", false)]
    public void A_byte_order_mark_is_no_part_of_the_header(string mark, bool stay)
    {
        Write((1, 0, "00:10,HR,70\n"));
        string file = stay ? Path.Combine(Folder, "set-a", "1.txt") : Path.Combine(Folder, "Outcomes-a.txt");
        File.WriteAllText(file, mark + File.ReadAllText(file));
        Assert.Equal("1", Read().Single().Id);
    }

    [Fact]
    public void A_stay_in_another_encoding_and_an_hour_that_no_stay_has_are_errors_with_their_line()
    {
        Write((1, 0, "00:10,HR,70\n1000:10,HR,70\n"));
        string file = Path.Combine(Folder, "set-a", "1.txt");
        Assert.StartsWith("line 4, field Time: hour 1000 lies far beyond a stay", Assert.Throws<DataException>(() => Read()).Problem, StringComparison.Ordinal);
        File.WriteAllBytes(file, [.. "Time,Parameter,Value\n00:00,RecordID,1\n00:10,HR,7"u8, 0xE9, .. "\n"u8]);
        Assert.Equal("line 3 is no valid UTF-8; save the file as UTF-8.", Assert.Throws<DataException>(() => Read()).Problem);
    }

    [Fact]
    public void Values_of_an_hour_are_averaged_and_standardised()
    {
        Write((1, 0, "00:10,HR,70\n00:50,HR,110\n03:59,HR,60\n04:00,HR,300\n"));
        var vital = Read().Single().Inputs["vital"];
        Assert.Equal([4, 3], vital.Shape);
        Assert.Equal([0.5f, 0, 0, -1f], Column(vital, 1).Values);
        Assert.Equal([true, false, false, true], Column(vital, 1).Measured);
    }

    [Fact]
    public void The_mean_of_an_hour_does_not_depend_on_the_order_of_its_lines() =>
        Gen.Select(Gen.Int[0, 239].Array[1, 40], Gen.Int[30, 200].Array[40]).Sample((minutes, rates) =>
        {
            string[] lines = [.. minutes.Select((m, i) => string.Create(CultureInfo.InvariantCulture, $"{m / 60:00}:{m % 60:00},HR,{rates[i]}\n"))];
            var expected = minutes.Select((m, i) => (Hour: m / 60, Rate: rates[i])).GroupBy(x => x.Hour).ToDictionary(g => g.Key, g => (g.Average(x => x.Rate) - 80) / 20);
            Write((1, 0, string.Concat(lines)), (2, 1, string.Concat(lines.Reverse())));
            Assert.All(Read(), sample =>
            {
                var (values, measured) = Column(sample.Inputs["vital"], 1);
                for (int hour = 0; hour < 4; hour++)
                {
                    Assert.Equal(expected.ContainsKey(hour), measured[hour]);
                    Assert.Equal(expected.GetValueOrDefault(hour), values[hour], 1e-4);
                }
            });
        }, iter: 50, threads: 1);

    [Fact]
    public void What_comes_after_the_hours_that_are_read_changes_nothing() =>
        Gen.Select(Lines(0, 239), Lines(240, 2879), Gen.Int[0, 1]).Sample((read, later, label) =>
        {
            Write((1, label, read), (2, 1 - label, "00:10,HR,70\n"));
            var before = Read();
            Write((1, label, read + later), (2, 1 - label, later + "00:10,HR,70\n"));
            Assert.All(before.Zip(Read()), pair =>
            {
                Assert.Equal((pair.First.Id, pair.First.Label), (pair.Second.Id, pair.Second.Label));
                Assert.Equal(pair.First.Inputs.Values.SelectMany(v => v.Data), pair.Second.Inputs.Values.SelectMany(v => v.Data));
                Assert.Equal(pair.First.Inputs.Values.SelectMany(v => v.Mask!), pair.Second.Inputs.Values.SelectMany(v => v.Mask!));
            });
        }, iter: 50, threads: 1);

    [Fact]
    public void What_is_told_at_the_start_holds_for_every_hour_and_minus_one_says_nothing()
    {
        Write((1, 0, "00:00,Age,70\n01:00,HR,-1\n"), (2, 0, "00:00,Age,-1\n"));
        var samples = Read();
        Assert.Equal([2f, 2f, 2f, 2f], Column(samples[0].Inputs["vital"], 0).Values);
        Assert.DoesNotContain(true, Column(samples[0].Inputs["vital"], 1).Measured);
        Assert.DoesNotContain(true, samples[1].Inputs["vital"].Mask!);
    }

    [Fact]
    public void Of_two_columns_the_first_with_a_value_in_the_hour_counts()
    {
        Write((1, 0, "00:00,DiasABP,80\n00:01,NIDiasABP,70\n01:00,DiasABP,50\n"));
        Assert.Equal([1f, -1f, 0, 0], Column(Read().Single().Inputs["vital"], 2).Values);
    }

    [Fact]
    public void A_slip_is_left_out_before_it_spoils_its_hour()
    {
        Write((1, 0, "00:00,pH,735\n00:01,pH,7.5\n01:00,pH,1\n"));
        var lab = Read().Single().Inputs["lab"];
        Assert.Equal([1f, 0, 0, 0], lab.Data);
        Assert.Equal([true, false, false, false], lab.Mask!);
    }

    [Fact]
    public void An_archive_and_a_folder_of_the_same_files_say_the_same()
    {
        (int, int, string)[] stays = [(1, 0, "00:00,HR,70\n"), (2, 1, "02:00,HR,90\n"), (3, 1, "")];
        Write(stays);
        var fromFolder = Read();
        Pack();
        var fromArchive = Read();
        Assert.Equal(["1", "2", "3"], fromArchive.Select(s => s.Id));
        Assert.Equal([0, 1, 1], fromArchive.Select(s => s.Label));
        Assert.Equal(fromFolder.SelectMany(s => s.Inputs["vital"].Data), fromArchive.SelectMany(s => s.Inputs["vital"].Data));
        Assert.All(fromArchive, s => Assert.Equal(s.Id, s.Patient));
    }

    [Fact]
    public void A_stay_without_an_outcome_and_one_whose_outcome_is_not_known_are_no_samples()
    {
        Write((1, 0, ""), (2, -1, ""), (3, 1, ""));
        File.WriteAllText(Path.Combine(Folder, "set-a", "4.txt"), "not even read");
        Assert.Equal(["1", "3"], Read().Select(s => s.Id));
    }

    [Theory]
    [InlineData("07:61,HR,70\n", "line 3, field Time")]
    [InlineData("HR,70\n", "line 3: expected three fields")]
    [InlineData("00:00,HR,secret\n", "line 3, field Value: is no number")]
    [InlineData("00:00,HR,NaN\n", "line 3, field Value: is no number")]
    [InlineData("00:00,Secret,70\n", "line 3, field Parameter: the data set knows no such variable")]
    [InlineData("00:00,RecordID,9\n", "line 3: is another stay's")]
    [InlineData("00:00,HR,7", "ends within a line")]
    public void A_line_that_cannot_be_read_is_an_error_with_file_line_and_field_and_without_its_content(string line, string problem)
    {
        Write((1, 0, line));
        var error = Assert.Throws<DataException>(() => Read());
        Assert.Equal(Path.Combine(Folder, "set-a", "1.txt"), error.File);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_file_that_is_none_of_the_set_s_is_an_error_that_names_it()
    {
        Write((1, 0, ""));
        File.WriteAllText(Path.Combine(Folder, "set-a", "1.txt"), "id,value\n");
        Assert.Contains("line 1: expected the header", Assert.Throws<DataException>(() => Read()).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Folder, "set-a", "1.txt"), Header);
        Assert.Contains("no line with its RecordID", Assert.Throws<DataException>(() => Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stay_without_its_file_is_an_error_with_the_line_that_lists_it()
    {
        Write((1, 0, ""), (2, 0, ""));
        File.Delete(Path.Combine(Folder, "set-a", "2.txt"));
        var error = Assert.Throws<DataException>(() => Read());
        Assert.EndsWith("Outcomes-a.txt", error.File, StringComparison.Ordinal);
        Assert.Contains("line 3, column 'RecordID'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_or_changed_archive_is_an_error_that_names_it()
    {
        // Numbers that do not repeat, so that the archive is long enough to be cut and changed in many places.
        var random = SeededGenerator.Derive(5, "heart rates");
        Write([.. Enumerable.Range(1, 20).Select(i => (i, 0, string.Concat(Enumerable.Range(0, 60).Select(m => $"00:{m:00},HR,{30 + random.NextInt(170)}\n"))))]);
        Pack();
        string archive = Path.Combine(Folder, "set-a.tar.gz");
        byte[] whole = File.ReadAllBytes(archive);
        for (int length = 0; length < whole.Length - 1; length += whole.Length / 9)
        {
            File.WriteAllBytes(archive, whole[..length]);
            Assert.StartsWith(Folder, Assert.Throws<DataException>(() => Read()).File, StringComparison.Ordinal);
        }

        for (int at = 0; at < whole.Length; at += whole.Length / 25)
        {
            // The header's time and system say nothing about the content.
            if (at is >= 4 and < 10)
                continue;
            byte[] bad = [.. whole];
            bad[at] ^= 0x10;
            File.WriteAllBytes(archive, bad);
            Assert.Throws<DataException>(() => Read());
        }
    }

    [Fact]
    public void A_variable_that_the_set_does_not_have_is_an_error_that_names_it_and_those_there_are()
    {
        Write((1, 0, ""));
        var error = Assert.Throws<DataException>(() => DataSet.Read(
            Source with { Variables = Source.Variables.SetItem("vital", [new("Pulse", 80, 20)]) }, _root.FullName));
        Assert.Contains("no variable 'Pulse'; it has ALP, ALT,", error.Message, StringComparison.Ordinal);
    }

    private ImmutableArray<Sample> Read() => DataSet.Read(Source, _root.FullName)!.Samples;

    private static (float[] Values, bool[] Measured) Column(Values values, int variable)
    {
        int[] places = [.. Enumerable.Range(0, values.Shape[0]).Select(hour => (hour * values.Shape[1]) + variable)];
        return ([.. places.Select(at => values.Data[at])], [.. places.Select(at => values.Mask![at])]);
    }

    private void Write(params (int Id, int Died, string Lines)[] stays)
    {
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Path.Combine(Folder, "set-a"));
        File.WriteAllText(Path.Combine(Folder, "Outcomes-a.txt"),
            "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death\n" + string.Concat(stays.Select(s => $"{s.Id},6,1,5,-1,{s.Died}\n")));
        foreach (var (id, _, lines) in stays)
            File.WriteAllText(Path.Combine(Folder, "set-a", $"{id}.txt"), $"{Header}00:00,RecordID,{id}\n{lines}");
    }

    private void Pack()
    {
        string set = Path.Combine(Folder, "set-a");
        using (var file = File.Create(set + ".tar.gz"))
        using (var packed = new GZipStream(file, CompressionLevel.Optimal))
            TarFile.CreateFromDirectory(set, packed, includeBaseDirectory: true);
        Directory.Delete(set, recursive: true);
    }
}
