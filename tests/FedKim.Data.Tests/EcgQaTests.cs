using System.Text.Json;

namespace FedKim.Data.Tests;

public sealed class EcgQaTests : IDisposable
{
    private readonly SmallDemonstration _demo = new();

    private static TaskSource Source { get; } = new() { Reader = "ecg-qa", Path = "questions", Records = "ecg", Attribute = "noise", Downsample = 4 };

    private string Folder => Path.Combine(_demo.Site, "questions");

    public void Dispose() => _demo.Dispose();

    [Fact]
    public void A_question_is_a_sample_of_its_record_with_its_words_and_its_patient()
    {
        var records = _demo.Read("ecg-abnormal")!.Samples;
        Write("paraphrased_train.json", Question(7, "Is there static noise in lead aVL?", ["yes"], Id(records[0])), Question(8, "Which noise is there?", ["baseline drift", "static noise"], Id(records[1])));
        var samples = Read().Samples;

        Assert.Equal(["train/7", "train/8"], samples.Select(s => s.Id));
        Assert.Equal([records[0].Patient, records[1].Patient], samples.Select(s => s.Patient));
        Assert.Equal(["Is there static noise in lead aVL?", "Which noise is there?"], samples.Select(s => s.Question));
        Assert.Equal(["yes", "baseline drift, static noise"], samples.Select(s => s.Answer));
        Assert.Equal([1, 0], samples.Select(s => s.Label));
        Assert.Equal(records[0].Inputs["signal"].Data, samples[0].Inputs["signal"].Data);
    }

    [Fact]
    public void Only_the_attribute_that_is_asked_for_is_read_and_all_without_one()
    {
        int id = Id(_demo.Read("ecg-abnormal")!.Samples[0]);
        Write("paraphrased_train.json", Question(1, "Noise?", ["no"], id), Question(2, "Rhythm?", ["sinus rhythm"], id) with { attribute_type = "scp_code" });
        Assert.Equal(["train/1"], Read().Samples.Select(s => s.Id));
        Assert.Equal(["train/1", "train/2"], DataSet.Read(Source with { Attribute = "" }, _demo.Site)!.Samples.Select(s => s.Id));
    }

