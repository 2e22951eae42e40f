namespace FedKim.Data.Tests;

/// <summary>What is left out of dealt data is told at the place that was dealt its patient, and there alone.</summary>
public sealed class DealtLeftOutTests : IDisposable
{
    // Reader, its task, its files, and how much of b's is none of the task's or bad. Of a's, all is a sample.
    private static readonly Dictionary<string, (TaskSource Source, Action<MadeFolder> Write, string A, string B, int NotAsked, int LeftOut)> Sets = new(StringComparer.Ordinal)
    {
        ["chexpert"] = (new() { Reader = "chexpert", Path = "set", Label = "Edema", Parts = ["train"] }, CheXpert, "patient1", "patient2", 2, 2),
        ["image-folder"] = (new() { Reader = "image-folder", Path = "set" }, Pictures, "a", "b", 1, 1),
        ["rsna"] = (new() { Reader = "rsna", Path = "set" }, Rsna, "00000001", "00000002", 1, 1),
        ["slake"] = (new() { Reader = "slake", Path = "set", Parts = ["train"], Questions = QuestionKind.Open }, Slake, "1.png", "2.png", 2, 2),
        ["vqa-rad"] = (new() { Reader = "vqa-rad", Path = "set", Parts = ["train"], Questions = QuestionKind.YesNo }, VqaRad, "1.png", "2.png", 1, 2),
    };

    private readonly MadeFolder _folder = new();

    public static TheoryData<string> Readers => [.. Sets.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Readers))]
    public void What_is_left_out_of_a_patient_s_is_told_where_it_was_dealt_and_nowhere_else(string reader)
    {
        var (source, write, a, b, notAsked, leftOut) = Sets[reader];
        source = source with { ImageSize = 8, OnBadSample = BadSample.Skip };
        write(_folder);
        Assert.Equal((1, 0, 0), Told(_folder.Dealt(source, a)));
        Assert.Equal((1, notAsked, leftOut), Told(_folder.Dealt(source, b)));
        Assert.Equal((2, notAsked, leftOut), Told(_folder.Read(source)));
        // A place that was dealt nobody's bad sample refuses none.
        Assert.Equal((1, 0, 0), Told(_folder.Dealt(source with { OnBadSample = BadSample.Refuse }, a)));
    }

    private static (int Samples, int NotAsked, int LeftOut) Told(DataSet? data) => (data!.Samples.Length, data.NotAsked.Values.Sum(), data.LeftOut.Length);

    private static void CheXpert(MadeFolder folder)
    {
        string[] views = ["1/study1/view1_frontal", "2/study1/view1_frontal", "2/study1/view2_lateral", "2/study1/view3_frontal", "2/study1/view4_frontal", "2/study1/view5_frontal"];
        string[] rest = ["Frontal,1", "Frontal,0", "Lateral,1", "Frontal,-1", "Oblique,1", "Frontal,maybe"];
        folder.Text("set/train.csv", ["Path,Frontal/Lateral,Edema", .. views.Zip(rest, (view, columns) => $"CheXpert-v1.0/train/patient{view}.jpg,{columns}")]);
        for (int i = 0; i < views.Length; i++)
            folder.Picture($"set/train/patient{views[i]}.jpg", i);
    }

    private static void Pictures(MadeFolder folder)
    {
        folder.Text("set/labels.csv", "file,patient,label", "1.png,a,1", "2.png,b,0", "3.png,b,", "4.png,b,maybe");
        foreach (int i in (int[])[1, 2, 3, 4])
            folder.Picture($"set/{i}.png", i);
    }

    private static void Rsna(MadeFolder folder)
    {
        folder.Text("set/stage_2_train_labels.csv", "patientId,Target", "1,1", "2,0", "3,", "4,0", "4,1");
        folder.Text("set/pneumonia-challenge-dataset-mappings_2018.json",
            $"[{string.Join(',', ((int[])[1, 2, 3, 4]).Select(i => $$"""{"subset_img_id": "{{i}}", "img_id": "0000000{{Math.Min(i, 2)}}_000.png"}"""))}]");
        foreach (int i in (int[])[1, 2, 3, 4])
            folder.Picture($"set/stage_2_train_images/{i}.png", i);
    }

    private static void Slake(MadeFolder folder)
    {
        folder.Text("set/train.json", "[",
            Entry("img_name", 1, 1, "OPEN", "liver", """, "q_lang": "en" """), ",", Entry("img_name", 2, 2, "OPEN", "lung", """, "q_lang": "en" """), ",",
            Entry("img_name", 2, 3, "OPEN", "肺", """, "q_lang": "zh" """), ",", Entry("img_name", 2, 4, "CLOSED", "yes", """, "q_lang": "en" """), ",",
            Entry("img_name", 2, 5, "AJAR", "lung", """, "q_lang": "en" """), ",", Entry("img_name", 2, 6, "OPEN", "lung", ""), "]");
        foreach (int i in (int[])[1, 2])
            folder.Picture($"set/imgs/{i}.png", i);
    }

    private static void VqaRad(MadeFolder folder)
    {
        folder.Text("set/VQA_RAD Dataset Public.json", "[",
            Entry("image_name", 1, 1, "CLOSED", "yes", """, "phrase_type": "para" """), ",", Entry("image_name", 2, 2, "CLOSED", "no", """, "phrase_type": "para" """), ",",
            Entry("image_name", 2, 3, "CLOSED", "yes", """, "phrase_type": "test_para" """), ",", Entry("image_name", 2, 4, "OPEN", "lung", """, "phrase_type": "para" """), ",",
            Entry("image_name", 2, 5, "AJAR", "yes", """, "phrase_type": "para" """), "]");
        foreach (int i in (int[])[1, 2])
            folder.Picture($"set/images/{i}.png", i);
    }

    private static string Entry(string pictureField, int picture, int id, string type, string answer, string more) =>
        $$"""{"{{pictureField}}": "{{picture}}.png", "qid": {{id}}, "question": "?", "answer": "{{answer}}", "answer_type": "{{type}}"{{more}}}""";
}
