using System.Collections.Immutable;
using FedKim.Data.Clinical;
using FedKim.Data.Demo;

namespace FedKim.Data.Tests;

/// <summary>The groups of samples, by a column of the data.</summary>
public sealed class GroupTests : IDisposable
{
    private static readonly TaskSource Pictures = new() { Reader = "image-folder", Path = ".", ImageSize = 8, GroupColumn = "sex" };

    private static readonly TaskSource Ages = Pictures with { GroupColumn = "age", GroupCuts = [40, 65] };

    private readonly MadeFolder _folder = new();

    static GroupTests() => DataSet.Readers.Add(new Ungrouped());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_cell_of_the_list_names_the_group_and_an_empty_one_is_unknown()
    {
        List("sex", "F", " M ", "");
        Assert.Equal(["F", "M", "unknown"], Groups(Pictures));
        Assert.All(_folder.Read(Pictures.WithoutGroups()).Samples, sample => Assert.Null(sample.Group));
    }

    [Theory]
    [InlineData("39.9", "below 40")]
    [InlineData("40", "40 to 64")]
    [InlineData("64.9", "40 to 64")]
    [InlineData("65", "65 or more")]
    [InlineData("-1e3", "below 40")]
    [InlineData("", "unknown")]
    [InlineData("1.9", "1 to below 2.5", 1, 2.5)]
    [InlineData("2", "2", 2, 3)]
    public void A_column_of_numbers_is_cut(string cell, string group, double first = 40, double second = 65)
    {
        List("age", cell);
        Assert.Equal([group], Groups(Ages with { GroupCuts = [first, second] }));
    }

    [Theory]
    [InlineData("seventy", "is no number, which group-cuts could cut.")]
    [InlineData("NaN", "is no number, which group-cuts could cut.")]
    public void A_cell_that_cannot_be_cut_is_told_with_its_place_and_not_its_content(string cell, string problem)
    {
        List("age", "50", cell);
        Assert.Equal($"line 3, column 'age': {problem}", _folder.Problem(Ages, "labels.csv"));
    }

    [Theory]
    [InlineData("secret\u001b[2J", "has a control character, which a group's name must not have.")]
    [InlineData("secret\u202e", "has a control character, which a group's name must not have.")]
    [InlineData("secret of more than forty characters in a row", "has 45 characters; a group's name has at most 40.")]
    public void A_name_that_would_spoil_a_table_is_refused_and_not_repeated(string cell, string problem)
    {
        List("sex", "F", cell);
        Assert.Equal($"line 3, column 'sex': {problem}", _folder.Problem(Pictures, "labels.csv"));
        Assert.Equal(["F"], Groups(Pictures with { OnBadSample = BadSample.Skip }));
    }

    [Fact]
    public void A_column_of_too_many_groups_is_refused_and_one_of_twelve_is_not()
    {
        List("sex", [.. Enumerable.Range(0, 12).Select(i => $"{i}")]);
        Assert.Equal(12, Groups(Pictures).Distinct().Count());
        List("sex", [.. Enumerable.Range(0, 13).Select(i => $"{i}")]);
        Assert.Equal(
            "column 'sex' makes 13 groups, more than the 12 that a table tells apart: cut its numbers by group-cuts, or name another column.", _folder.Problem(Pictures, "."));
    }

    [Fact]
    public void A_column_that_is_not_there_is_told_with_those_that_are()
    {
        List("age", "1");
        Assert.Equal("has no column 'sex'; its columns are file, patient, label, age.", _folder.Problem(Pictures, "labels.csv"));
    }

