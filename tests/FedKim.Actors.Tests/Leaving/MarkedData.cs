using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using FedKim.Data;
using SkiaSharp;

namespace FedKim.Actors.Tests.Leaving;

/// <summary>For each reader a small data set in its layout, with a mark in what no layout fixes: cells, columns, files and folders that are named after people.</summary>
internal static class MarkedData
{
    /// <summary>Stands for a patient's name. In nothing that a plan says.</summary>
    public const string Mark = "Zqxv";

    /// <summary>Reader → how its data set is written into a folder, and the source that reads it.</summary>
    public static IReadOnlyDictionary<string, Func<string, Demonstration, TaskSource>> ByReader { get; } =
        new Dictionary<string, Func<string, Demonstration, TaskSource>>(StringComparer.Ordinal)
        {
            ["chexpert"] = (folder, _) => CheXpert(folder),
            ["covid-radiography"] = (folder, _) => CovidRadiography(folder),
            ["ecg-qa"] = EcgQa,
            ["image-folder"] = (folder, _) => ImageFolder(folder),
            ["medmnist"] = (folder, _) => MedMnist(folder),
            ["physionet2012"] = (folder, _) => PhysioNet(folder),
            ["ptbxl"] = (folder, demo) => demo.Write(folder, "ecg-abnormal"),
            ["rsna"] = (folder, _) => Rsna(folder),
            ["slake"] = (folder, _) => Slake(folder),
            ["vqa-rad"] = (folder, _) => VqaRad(folder),
            ["yaib"] = (folder, demo) => demo.Write(folder, "mortality"),
        };

    public static TaskSource ImageFolder(string folder)
    {
        Text(folder, "set/labels.csv", $"file,name,patient,label,{Mark} note", $"{Mark}/{Mark} Doe.png,{Mark} Doe,{Mark}-1,0,{Mark}", $"{Mark}/2.png,{Mark} Roe,{Mark}-2,1,{Mark}");
        Picture(folder, $"set/{Mark}/{Mark} Doe.png", 1);
        Picture(folder, $"set/{Mark}/2.png", 2);
        return new TaskSource { Reader = "image-folder", Path = "set", ImageSize = 16 };
    }

    private static TaskSource CheXpert(string folder)
    {
        string[] lines = [Line("train/patient00001/study1/view1_frontal.jpg", "1.0"), Line("train/patient00002/study1/view1_frontal.jpg", "0.0")];
        const string Header = "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Cardiomegaly";
        Text(folder, "CheXpert-v1.0-small/train.csv", [Header + $",{Mark}", .. lines]);
        Text(folder, "CheXpert-v1.0-small/valid.csv", Header + $",{Mark}", Line("valid/patient3/study1/view1_frontal.jpg", "1.0"));
        Picture(folder, "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg", 1);
        Picture(folder, "CheXpert-v1.0-small/train/patient00002/study1/view1_frontal.jpg", 2);
        Picture(folder, "CheXpert-v1.0-small/valid/patient3/study1/view1_frontal.jpg", 3);
        return new TaskSource { Reader = "chexpert", Path = "CheXpert-v1.0-small", Label = "Cardiomegaly", ImageSize = 16 };

        static string Line(string path, string label) => $"CheXpert-v1.0-small/{path},Female,68,Frontal,AP,,{label},{Mark}";
    }

    private static TaskSource CovidRadiography(string folder)
    {
        foreach (var (name, i) in new[] { "COVID", "Normal" }.Select((name, i) => (name, i)))
            Picture(folder, $"set/{name}/images/{name}-{Mark}.png", i);
        return new TaskSource { Reader = "covid-radiography", Path = "set", ImageSize = 16 };
    }

    private static TaskSource EcgQa(string folder, Demonstration demo)
    {
        var ecg = demo.Write(folder, "ecg-abnormal");
        int id = int.Parse(Path.GetFileName(DataSet.Read(ecg, folder)!.Samples[0].Id).Split('_')[0], System.Globalization.CultureInfo.InvariantCulture);
        Text(folder, "questions/paraphrased_train.json",
            $$"""[{"template_id": 26, "question_id": 1709, "sample_id": 7, "question_type": "single-verify", "attribute_type": "noise", "question": "Is {{Mark}} Doe's ECG noisy?", "answer": ["no"], "ecg_id": [{{id}}], "attribute": null}]""");
        return new TaskSource { Reader = "ecg-qa", Path = "questions", Records = ecg.Path, Attribute = "noise", Downsample = 4 };
    }

