using System.Text;
using FedKim.Data.Files;

namespace FedKim.Data.Tests;

/// <summary>Lists as people and programs save them: encodings, marks, blanks, columns twice, and what a download left in their place.</summary>
public sealed class ListTests : IDisposable
{
    private static readonly TaskSource Pictures = new() { Reader = "image-folder", Path = ".", ImageSize = 8 };

    private static readonly TaskSource Nih = Pictures with { FileColumn = "Image Index", PatientColumn = "Patient ID", Label = "Cardiomegaly" };

    private readonly MadeFolder _folder = new();

    public ListTests()
    {
        _folder.Picture("1.png", 1);
        _folder.Picture("2.png", 2);
        _folder.Picture("3.png", 3);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_list_in_another_encoding_is_refused_with_its_line()
    {
        _folder.Bytes("labels.csv", Encoding.Latin1.GetBytes("file,patient,label\n1.png,Moller,1\n2.png,M\u00fcller,1\n3.png,M\u00f6ller,0\n"));
        string told = _folder.Problem(Pictures, "labels.csv");
        Assert.Equal("line 3 is no valid UTF-8; save the file as UTF-8.", told);
        _folder.Bytes("labels.csv", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("file,patient,label\n1.png,a,1\n")]);
        Assert.Equal("is a text in UTF-16; save it as UTF-8.", _folder.Problem(Pictures, "labels.csv"));
    }

    [Fact]
    public void A_byte_order_mark_is_none_of_the_first_column_s_name()
    {
        _folder.Bytes("labels.csv", [.. Encoding.UTF8.Preamble, .. "file,patient,label\r\n1.png,Möller,1\r\n"u8]);
        Assert.Equal("Möller", _folder.Read(Pictures).Samples.Single().Patient);
    }

    [Fact]
    public void Blanks_around_an_id_make_no_second_patient()
    {
        _folder.Text("labels.csv", "file,patient,label", "1.png,P1,1", "2.png,P1 ,0", "3.png, P1, 1");
        Assert.Equal([("1.png", "P1", 1), ("2.png", "P1", 0), ("3.png", "P1", 1)], _folder.Read(Pictures).Samples.Select(s => (s.Id, s.Patient, s.Label)));
    }

    [Fact]
    public void A_column_that_is_there_twice_is_refused_where_it_is_asked_for()
    {
        _folder.Text("labels.csv", "file,patient,label,label,note,note", "1.png,a,1,0,,");
        Assert.Equal("has the column 'label' twice, as column 3 and 4; rename or remove one of them.", _folder.Problem(Pictures, "labels.csv"));
        _folder.Text("labels.csv", "file,patient,label,note,note", "1.png,a,1,,");
        Assert.Single(_folder.Read(Pictures).Samples);
    }

    [Fact]
    public void A_field_that_is_there_twice_is_refused()
    {
        _folder.Text("VQA_RAD Dataset Public.json", """[{"qid": 1, "qid": 2}]""");
        Directory.CreateDirectory(_folder.At("images"));
        Assert.Contains("cannot be read as JSON", _folder.Problem(new TaskSource { Reader = "vqa-rad", Path = "." }, "VQA_RAD Dataset Public.json"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_label_of_the_task_is_counted()
    {
        _folder.Text("labels.csv", "file,patient,label", "1.png,a,1", "2.png,b,", "3.png,c,");
        Assert.Equal(2, _folder.Read(Pictures).NotAsked["has no such label"]);
        _folder.Text("labels.csv", "file,patient,label", "2.png,b,", "3.png,c,");
        Assert.Null(DataSet.Read(Pictures, _folder.Path));
    }

    [Theory]
    [InlineData("Cardiomegaly", "1,1,0")]
    [InlineData("Emphysema", "0,1,0")]
    [InlineData("No Finding", "0,0,1")]
    [InlineData("Pleural_Thickening", "0,0,0")]
    public void A_finding_of_the_NIH_s_list_is_a_label(string label, string expected)
    {
        WriteNih("Cardiomegaly", "Cardiomegaly|Emphysema", "No Finding");
        var samples = _folder.Read(Nih with { Label = label }).Samples;
        Assert.Equal(expected, string.Join(',', samples.Select(s => s.Label)));
        Assert.Equal(["1", "1", "2"], samples.Select(s => s.Patient));
    }

    [Fact]
    public void A_finding_that_the_NIH_s_list_does_not_have_is_refused()
    {
        WriteNih("Cardiomegaly", "Emphysema", "No Finding");
        Assert.StartsWith("has neither a column 'Fracture' nor a finding of that name; the findings", _folder.Problem(Nih with { Label = "Fracture" }, "labels.csv"), StringComparison.Ordinal);
        WriteNih("Cardiomegaly", "secret", "No Finding");
        string told = _folder.Problem(Nih, "labels.csv");
        Assert.StartsWith("line 3, column 'Finding Labels': expected findings with | between them", told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told, StringComparison.Ordinal);
        WriteNih("Cardiomegaly", "No Finding|Mass", "No Finding");
        Assert.Equal("line 3, column 'Finding Labels': names findings beside No Finding.", _folder.Problem(Nih, "labels.csv"));
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 9\n", "is a Git LFS pointer: the file itself was not downloaded")]
    [InlineData("/annex/objects/MD5E-s9--aa.png\n", "is a git-annex pointer")]
    [InlineData("<!DOCTYPE html>\n<html>", "is a web page")]
    public void What_a_download_left_in_a_file_s_place_is_called_what_it_is(string content, string problem)
    {
        _folder.Text("labels.csv", "file,patient,label", "1.png,a,1");
        _folder.Text("1.png", content);
        Assert.StartsWith(problem, _folder.Problem(Pictures, "1.png"), StringComparison.Ordinal);
        string list = _folder.Text("labels.csv", content);
        Assert.StartsWith(problem, _folder.Problem(Pictures, "labels.csv"), StringComparison.Ordinal);
        // However a file is opened.
        foreach (var open in (Action[])[() => SiteFile.Start(list, 200), () => NpzFile.Open(list).Dispose(), () => GzipFile.Open(list).Dispose()])
            Assert.StartsWith(problem, Assert.Throws<DataException>(open).Problem, StringComparison.Ordinal);
    }

    // The header as published: two of its names hold a comma that nothing quotes, and a last comma follows.
    private void WriteNih(params string[] findings) => _folder.Text("labels.csv",
    [
        "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],",
        .. findings.Select((finding, i) => $"{i + 1}.png,{finding},000,{(i / 2) + 1},058Y,M,PA,2682,2749,0.143,0.143,"),
    ]);
}
