namespace FedKim.Data.Tests;

public sealed class PictureQuestionTests : IDisposable
{
    private const string VqaRadList = "VQA_RAD Dataset Public.json";

    private static readonly TaskSource VqaRad = new() { Reader = "vqa-rad", Path = ".", ImageSize = 8 };
    private static readonly TaskSource Slake = new() { Reader = "slake", Path = ".", ImageSize = 8 };

    private readonly MadeFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_question_of_VQA_RAD_is_a_sample_with_its_answer_its_part_and_its_picture_for_a_patient()
    {
        WriteVqaRad();
        Assert.Equal(
            [
                ("test/2", "synpic2.jpg", 1, "Is there an effusion?", "yes"),
                ("train/0", "synpic1.jpg", 0, "Are regions of the brain infarcted?", "No"),
                ("train/1", "synpic1.jpg", 0, "How many kidneys are in this image?", "2"),
                ("train/3", "synpic2.jpg", 0, "Which side is it on?", "Left"),
            ],
            _folder.Read(VqaRad).Samples.Select(s => (s.Id, s.Patient, s.Label, s.Question!, s.Answer!)));
    }

    [Theory]
    [InlineData(QuestionKind.All, "test/2 train/0 train/1 train/3")]
    [InlineData(QuestionKind.Closed, "test/2 train/0 train/3")]
    [InlineData(QuestionKind.Open, "train/1")]
    [InlineData(QuestionKind.YesNo, "test/2 train/0")]
    public void Questions_are_chosen_by_the_answer_they_want(QuestionKind kind, string expected)
    {
        WriteVqaRad();
        Assert.Equal(expected, string.Join(' ', _folder.Read(VqaRad with { Questions = kind }).Samples.Select(s => s.Id)));
    }

    [Fact]
    public void Questions_are_chosen_by_their_part()
    {
        WriteVqaRad();
        Assert.Equal(["test/2"], _folder.Read(VqaRad with { Parts = ["test"] }).Samples.Select(s => s.Id));
    }

    [Fact]
    public void Of_a_picture_of_the_test_part_the_test_s_questions_alone_are_read_where_the_published_parts_are_kept()
    {
        WriteVqaRad();
        Assert.Equal("test/2:Test train/0:Train train/1:Train train/3:Train", string.Join(' ', _folder.Read(VqaRad).Samples.Select(s => $"{s.Id}:{s.Part}")));
        var source = VqaRad with { Path = Path.GetFileName(_folder.Path), Split = SplitBy.Published };
        var test = _folder.Dealt(source, "synpic2.jpg", Path.GetDirectoryName(_folder.Path), PublishedPart.Test)!;
        Assert.Equal("test/2", Assert.Single(test.Samples).Id);
        Assert.Equal(1, test.NotAsked["is of another part of its publisher's"]);
    }

    [Fact]
    public void The_published_folder_of_pictures_and_JPEGs_stored_as_PNG_are_found()
    {
        WriteVqaRad();
        Directory.Move(_folder.At("images"), _folder.At("VQA_RAD Image Folder"));
        _folder.Picture("VQA_RAD Image Folder/synpic1.png", 1);
        File.Delete(_folder.At("VQA_RAD Image Folder/synpic1.jpg"));
        Assert.Equal(4, _folder.Read(VqaRad).Samples.Length);
    }

    [Fact]
    public void A_missing_picture_is_told_with_its_entry_or_its_questions_are_left_out()
    {
        WriteVqaRad();
        File.Delete(_folder.At("images/synpic2.jpg"));
        string problem = $"entry 3, field 'image_name': the file {_folder.At("./images/synpic2.jpg")} is missing.";
        Assert.Equal(problem, _folder.Problem(VqaRad, VqaRadList));

        var read = _folder.Read(VqaRad with { OnBadSample = BadSample.Skip });
        Assert.Equal(["train/0", "train/1"], read.Samples.Select(s => s.Id));
        Assert.Equal([problem, problem.Replace("entry 3", "entry 4", StringComparison.Ordinal)], read.LeftOut.Select(left => left.Reason));
    }