    private static TaskSource MedMnist(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "set"));
        using var zip = new ZipArchive(File.Create(Path.Combine(folder, "set", "set.npz")), ZipArchiveMode.Create);
        foreach (string part in (string[])["train", "val", "test"])
        {
            Add($"{part}_images", "(2, 2, 2)", [1, 2, 3, (byte)(10 * part.Length), 5, 6, 7, (byte)(20 * part.Length)]);
            Add($"{part}_labels", "(2, 1)", [0, 1]);
        }

        return new TaskSource { Reader = "medmnist", Path = "set", File = "set.npz", ImageSize = 16 };

        void Add(string name, string shape, byte[] values)
        {
            string header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".PadRight(117) + "\n";
            using var entry = zip.CreateEntry(name + ".npy").Open();
            entry.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. values]);
        }
    }

    private static TaskSource PhysioNet(string folder)
    {
        Text(folder, "icu/Outcomes-a.txt", "RecordID,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death", "1,6,1,5,-1,0", "2,6,1,5,-1,1");
        foreach (int id in (int[])[1, 2])
            Text(folder, $"icu/set-a/{id}.txt", "Time,Parameter,Value", $"00:00,RecordID,{id}", "00:10,HR,70", "00:20,HR,80");
        return new TaskSource
        {
            Reader = "physionet2012",
            Path = "icu",
            Label = "In-hospital_death",
            Hours = 4,
            Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty.Add("vital", [new("HR", 80, 20)]),
        };
    }

    private static TaskSource Rsna(string folder)
    {
        Text(folder, "set/stage_2_train_labels.csv", $"patientId,x,y,width,height,Target,{Mark}", $"{Mark},,,,,0,{Mark}", "b,264.0,152.0,213.0,379.0,1,");
        Text(folder, "set/pneumonia-challenge-dataset-mappings_2018.json",
            $$"""[{"subset_img_id": "{{Mark}}", "img_id": "{{Mark}}_000.png"}, {"subset_img_id": "b", "img_id": "00000002_001.png"}]""");
        Picture(folder, $"set/stage_2_train_images/{Mark}.png", 1);
        Picture(folder, "set/stage_2_train_images/b.png", 2);
        return new TaskSource { Reader = "rsna", Path = "set", ImageSize = 16 };
    }

    private static TaskSource Slake(string folder)
    {
        foreach (var (part, i) in new[] { "train", "validate", "test" }.Select((part, i) => (part, i)))
        {
            Text(folder, $"set/{part}.json",
                $$"""[{"img_id": {{i}}, "img_name": "{{Mark}}{{i}}/source.jpg", "question": "Is this {{Mark}} Doe?", "answer": "Yes", "q_lang": "en", "answer_type": "CLOSED", "qid": {{i}}}]""");
            Picture(folder, $"set/imgs/{Mark}{i}/source.jpg", i);
        }

        return new TaskSource { Reader = "slake", Path = "set", ImageSize = 16 };
    }

    private static TaskSource VqaRad(string folder)
    {
        Text(folder, "set/VQA_RAD Dataset Public.json", $$"""
            [
              {"qid": "0", "phrase_type": "freeform", "image_name": "{{Mark}}.jpg", "question": "Is this {{Mark}} Doe?", "answer": "No", "answer_type": "CLOSED"},
              {"qid": "{{Mark}}", "phrase_type": "test_freeform", "image_name": "b.jpg", "question": "Is there an effusion?", "answer": "{{Mark}}", "answer_type": "OPEN"}
            ]
            """);
        Picture(folder, $"set/images/{Mark}.jpg", 1);
        Picture(folder, "set/images/b.jpg", 2);
        return new TaskSource { Reader = "vqa-rad", Path = "set", ImageSize = 16 };
    }

    private static void Text(string folder, string name, params string[] lines) => File.WriteAllText(At(folder, name), string.Join('\n', lines) + "\n");

    private static void Picture(string folder, string name, int number)
    {
        using var picture = new SKBitmap(16, 16);
        for (int i = 0; i < 256; i++)
            picture.SetPixel(i % 16, i / 16, new SKColor((byte)(i * (number + 3)), (byte)(i * (number + 3)), (byte)(i * (number + 3))));
        using var encoded = picture.Encode(name.EndsWith(".jpg", StringComparison.Ordinal) ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, 95);
        File.WriteAllBytes(At(folder, name), encoded.ToArray());
    }

    private static string At(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
