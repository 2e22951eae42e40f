namespace FedKim.Data.Tests;

public sealed class CheXpertTests : IDisposable
{
    // The header of the published train.csv and valid.csv.
    private const string Header = "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,Lung Lesion," +
        "Edema,Consolidation,Pneumonia,Atelectasis,Pneumothorax,Pleural Effusion,Pleural Other,Fracture,Support Devices";

    private static readonly TaskSource Source = new() { Reader = "chexpert", Path = "CheXpert-v1.0-small", Label = "Cardiomegaly", ImageSize = 8 };

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Frontal_views_are_read_uncertain_ones_are_none_and_unmentioned_ones_negative()
    {
        Write();
        var samples = _folder.Read(Source).Samples;
        Assert.Equal(
            [
                ("train/patient00001/study1/view1_frontal.jpg", "patient00001", 1),
                ("train/patient00002/study2/view1_frontal.jpg", "patient00002", 0),
                ("train/patient00004/study1/view1_frontal.jpg", "patient00004", 0),
                ("valid/patient64541/study1/view1_frontal.jpg", "patient64541", 1),
            ],
            samples.Select(s => (s.Id, s.Patient, s.Label)));
        Assert.All(samples, s => Assert.Equal([1, 8, 8], s.Inputs["image"].Shape));
        Assert.Equal([PublishedPart.Train, PublishedPart.Train, PublishedPart.Train, PublishedPart.Test], samples.Select(s => s.Part!.Value));
    }

    [Theory]
    [InlineData(Finding.Ignore, Finding.Ignore, "")]
    [InlineData(Finding.Positive, Finding.Ignore, "00003:1")]
    [InlineData(Finding.Negative, Finding.Ignore, "00003:0")]
    [InlineData(Finding.Ignore, Finding.Negative, "00004:0")]
    [InlineData(Finding.Ignore, Finding.Positive, "00004:1")]
    public void Uncertain_and_unmentioned_findings_count_as_the_source_says(Finding uncertain, Finding unmentioned, string expected)
    {
        Write();
        var samples = _folder.Read(Source with { Parts = ["train"], Uncertain = uncertain, Unmentioned = unmentioned }).Samples;
        Assert.Equal(expected, string.Join(' ', samples.Where(s => s.Patient is "patient00003" or "patient00004").Select(s => $"{s.Patient[7..]}:{s.Label}")));
    }

    [Fact]
    public void Lateral_views_and_single_parts_are_read_where_asked_for()
    {
        Write();
        Assert.Equal(["valid/patient64541/study1/view1_frontal.jpg"], _folder.Read(Source with { Parts = ["valid"] }).Samples.Select(s => s.Id));
        Assert.Contains("train/patient00001/study1/view2_lateral.jpg", _folder.Read(Source with { Lateral = true }).Samples.Select(s => s.Id));
    }

    [Theory]
    [InlineData("CheXpert-v1.0-small/train/../../../secret/view1_frontal.jpg,F,5,Frontal,AP,,,1.0,,,,,,,,,,,", "column 'Path': expected a path such as")]
    [InlineData("CheXpert-v1.0-small/train/patient00009/study1/view1_frontal.jpg,F,5,Frontal,AP,,,1.0,,,,,,,,,,,", "column 'Path': the file")]
    [InlineData("CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,F,5,Oblique,AP,,,1.0,,,,,,,,,,,", "column 'Frontal/Lateral': expected Frontal or Lateral.")]
    [InlineData("CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,F,5,Frontal,AP,,,0.4,,,,,,,,,,,", "column 'Cardiomegaly': expected a finding: 1.0, 0.0, -1.0 or nothing.")]
    public void A_line_that_cannot_be_used_is_told_with_its_column_and_not_its_content(string line, string problem)
    {
        Write();
        _folder.Text("CheXpert-v1.0-small/train.csv", Header, line);
        string told = _folder.Problem(Source, "CheXpert-v1.0-small/train.csv");
        Assert.StartsWith($"line 2, {problem}", told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Oblique", told, StringComparison.Ordinal);
    }

    private void Write()
    {
        string[] train =
        [
            Line("train/patient00001/study1/view1_frontal.jpg", "Frontal", "AP", "1.0"),
            Line("train/patient00001/study1/view2_lateral.jpg", "Lateral", "", "1.0"),
            Line("train/patient00002/study2/view1_frontal.jpg", "Frontal", "PA", "0.0"),
            Line("train/patient00003/study1/view1_frontal.jpg", "Frontal", "PA", "-1.0"),
            Line("train/patient00004/study1/view1_frontal.jpg", "Frontal", "AP", ""),
        ];
        string[] valid = [Line("valid/patient64541/study1/view1_frontal.jpg", "Frontal", "AP", "1.0")];
        _folder.Text("CheXpert-v1.0-small/train.csv", [Header, .. train]);
        _folder.Text("CheXpert-v1.0-small/valid.csv", [Header, .. valid]);
        int number = 0;
        foreach (string line in train.Concat(valid))
            _folder.Picture(line.Split(',')[0], number++);
    }

    private static string Line(string path, string view, string side, string cardiomegaly) =>
        $"CheXpert-v1.0-small/{path},Female,68,{view},{side},,,{cardiomegaly},,,,,,,,0.0,,,1.0";
}