    [Fact]
    public void CheXpert_s_lists_have_groups()
    {
        const string Name = "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg";
        const string Header = "Path,Sex,Age,Frontal/Lateral,Cardiomegaly";
        _folder.Text("CheXpert-v1.0-small/train.csv", Header, $"{Name},Female,68,Frontal,1.0");
        _folder.Text("CheXpert-v1.0-small/valid.csv", Header);
        _folder.Picture(Name, 1);
        var source = new TaskSource { Reader = "chexpert", Path = "CheXpert-v1.0-small", Label = "Cardiomegaly", ImageSize = 8, GroupColumn = "Sex" };
        Assert.Equal(["Female"], Groups(source));
        Assert.Equal(["65 or more"], Groups(source with { GroupColumn = "Age", GroupCuts = [40, 65] }));
    }

    [Fact]
    public void PTB_XL_s_records_have_groups()
    {
        using var demo = new SmallDemonstration();
        var source = DemoData.Sources["ecg-abnormal"] with { GroupColumn = "sex" };
        string[][] lines = [.. File.ReadAllLines(Path.Combine(demo.Site, "ecg", "ptbxl_database.csv")).Select(line => line.Split(','))];
        var samples = DataSet.Read(source, demo.Site)!.Samples;
        int sex = Array.IndexOf(lines[0], "sex");
        Assert.Equal(["0", "1"], samples.Select(s => s.Group!).Distinct().Order());
        Assert.Equal(lines[1..].Count(line => line[sex] == "1"), samples.Count(s => s.Group == "1"));
    }

    [Fact]
    public void A_stay_s_descriptor_makes_its_group_whether_or_not_the_task_reads_it()
    {
        _folder.Text("Outcomes-a.txt", "RecordID,In-hospital_death", "1,0", "2,1", "3,1");
        _folder.Text("set-a/1.txt", "Time,Parameter,Value", "00:00,RecordID,1", "00:00,Gender,1", "00:00,Age,70");
        _folder.Text("set-a/2.txt", "Time,Parameter,Value", "00:00,RecordID,2", "00:00,Gender,-1", "00:00,Age,30");
        _folder.Text("set-a/3.txt", "Time,Parameter,Value", "00:00,RecordID,3");
        var source = Vital(new TaskSource { Reader = "physionet2012", Path = ".", Label = "In-hospital_death", GroupColumn = "Gender" }, "HR");
        Assert.Equal(["1", "unknown", "unknown"], Groups(source));
        Assert.Equal(["65 or more", "below 40", "unknown"], Groups(source with { GroupColumn = "Age", GroupCuts = [40, 65] }));
        Assert.Empty(source.Problems());
        Assert.Equal(("group-column", "is \"HR\", which this set does not tell once of a stay; it tells Age, Gender, Height, ICUType. Name one of these."),
            (source with { GroupColumn = "HR" }).Problems().Single());
        _folder.Text("set-a/1.txt", "Time,Parameter,Value", "00:00,RecordID,1", "00:00,Gender,sec\u0007ret");
        Assert.Equal("line 3, field Value: has a control character, which a group's name must not have.", _folder.Problem(source, "set-a/1.txt"));
    }

    [Fact]
    public void A_stay_s_group_stands_in_the_table_of_stays_as_a_text_or_a_number()
    {
        ParquetTable.Write(_folder.At("sta.parquet"), ("stay_id", new[] { 1, 2, 3 }), ("sex", new string?[] { "Female", "Male", null }), ("age", new double?[] { 30, 70.5, null }));
        ParquetTable.Write(_folder.At("outc.parquet"), ("stay_id", new[] { 1, 2, 3 }), ("label", new[] { 1, 0, 0 }));
        ParquetTable.Write(_folder.At("dyn.parquet"), ("stay_id", new[] { 1, 2, 3 }), ("time", new[] { 0L, 0L, 0L }), ("hr", new double?[] { 90, 70, 70 }));
        var source = Vital(new TaskSource { Reader = "yaib", Path = ".", GroupColumn = "sex" }, "hr");
        Assert.Equal(["Female", "Male", "unknown"], Groups(source));
        Assert.Equal(["30", "70.5", "unknown"], Groups(source with { GroupColumn = "age" }));
        Assert.Equal(["below 40", "65 or more", "unknown"], Groups(source with { GroupColumn = "age", GroupCuts = [40, 65] }));
        Assert.Equal("column 'sex', row 0: is no number, which group-cuts could cut.", _folder.Problem(source with { GroupCuts = [1] }, "sta.parquet"));
        Assert.Equal("has no column 'weight'; its columns are stay_id, sex, age.", _folder.Problem(source with { GroupColumn = "weight" }, "sta.parquet"));
    }

