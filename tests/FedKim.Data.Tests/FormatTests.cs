using System.Collections.Immutable;
using System.Globalization;
using CsCheck;
using FedKim.Data.Clinical;
using FedKim.Data.Demo;
using FedKim.Data.Files;
using FedKim.Data.Signals;
using SkiaSharp;

namespace FedKim.Data.Tests;

public sealed class FormatTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-format-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_record_is_read_as_it_was_written() =>
        Gen.Short[-30_000, 30_000].Array[24, 120].Sample(numbers =>
        {
            short[] samples = numbers[..(numbers.Length / 12 * 12)];
            string path = Path.Combine(_folder.FullName, "00001_lr");
            WfdbRecord.Write(path, 100, samples);
            var (header, values) = WfdbRecord.Read(path, 1);
            Assert.Equal(samples.Length / 12, header.Length);
            for (int i = 0; i < samples.Length; i++)
                Assert.Equal(samples[i] / 1000f, values[(i % 12 * header.Length) + (i / 12)], 1e-4f);
        }, iter: 50, threads: 1);

    // WFDB's own rules: https://physionet.org/physiotools/wag/header-5.htm
    [Fact]
    public void A_generated_record_follows_the_published_header_format()
    {
        using var demo = new SmallDemonstration();
        string header = demo.File("ecg", ".hea");
        string[][] lines = [.. File.ReadAllLines(header).Select(line => line.Split(' '))];
        string record = Path.GetFileNameWithoutExtension(header);
        Assert.Equal([record, "12", "100", "1000"], lines[0]);
        Assert.Equal(13, lines.Length);
        byte[] data = File.ReadAllBytes(Path.ChangeExtension(header, ".dat"));
        Assert.Equal(2 * 12 * 1000, data.Length);
        for (int lead = 0; lead < 12; lead++)
        {
            short[] samples = [.. Enumerable.Range(0, 1000).Select(i => BitConverter.ToInt16(data, 2 * ((i * 12) + lead)))];
            string first = samples[0].ToString(CultureInfo.InvariantCulture);
            string checksum = (samples.Sum(s => s) & 0xFFFF).ToString(CultureInfo.InvariantCulture);
            Assert.Equal([record + ".dat", "16", "1000.0(0)/mV", "16", "0", first, checksum, "0", WfdbRecord.Leads[lead]], lines[lead + 1]);
        }
    }

    [Fact]
    public void The_limb_leads_of_a_generated_record_agree_with_each_other()
    {
        using var demo = new SmallDemonstration();
        var record = demo.Read("ecg-abnormal")!.Samples[0].Inputs["signal"];
        int steps = record.Shape[1];
        // Einthoven: III is II - I; Goldberger: AVF is (II + III) / 2. Noise and drift of each lead are its own.
        double[] third = [.. Enumerable.Range(0, steps).Select(i => (double)(record.Data[(2 * steps) + i] - record.Data[steps + i] + record.Data[i]))];
        Assert.True(third.Average(Math.Abs) < 0.15, $"mean difference {third.Average(Math.Abs)} mV");
    }

    [Fact]
    public void A_record_is_positive_by_a_code_or_by_a_reader_s_note()
    {
        using var demo = new SmallDemonstration();
        string list = Path.Combine(demo.Site, "ecg", "ptbxl_database.csv");
        var csv = CsvTable.Read(list);
        csv.Rows[0].Fields[csv.Column("scp_codes")] = "{'PVC': 0.0}";
        csv.Rows[1].Fields[csv.Column("extra_beats")] = "2VES";
        CsvTable.Write(list, csv.Rows.Select(row => row.Fields).Prepend([.. File.ReadLines(list).First().Split(',')]));

        Assert.Equal([1, 0, 0], Labels("PVC"));
        Assert.Equal([0, 1, 0], Labels("extra_beats"));
        Assert.Equal([1, 1, 0], Labels("PVC, extra_beats"));
        Assert.Contains("does not list the code 'extra'", Assert.Throws<DataException>(() => Labels("PVC, extra")).Message, StringComparison.Ordinal);

        int[] Labels(string label) =>
            [.. DataSet.Read(DemoData.Sources["ectopic-beats"] with { Label = label }, demo.Site)!.Samples.Take(3).Select(s => s.Label)];
    }

    [Fact]
    public void A_record_of_several_segments_is_called_what_it_is()
    {
        string path = Path.Combine(_folder.FullName, "r.hea");
        File.WriteAllText(path, "r/2 12 100 1000\na 500\nb 500\n");
        Assert.StartsWith("line 1: this is a multi-segment record, which is not read", Assert.Throws<DataException>(() => WfdbHeader.Read(path)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Gain_baseline_and_unit_of_a_header_give_millivolts()
    {
        string path = Path.Combine(_folder.FullName, "r");
        short[] samples = [.. Enumerable.Range(0, 24).Select(i => (short)(100 * (i % 12)))];
        WfdbRecord.Write(path, 100, samples);
        string[] lines = File.ReadAllLines(path + ".hea");
        lines[2] = lines[2].Replace("1000.0(0)/mV", "200(-300)/mV", StringComparison.Ordinal);
        lines[3] = lines[3].Replace("1000.0(0)/mV", "2(0)/uV", StringComparison.Ordinal);
        lines[4] = lines[4].Replace("1000.0(0)/mV 16 0", "0 16 50", StringComparison.Ordinal);
        File.WriteAllLines(path + ".hea", lines.Prepend("# a comment"));
        float[] values = WfdbRecord.Read(path, 1).Values;
        Assert.Equal((100 + 300) / 200f, values[2], 1e-6f);
        Assert.Equal(200 / 2f / 1000, values[4], 1e-6f);
        Assert.Equal((300 - 50) / 200f, values[6], 1e-6f);
    }

    [Fact]
    public void A_table_of_stays_is_read_as_it_was_written()
    {
        string path = Path.Combine(_folder.FullName, "t.parquet");
        ParquetTable.Write(path, ("stay_id", new[] { 3, 1, 2 }), ("time", new[] { 0L, 3600L, 7200L }), ("sex", new[] { "F", "M", "F" }),
            ("hr", new double?[] { 80.5, null, -1 }));
        var table = ParquetTable.Read(path, "stay_id", "time", "hr", "absent");
        Assert.Equal([3, 1, 2], table["stay_id"]);
        Assert.Equal([80.5, double.NaN, -1], table["hr"]);
        Assert.True(table.IsLong("time"));
        Assert.False(table.Has("absent"));
    }

    [Fact]
    public void Stays_lie_on_an_hourly_grid_with_a_mask_of_what_was_measured()
    {
        string icu = _folder.CreateSubdirectory("icu").FullName;
        ParquetTable.Write(Path.Combine(icu, "sta.parquet"), ("stay_id", new[] { 10, 9 }), ("patient_id", new[] { 7, 7 }));
        ParquetTable.Write(Path.Combine(icu, "outc.parquet"), ("stay_id", new[] { 10, 9 }), ("label", new[] { 1, 0 }));
        ParquetTable.Write(Path.Combine(icu, "dyn.parquet"), ("stay_id", new[] { 9, 9, 10 }), ("time", new[] { 0L, 7200L, 3600L }),
            ("hr", new double?[] { 90, 70, null }), ("map", new double?[] { null, 60, 85 }));
        var source = new TaskSource
        {
            Reader = "yaib",
            Path = "icu",
            Hours = 3,
            Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty.Add("vital", [new("map", 80, 10), new("hr", 80, 20)]),
        };
        var samples = DataSet.Read(source, _folder.FullName)!.Samples;
        Assert.Equal([("10", "7", 1), ("9", "7", 0)], samples.Select(s => (s.Id, s.Patient, s.Label)));
        Assert.Equal([0, 0, 0.5f, 0, 0, 0], samples[0].Inputs["vital"].Data);
        Assert.Equal([0, 0.5f, 0, 0, -2, -0.5f], samples[1].Inputs["vital"].Data);
        Assert.Equal([false, true, false, false, true, true], samples[1].Inputs["vital"].Mask!);
    }

    [Fact]
    public void What_is_told_once_of_a_stay_holds_for_its_hours_and_what_a_set_does_not_have_for_none()
    {
        string icu = _folder.CreateSubdirectory("icu").FullName;
        ParquetTable.Write(Path.Combine(icu, "sta.parquet"), ("stay_id", new[] { 1, 2 }), ("age", new double?[] { 70, null }), ("sex", new[] { "F", "M" }));
        ParquetTable.Write(Path.Combine(icu, "outc.parquet"), ("stay_id", new[] { 1, 2 }), ("label", new[] { 1, 0 }));
        ParquetTable.Write(Path.Combine(icu, "dyn.parquet"), ("stay_id", new[] { 1, 2 }), ("time", new[] { 0L, 0L }), ("hr", new double?[] { 90, 70 }));
        var source = new TaskSource
        {
            Reader = "yaib",
            Path = "icu",
            Hours = 2,
            Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty
                .Add("vital", [new("age", 60, 10), new("none", 0, 1) { Name = "gcs" }, new("hr", 80, 10)]),
        };
        var samples = DataSet.Read(source, _folder.FullName)!.Samples;
        Assert.Equal([1, 0, 1, 1, 0, 0], samples[0].Inputs["vital"].Data);
        Assert.Equal([true, false, true, true, false, false], samples[0].Inputs["vital"].Mask!);
        Assert.Equal([false, false, true, false, false, false], samples[1].Inputs["vital"].Mask!);
    }

    [Fact]
    public void Of_several_columns_the_first_with_a_value_in_the_hour_counts_be_it_the_hour_s_or_the_stay_s()
    {
        string icu = _folder.CreateSubdirectory("icu").FullName;
        ParquetTable.Write(Path.Combine(icu, "sta.parquet"), ("stay_id", new[] { 1 }), ("weight", new double?[] { 70 }), ("height_a", new double?[] { 1 }), ("height_b", new double?[] { 2 }));
        ParquetTable.Write(Path.Combine(icu, "outc.parquet"), ("stay_id", new[] { 1 }), ("label", new[] { 1 }));
        ParquetTable.Write(Path.Combine(icu, "dyn.parquet"), ("stay_id", new[] { 1, 1 }), ("time", new[] { 0L, 3600L }), ("measured", new double?[] { 80, null }));
        var source = new TaskSource
        {
            Reader = "yaib",
            Path = "icu",
            Hours = 3,
            Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty
                .Add("vital", [new("measured, weight", 0, 1), new("weight, measured", 0, 1), new("height_a, height_b", 0, 1)]),
        };
        Assert.Equal([80, 70, 1, 70, 70, 1, 70, 70, 1], DataSet.Read(source, _folder.FullName)!.Samples.Single().Inputs["vital"].Data);
    }

    [Fact]
    public void Pictures_are_read_as_grey_values_and_resized()
    {
        string folder = _folder.CreateSubdirectory("xray").FullName;
        using (var picture = new SKBitmap(8, 4))
        {
            picture.Erase(new SKColor(255, 0, 0));
            File.WriteAllBytes(Path.Combine(folder, "red.png"), picture.Encode(SKEncodedImageFormat.Png, 100).ToArray());
            picture.Erase(SKColors.White);
            File.WriteAllBytes(Path.Combine(folder, "white.jpg"), picture.Encode(SKEncodedImageFormat.Jpeg, 100).ToArray());
        }

        CsvTable.Write(Path.Combine(folder, "labels.csv"),
            [["file", "patient", "label"], ["white.jpg", "2", "1"], ["red.png", "1", "0"], ["unlabelled.png", "1", ""]]);
        var samples = DataSet.Read(new TaskSource { Reader = "image-folder", Path = "xray", ImageSize = 4 }, _folder.FullName)!.Samples;
        Assert.Equal(["red.png", "white.jpg"], samples.Select(s => s.Id));
        Assert.Equal([1, 4, 4], samples[0].Inputs["image"].Shape);
        Assert.All(samples[0].Inputs["image"].Data, grey => Assert.Equal(0.299f, grey, 1e-5f));
        Assert.All(samples[1].Inputs["image"].Data, grey => Assert.Equal(1f, grey, 1e-2f));
    }

    [Theory]
    [InlineData("{'NORM': 100.0, 'SR': 0.0}", "NORM,SR")]
    [InlineData("{'LAO/LAE': 50.0}", "LAO/LAE")]
    [InlineData("{}", "")]
    [InlineData("{'NORM': 100.0, 'SR'}", null)]
    [InlineData("NORM", null)]
    [InlineData("{'NORM': 1.0 'SR': 0.0}", null)]
    [InlineData("{'NORM': 1.0.0}", null)]
    public void Diagnoses_are_read_from_their_cell_or_refused(string cell, string? codes) =>
        Assert.Equal(codes?.Split(',', StringSplitOptions.RemoveEmptyEntries), ScpStatements.Parse(cell));
}