    [Fact]
    public void Questions_about_no_record_here_or_about_two_are_left_out_and_counted()
    {
        int id = Id(_demo.Read("ecg-abnormal")!.Samples[0]);
        Write("paraphrased_valid.json", Question(1, "Noise?", ["no"], id), Question(2, "Noise?", ["no"], 999_999), Question(3, "More noise?", ["no"], id, id) with { question_type = "comparison_consecutive-verify" });
        var data = Read();
        Assert.Equal(["valid/1"], data.Samples.Select(s => s.Id));
        Assert.Equal(["asks about a record whose signal is not here.", "compares two records; only questions about one are read."], data.LeftOut.Select(left => left.Reason));
        Assert.All(data.LeftOut, left => Assert.EndsWith("paraphrased_valid.json", left.File, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_left_out_of_a_patient_s_records_is_told_where_they_were_dealt()
    {
        var records = _demo.Read("ecg-abnormal")!.Samples;
        var (one, other) = (records[0], records.First(record => record.Patient != records[0].Patient));
        Write("paraphrased_train.json",
            Question(1, "Noise?", ["no"], Id(one)),
            Question(2, "Noise?", ["no"], Id(other)),
            Question(3, "More noise?", ["no"], Id(other), Id(one)) with { question_type = "comparison_consecutive-verify" },
            Question(4, "Rhythm?", ["sinus rhythm"], Id(other)) with { attribute_type = "scp_code" },
            Question(5, "Noise?", ["no"], 999_999));
        using var places = new MadeFolder();
        var (here, there) = (places.Dealt(Source, one.Patient, _demo.Site)!, places.Dealt(Source, other.Patient, _demo.Site)!);

        // Whose the last one is, nobody knows.
        Assert.Equal((1, 1, 0), (here.Samples.Length, here.LeftOut.Length, here.NotAsked.Count));
        Assert.Equal((1, 2, 1), (there.Samples.Length, there.LeftOut.Length, there.NotAsked.Count));
    }

    [Fact]
    public void The_published_layout_of_folders_and_the_template_s_wording_are_read()
    {
        int id = Id(_demo.Read("ecg-abnormal")!.Samples[0]);
        Write("template/train/00000.json", Question(1, "Template?", ["no"], id));
        Write("template/test/00000.json", Question(1, "Template?", ["no"], id));
        Write("paraphrased/train/00000.json", Question(1, "Paraphrased?", ["no"], id));
        Assert.Equal("Paraphrased?", Assert.Single(Read().Samples).Question);
        Assert.Equal(["test/1", "train/1"], DataSet.Read(Source with { Wording = "template" }, _demo.Site)!.Samples.Select(s => s.Id));
    }

    [Theory]
    [InlineData("[{]", "line 1")]
    [InlineData("[{\"sample_id\": 1}]", "is no list of ECG-QA's questions")]
    [InlineData("[null]", "question 0 has no text")]
    [InlineData("""[{"sample_id":1,"question_type":"single-verify","attribute_type":"noise","question":"secret","answer":[],"ecg_id":[1]}]""", "question 0 has no text or no answer")]
    [InlineData("""[{"sample_id":1,"question_type":"single-verify","attribute_type":"noise","question":"secret","answer":"yes","ecg_id":[1]}]""", "$[0].answer")]
    public void A_file_that_is_no_list_of_questions_is_an_error_that_names_it_without_its_content(string text, string problem)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "paraphrased_train.json"), text);
        var error = Assert.Throws<DataException>(Read);
        Assert.Equal(Path.Combine(Folder, "paraphrased_train.json"), error.File);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_is_asked_about_and_corrupt_is_an_error_that_names_it()
    {
        Write("paraphrased_train.json", Question(1, "Noise?", ["no"], Id(_demo.Read("ecg-abnormal")!.Samples[0])));
        string file = _demo.File("ecg", ".dat");
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^24]);
        Assert.Equal(file, Assert.Throws<DataException>(Read).File);
    }

    [Fact]
    public void A_record_that_is_listed_twice_is_an_error_that_names_both_lines()
    {
        Write("paraphrased_train.json");
        string list = Path.Combine(_demo.Site, "ecg", "ptbxl_database.csv");
        string[] lines = File.ReadAllLines(list);
        File.WriteAllLines(list, [.. lines, lines[1]]);
        var error = Assert.Throws<DataException>(Read);
        Assert.Equal($"line {lines.Length + 1}, column 'ecg_id': line 2 lists the same record; keep one of them.", error.Problem);
    }

    [Fact]
    public void Records_outside_of_the_data_folder_are_not_opened()
    {
        Write("paraphrased_train.json");
        var error = Assert.Throws<DataException>(() => DataSet.Read(Source with { Records = "../hospital-b/ecg" }, _demo.Site));
        Assert.Contains("leads out of the data folder", error.Message, StringComparison.Ordinal);
    }

    private DataSet Read() => DataSet.Read(Source, _demo.Site)!;

    // Records are named by their number: records100/00000/00001_lr.
    private static int Id(Sample sample) => int.Parse(Path.GetFileName(sample.Id).Split('_')[0], System.Globalization.CultureInfo.InvariantCulture);

    private static Published Question(long id, string question, string[] answer, params int[] records) =>
        new(26, 1709, id, "single-verify", "noise", question, answer, records, null);

    private void Write(string name, params Published[] questions)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(questions));
    }

    // The fields of a published question, in their order.
    private sealed record Published(
        int template_id, int question_id, long sample_id, string question_type, string attribute_type, string question, string[] answer, int[] ecg_id,
        string[]? attribute);
}