    [Theory]
    [InlineData("""[{"qid": 1""", "cannot be read as JSON from line 2 on")]
    [InlineData("""{"qid": 1}""", "is no list")]
    [InlineData("""[3]""", "entry 1 is no object.")]
    [InlineData("""[{"qid": 1, "phrase_type": "para", "answer": "secret"}]""", "entry 1, field 'answer_type': is missing.")]
    [InlineData("""[{"qid": 1, "phrase_type": "para", "answer": ["secret"]}]""", "entry 1, field 'answer': expected a text.")]
    [InlineData("""[{"qid": 1, "phrase_type": "para", "answer": " \t"}]""", "entry 1, field 'answer': is empty.")]
    [InlineData("""[{"qid": 1, "phrase_type": "para", "answer": "secret \ud800"}]""", "entry 1, field 'answer': is no valid text; save the file as UTF-8.")]
    [InlineData("""[{"qid": 1, "phrase_type": "para", "answer": "x", "answer_type": "secret"}]""", "entry 1, field 'answer_type': expected OPEN or CLOSED.")]
    [InlineData("""[{"qid": 1, "phrase_type": "para", "answer": "x", "answer_type": "OPEN", "image_name": "../secret"}]""", "entry 1, field 'image_name': the file does not lie below")]
    public void A_list_that_cannot_be_used_is_told_with_entry_and_field_and_not_its_content(string list, string problem)
    {
        WriteVqaRad();
        _folder.Text(VqaRadList, list);
        string told = _folder.Problem(VqaRad, VqaRadList);
        Assert.StartsWith(problem, told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Questions_of_SLAKE_are_read_in_one_language()
    {
        WriteSlake();
        Assert.Equal(
            [
                ("test/11934", "xmlab102/source.jpg", 0, "What modality is used to take this image?", "CT"),
                ("train/0", "xmlab1/source.jpg", 0, "What modality is used to take this image?", "MRI"),
                ("validate/9000", "xmlab7/source.jpg", 1, "Does the picture contain liver?", "Yes"),
            ],
            _folder.Read(Slake).Samples.Select(s => (s.Id, s.Patient, s.Label, s.Question!, s.Answer!)));
        Assert.Equal([PublishedPart.Test, PublishedPart.Train, PublishedPart.Development], _folder.Read(Slake).Samples.Select(s => s.Part!.Value));
        Assert.Equal(["这是什么模态？"], _folder.Read(Slake with { Language = "zh" }).Samples.Select(s => s.Question!));
        Assert.Contains("has no questions in 'fr'", _folder.Problem(Slake with { Language = "fr" }, "."), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zh", "是", 1)]
    [InlineData("zh", "否", 0)]
    [InlineData("zh", "不是", 0)]
    [InlineData("zh", "没有。", 0)]
    [InlineData("en", "Yes.", 1)]
    [InlineData("en", "no ", 0)]
    [InlineData("zh", "肝", null)]
    [InlineData("en", "Yes, in part", null)]
    public void Yes_and_no_are_read_as_the_set_writes_them_and_the_rest_is_counted(string language, string answer, int? label)
    {
        WriteSlake();
        _folder.Text("test.json", $$"""
            [{"img_name": "xmlab1/source.jpg", "question": "?", "answer": "{{answer}}", "q_lang": "{{language}}", "answer_type": "CLOSED", "qid": 1}]
            """);
        var read = DataSet.Read(Slake with { Questions = QuestionKind.YesNo, Language = language, Parts = ["test"] }, _folder.Path)!;
        Assert.Equal(label is null ? [] : [label.Value], read.Samples.Select(s => s.Label));
        Assert.Equal(label is null ? ["is answered by neither yes nor no; only questions that are, are asked."] : (string[])[], read.LeftOut.Select(left => left.Reason));
    }

    [Fact]
    public void Questions_that_are_not_asked_are_counted()
    {
        WriteSlake();
        Assert.Equal(1, _folder.Read(Slake).NotAsked["is in another language than en"]);
        WriteVqaRad();
        Assert.Equal(3, _folder.Read(VqaRad with { Questions = QuestionKind.Open }).NotAsked["is a question of another kind than Open"]);
        Assert.Equal(3, _folder.Read(VqaRad with { Parts = ["test"] }).NotAsked["is of another part of the set"]);
    }

    [Fact]
    public void Parts_of_SLAKE_are_files_and_the_mirror_s_name_of_one_is_known()
    {
        WriteSlake();
        File.Move(_folder.At("validate.json"), _folder.At("validation.json"));
        Assert.Equal(["validate/9000"], _folder.Read(Slake with { Parts = ["validate"] }).Samples.Select(s => s.Id));
        File.Delete(_folder.At("test.json"));
        Assert.Equal("this file is missing.", _folder.Problem(Slake, "test.json"));
        Assert.Equal(["train/0"], _folder.Read(Slake with { Parts = ["train"] }).Samples.Select(s => s.Id));
    }

    // Entries as published, less the fields that nobody reads; the set has numbers for answers and blanks behind words.
    private void WriteVqaRad()
    {
        _folder.Text(VqaRadList, """
            [
              {"qid": "0", "phrase_type": "freeform", "image_name": "synpic1.jpg", "question": "Are regions of the brain infarcted?", "answer": "No", "answer_type": "CLOSED"},
              {"qid": 1, "phrase_type": "para", "image_name": "synpic1.jpg", "question": "How many kidneys are in this image?", "answer": 2, "answer_type": "OPEN"},
              {"qid": 2, "phrase_type": "test_freeform", "image_name": "synpic2.jpg", "question": "Is there an effusion?\t", "answer": "yes ", "answer_type": "CLOSED "},
              {"qid": 3, "phrase_type": "freeform", "image_name": "synpic2.jpg", "question": "Which side is it on?", "answer": "Left", "answer_type": "CLOSED"}
            ]
            """);
        _folder.Picture("images/synpic1.jpg", 1);
        _folder.Picture("images/synpic2.jpg", 2);
    }

    private void WriteSlake()
    {
        _folder.Text("train.json", """
            [
              {"img_id": 1, "img_name": "xmlab1/source.jpg", "question": "What modality is used to take this image?", "answer": "MRI", "q_lang": "en",
               "location": "Abdomen", "modality": "MRI", "answer_type": "OPEN", "base_type": "vqa", "content_type": "Modality", "triple": ["vhead", "_", "_"], "qid": 0},
              {"img_id": 1, "img_name": "xmlab1/source.jpg", "question": "这是什么模态？", "answer": "MRI", "q_lang": "zh",
               "location": "Abdomen", "modality": "MRI", "answer_type": "OPEN", "base_type": "vqa", "content_type": "Modality", "triple": ["vhead", "_", "_"], "qid": 1}
            ]
            """);
        _folder.Text("validate.json", """
            [{"img_id": 7, "img_name": "xmlab7/source.jpg", "question": "Does the picture contain liver?", "answer": "Yes", "q_lang": "en", "answer_type": "CLOSED", "qid": 9000}]
            """);
        _folder.Text("test.json", """
            [{"img_id": 102, "img_name": "xmlab102/source.jpg", "question": "What modality is used to take this image?", "answer": "CT", "q_lang": "en", "answer_type": "OPEN", "qid": 11934}]
            """);
        foreach (int image in (int[])[1, 7, 102])
            _folder.Picture($"imgs/xmlab{image}/source.jpg", image);
    }
}
