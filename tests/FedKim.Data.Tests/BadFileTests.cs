using FedKim.Data.Demo;

namespace FedKim.Data.Tests;

public sealed class BadFileTests
{
    [Fact]
    public void A_truncated_picture_is_an_error_that_names_it() =>
        ReadingNames("pneumonia", "xray", ".png", file => Rewrite(file, bytes => bytes[..(bytes.Length / 2)]), "truncated");

    [Fact]
    public void A_picture_with_any_byte_changed_is_an_error_that_names_it()
    {
        using var demo = new SmallDemonstration();
        string file = demo.File("xray", ".png");
        byte[] whole = File.ReadAllBytes(file);
        for (int at = 0; at < whole.Length; at += 7)
        {
            byte[] bad = [.. whole];
            bad[at] ^= 0x10;
            File.WriteAllBytes(file, bad);
            Assert.Equal(file, Assert.Throws<DataException>(() => demo.Read("pneumonia")).File);
        }
    }

    [Fact]
    public void A_text_file_in_a_picture_s_place_is_an_error_that_names_it() =>
        ReadingNames("lung-opacity", "xray", ".png", file => File.WriteAllText(file, "no picture"), "no PNG or JPEG");

    [Fact]
    public void A_truncated_JPEG_is_an_error_that_names_it()
    {
        using var demo = new SmallDemonstration();
        string file = demo.File("xray", ".png");
        using (var picture = SkiaSharp.SKBitmap.Decode(file))
        using (var jpeg = picture.Encode(SkiaSharp.SKEncodedImageFormat.Jpeg, 90))
        {
            File.WriteAllBytes(file, jpeg.ToArray());
            Assert.NotNull(demo.Read("pneumonia"));
            File.WriteAllBytes(file, jpeg.ToArray()[..(int)(jpeg.Size / 2)]);
        }

        Assert.Equal(file, Assert.Throws<DataException>(() => demo.Read("pneumonia")).File);
    }