    [Fact]
    public void A_reader_that_gives_no_groups_says_so()
    {
        var source = new TaskSource { Reader = "ungrouped", Path = ".", GroupColumn = "sex" };
        Assert.Equal("the reader ungrouped says of no column to which group a sample belongs; take group-column out of the task's source.", _folder.Problem(source, "."));
        var place = new DataPlace(source, _folder.Path, _ => true, new Reading());
        Assert.Equal("F", place.Group("F ", problem => new DataException("a", problem)));
        Assert.Null((place with { Source = source.WithoutGroups() }).Group("F", problem => new DataException("a", problem)));
    }

    [Fact]
    public void A_hospital_is_looked_at_without_groups_and_the_server_with_them()
    {
        using var demo = new SmallDemonstration();
        DataTask[] tasks = [new("pneumonia", DemoData.Sources["pneumonia"] with { GroupColumn = "sex" }, ZeroShot: false)];
        Drop(demo.File("xray", "labels.csv"));
        Assert.Empty(Inspection.Of(demo.Folder, tasks).Problems);
        Drop(Path.Combine(demo.Folder, "server", "test", "xray", "labels.csv"));
        Assert.StartsWith("has no column 'sex'", Assert.Throws<DataException>(() => Inspection.Of(demo.Folder, tasks)).Problem, StringComparison.Ordinal);

        static void Drop(string list) => File.WriteAllText(list, File.ReadAllText(list).Replace(",sex,", ",x,", StringComparison.Ordinal));
    }

    [Fact]
    public void Real_sets_have_groups()
    {
        var rays = DataSet.Read(new TaskSource
        {
            Reader = "image-folder",
            Path = ".",
            Images = "png64",
            FileColumn = "image",
            Label = "Effusion",
            ImageSize = 8,
            GroupColumn = "sex",
        }, RealData.Folder("nih-cxr14-mini"))!.Samples;
        Assert.Equal(["F", "M"], rays.Select(s => s.Group!).Distinct().Order(StringComparer.Ordinal));
        var records = DataSet.Read(new TaskSource { Reader = "ptbxl", Path = ".", Label = "abnormal", Downsample = 4, GroupColumn = "sex" }, RealData.Folder("ptbxl"))!.Samples;
        Assert.Equal(["0", "1"], records.Select(s => s.Group!).Distinct().Order(StringComparer.Ordinal));
        var stays = DataSet.Read(
            Vital(new TaskSource { Reader = "yaib", Path = "mortality24/eicu_demo", GroupColumn = "sex" }, "hr"), RealData.Folder("yaib-demo"))!.Samples;
        Assert.InRange(stays.Select(s => s.Group).Distinct().Count(), 2, 4);
    }

    private sealed class Ungrouped : IReader
    {
        public string Name => "ungrouped";

        public Modality Modality => Modality.Image;

        public IEnumerable<ListedSample> Read(DataPlace place) => [() => new Sample("a", "a", ImmutableSortedDictionary<string, Values>.Empty, 1)];
    }

    private static TaskSource Vital(TaskSource source, string column) =>
        source with { Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty.Add("vital", [new(column, 80, 20)]) };

    private IEnumerable<string?> Groups(TaskSource source) => _folder.Read(source).Samples.Select(sample => sample.Group);

    private void List(string column, params string[] cells)
    {
        for (int i = 0; i < cells.Length; i++)
            _folder.Picture($"{i:00}.png", i);
        _folder.Text("labels.csv", [$"file,patient,label,{column}", .. cells.Select((cell, i) => $"{i:00}.png,p{i},{i % 2},{cell}")]);
    }
}