    [Fact]
    public void A_listed_picture_that_is_not_there_is_an_error_that_names_list_line_and_picture()
    {
        using var demo = new SmallDemonstration();
        string file = demo.File("xray", ".png");
        File.Delete(file);
        var error = Assert.Throws<DataException>(() => demo.Read("pneumonia"));
        Assert.EndsWith("labels.csv", error.File, StringComparison.Ordinal);
        Assert.Contains($"line 2, column 'file': the file {file} is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_CSV_column_is_an_error_that_names_it_and_those_there_are() =>
        ReadingNames("pneumonia", "xray", "labels.csv", file => Edit(file, text => text.Replace("pneumonia", "fracture", StringComparison.Ordinal)),
            "has no column 'pneumonia'; its columns are file, patient, age, sex, view, fracture");

    [Fact]
    public void A_label_that_is_none_is_an_error_with_its_line_and_without_its_content()
    {
        using var demo = new SmallDemonstration();
        string file = demo.File("xray", "labels.csv");
        string[] lines = File.ReadAllLines(file);
        lines[3] = string.Join(',', lines[3].Split(',').Take(5).Append("secret").Append("0").Append(""));
        File.WriteAllLines(file, lines);
        var error = Assert.Throws<DataException>(() => demo.Read("pneumonia"));
        Assert.Contains("line 4, column 'pneumonia'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_with_too_few_fields_is_an_error_that_names_it() =>
        ReadingNames("pneumonia", "xray", "labels.csv", file => Edit(file, text => text + "x.png,7\n"), "has 2 fields, the header has 8");

    [Fact]
    public void A_record_of_the_wrong_length_is_an_error_that_names_it() =>
        ReadingNames("ecg-abnormal", "ecg", ".dat",
            file => Rewrite(file, bytes => bytes[..^24]), "has 23976 bytes");

    [Fact]
    public void A_record_with_one_sample_changed_is_an_error_that_names_it() =>
        ReadingNames("ecg-abnormal", "ecg", ".dat",
            file => Rewrite(file, bytes => [.. bytes[..12_000], (byte)(bytes[12_000] ^ 1), .. bytes[12_001..]]), "checksum");

    [Fact]
    public void A_record_without_its_samples_is_an_error_that_names_them() => ReadingNames("ecg-abnormal", "ecg", ".dat", File.Delete, "missing");

    [Fact]
    public void A_record_that_lacks_a_lead_is_an_error_that_names_header_and_lead() =>
        ReadingNames("ecg-abnormal", "ecg", ".hea",
            file => Edit(file, text => text.Replace(" V3\n", " X\n", StringComparison.Ordinal)), "has no lead V3");

    [Fact]
    public void A_truncated_header_is_an_error_that_names_it() =>
        ReadingNames("ecg-abnormal", "ecg", ".hea",
            file => Edit(file, text => string.Join('\n', text.Split('\n').Take(7))), "announces 12 signals and describes 6");

    [Fact]
    public void A_header_with_a_gain_that_is_no_number_is_an_error_with_line_and_field() =>
        ReadingNames("ecg-abnormal", "ecg", ".hea",
            file => Edit(file, text => text.Replace("1000.0(0)/mV", "high(0)/mV", StringComparison.Ordinal)), "line 2: gain");

    [Fact]
    public void A_diagnosis_that_the_statements_do_not_list_is_an_error_that_names_it() =>
        ReadingNames("ecg-abnormal", "ecg", "ptbxl_database.csv",
            file => Edit(file, text => text.Replace("'NORM'", "'NONE'", StringComparison.Ordinal)), "code NONE");

    [Theory]
    [InlineData("dyn.parquet")]
    [InlineData("outc.parquet")]
    [InlineData("sta.parquet")]
    public void Garbage_in_a_parquet_file_s_place_is_an_error_that_names_it(string name)
    {
        using var demo = new SmallDemonstration();
        string file = demo.File("icu", name);
        byte[] whole = File.ReadAllBytes(file);
        foreach (byte[] bad in (byte[][])[[], "PAR1 and then nothing that makes sense PAR1"u8.ToArray(), whole[..(whole.Length / 2)]])
        {
            File.WriteAllBytes(file, bad);
            Assert.Equal(file, Assert.Throws<DataException>(() => demo.Read("mortality")).File);
        }

        File.Delete(file);
        Assert.Contains("missing", Assert.Throws<DataException>(() => demo.Read("mortality")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_the_stays_lack_is_an_error_that_names_it()
    {
        using var demo = new SmallDemonstration();
        var source = DemoData.Sources["mortality"];
        var error = Assert.Throws<DataException>(() => DataSet.Read(
            source with { Variables = source.Variables.SetItem("vital", [new Variable("pulse", 80, 10)]) }, demo.Site));
        Assert.Equal(demo.File("icu", "dyn.parquet"), error.File);
        Assert.Contains("'pulse'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stay_with_an_outcome_but_no_values_is_an_error_that_names_the_file()
    {
        using var demo = new SmallDemonstration();
        foreach (string name in (string[])["outc.parquet", "sta.parquet"])
            File.Copy(Path.Combine(demo.Folder, "hospital-b/icu", name), demo.File("icu", name), overwrite: true);
        var error = Assert.Throws<DataException>(() => demo.Read("mortality"));
        Assert.Equal(demo.File("icu", "dyn.parquet"), error.File);
    }

    [Fact]
    public void A_data_folder_that_does_not_exist_is_an_error_and_a_task_s_that_does_not_is_none()
    {
        using var demo = new SmallDemonstration();
        Assert.Throws<DataException>(() => DataSet.Read(DemoData.Sources["pneumonia"], demo.Site + "-typo"));
        Directory.Delete(Path.Combine(demo.Site, "xray"), recursive: true);
        Assert.Null(demo.Read("pneumonia"));
    }

    private static void ReadingNames(string task, string folder, string ending, Action<string> damage, string problem)
    {
        using var demo = new SmallDemonstration();
        string file = demo.File(folder, ending);
        Assert.NotNull(demo.Read(task));
        damage(file);
        var error = Assert.Throws<DataException>(() => demo.Read(task));
        Assert.Equal(file, error.File);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private static void Rewrite(string file, Func<byte[], byte[]> change) => File.WriteAllBytes(file, change(File.ReadAllBytes(file)));

    private static void Edit(string file, Func<string, string> change) => File.WriteAllText(file, change(File.ReadAllText(file)));
}
