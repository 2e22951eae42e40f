using System.Collections.Immutable;

namespace FedKim.Data.Tests;

public sealed class RealDataTests
{
    private static readonly TaskSource Nih = new() { Reader = "image-folder", Path = ".", FileColumn = "image", Images = "png64", ImageSize = 32 };

    [Fact]
    public void Chest_pictures_of_the_NIH_set_are_read_with_their_labels()
    {
        var all = DataSet.Read(Nih with { Label = "Effusion" }, RealData.Folder("nih-cxr14-mini"))!.Samples;
        Assert.Equal(1993, all.Length);
        Assert.Equal(940, all.Select(s => s.Patient).Distinct().Count());
        Assert.All(all, s => Assert.All(s.Inputs["image"].Data, x => Assert.InRange(x, 0f, 1f)));
        Assert.Equal([1, 32, 32], all[0].Inputs["image"].Shape);
    }

    [Theory]
    [InlineData("rsna_target_lung_opacity", 582, 190)]
    [InlineData("Effusion", 1993, 256)]
    [InlineData("Atelectasis", 1993, 207)]
    [InlineData("Cardiomegaly", 1993, 97)]
    public void The_findings_of_the_tasks_are_read_from_the_NIH_set(string finding, int count, int positive)
    {
        var samples = DataSet.Read(Nih with { Label = finding }, RealData.Folder("nih-cxr14-mini"))!.Samples;
        Assert.Equal((count, positive), (samples.Length, samples.Count(s => s.Label == 1)));
    }

    [Fact]
    public void PneumoniaMNIST_is_read_and_the_pictures_it_has_twice_are_found()
    {
        string folder = RealData.Folder("pneumoniamnist");
        var source = new TaskSource { Reader = "medmnist", Path = ".", File = "pneumoniamnist.npz", ImageSize = 28 };
        Assert.Contains("shows the same picture as", Assert.Throws<DataException>(() => DataSet.Read(source, folder)).Message, StringComparison.Ordinal);

        var read = DataSet.Read(source with { OnBadSample = BadSample.Skip }, folder)!;
        Assert.Equal((5856 - 29, 29), (read.Samples.Length, read.LeftOut.Length));
        Assert.Equal([1, 28, 28], read.Samples[0].Inputs["image"].Shape);
        Assert.All(read.Samples, s => Assert.True(s.Inputs["image"].Data is var data && data.Min() >= 0 && data.Max() <= 1));

        var test = DataSet.Read(source with { OnBadSample = BadSample.Skip, Parts = ["test"] }, folder)!;
        Assert.Equal(624, test.Samples.Length + test.LeftOut.Length);
        Assert.Equal(234, test.Samples.Count(s => s.Label == 0));
    }

    [Fact]
    public void Questions_of_VQA_RAD_are_read_with_their_pictures()
    {
        string folder = RealData.Folder("vqa-rad");
        var source = new TaskSource { Reader = "vqa-rad", Path = "." };
        var all = DataSet.Read(source, folder)!.Samples;
        Assert.Equal((2248, 314), (all.Length, all.Select(s => s.Patient).Distinct().Count()));
        Assert.Equal((587, 451), (all.Count(s => s.Label == 1), all.Count(s => s.Id.StartsWith("test/", StringComparison.Ordinal))));
        Assert.All(all, s => Assert.True(s.Question == s.Question!.Trim() && s.Answer == s.Answer!.Trim() && s.Question.Length > 0 && s.Answer.Length > 0));
        Assert.Equal([1, 32, 32], all[0].Inputs["image"].Shape);
        Assert.Equal(451, all.Count(s => s.Part == PublishedPart.Test));

        var yesNo = DataSet.Read(source with { Questions = QuestionKind.YesNo }, folder)!.Samples;
        Assert.Equal((587 + 606, 587), (yesNo.Length, yesNo.Count(s => s.Label == 1)));
        Assert.Equal(1299, DataSet.Read(source with { Questions = QuestionKind.Closed }, folder)!.Samples.Length);
    }

    [Fact]
    public void Records_of_PTB_XL_are_read_with_both_kinds_of_label()
    {
        string folder = RealData.Folder("ptbxl");
        var source = new TaskSource { Reader = "ptbxl", Path = ".", Label = "abnormal" };
        var all = DataSet.Read(source, folder)!.Samples;
        Assert.Equal(400, all.Length);
        Assert.InRange(all.Count(s => s.Label == 0) / 400.0, 0.56, 0.60);

        // The first frame of record 317 as its header's initial values say, at 1000 units a millivolt.
        var record = all.Single(s => s.Id == "records100/00000/00317_lr").Inputs["signal"];
        Assert.Equal([12, 1000], record.Shape);
        float[] first = [-0.019f, -0.054f, -0.035f, 0.037f, 0.008f, -0.045f, -0.070f, 0.025f, 0.015f, -0.190f, -0.180f, -0.090f];
        Assert.Equal(first[0], record.Data[0], 1e-6f);
        Assert.Equal(first[1], record.Data[1000], 1e-6f);
        Assert.Equal(first[11], record.Data[11_000], 1e-6f);

        var fewer = DataSet.Read(source with { Downsample = 4 }, folder)!.Samples.Single(s => s.Id == "records100/00000/00317_lr").Inputs["signal"];
        Assert.Equal([12, 250], fewer.Shape);
        Assert.Equal(record.Data.Take(4).Average(), fewer.Data[0], 1e-6f);

        var folds = DataSet.Read(source with { Split = SplitBy.Published }, folder)!.Samples.CountBy(s => s.Part!.Value).ToDictionary();
        Assert.Equal((276, 70, 54), (folds[PublishedPart.Train], folds[PublishedPart.Development], folds[PublishedPart.Test]));
        Assert.All(all, s => Assert.Null(s.Part));

        var ectopic = DataSet.Read(source with { Label = "PVC,PAC,BIGU,TRIGU,SVARR,PRC(S)" }, folder)!.Samples;
        Assert.InRange(ectopic.Count(s => s.Label == 1), 12, 30);
        var noted = DataSet.Read(source with { Label = "PVC, PAC, extra_beats", Downsample = 4 }, folder)!.Samples;
        Assert.Equal(30, noted.Count(s => s.Label == 1));
    }

    [Fact]
    public void Stays_in_the_layout_of_YAIB_are_read_on_an_hourly_grid()
    {
        string folder = RealData.Folder("yaib-demo");
        var source = new TaskSource
        {
            Reader = "yaib",
            Path = "mortality24/eicu_demo",
            Hours = 25,
            Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty
                .Add("vital", [new("hr", 0, 1), new("resp", 0, 1)]).Add("lab", [new("crea", 0, 1)]).Add("output", [new("urine", 0, 1)]),
        };
        var mortality = DataSet.Read(source, folder)!.Samples;
        Assert.Equal((1367, 70), (mortality.Length, mortality.Count(s => s.Label == 1)));
        var vital = mortality[0].Inputs["vital"];
        Assert.Equal([25, 2], vital.Shape);
        Assert.All(vital.Data.Zip(vital.Mask!), cell => Assert.True(cell.Second || cell.First == 0));
        Assert.True(mortality.Average(s => s.Inputs["vital"].Mask!.Count(m => m)) > 35);

        // Sepsis is labelled by the hour. Of 896 stays, 63 of them positive, those are asked that are there after 25 hours and have none by then.
        var sepsis = DataSet.Read(source with { Path = "sepsis/eicu_demo" }, folder)!.Samples;
        Assert.Equal((557, 12), (sepsis.Length, sepsis.Count(s => s.Label == 1)));
    }

    [Fact]
    public void Stays_of_the_2012_challenge_are_read_from_their_archive()
    {
        string folder = RealData.Folder("physionet2012");
        var source = new TaskSource
        {
            Reader = "physionet2012",
            Path = ".",
            Label = "In-hospital_death",
            Hours = 48,
            Variables = ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty
                .Add("output", [new("Urine", 0, 1)]).Add("vital", [new("HR", 0, 1), new("Temp", 0, 1), new("SysABP, NISysABP", 0, 1), new("Age", 0, 1)]),
        };
        var all = DataSet.Read(source, folder)!.Samples;
        Assert.Equal((4000, 554), (all.Length, all.Count(s => s.Label == 1)));

        // The first lines of set-a/132539.txt: two values each in the first hour, none invasive.
        var first = all.Single(s => s.Id == "132539");
        Assert.Equal([75f, 35.35f, 152f, 54f], first.Inputs["vital"].Data.Take(4));
        Assert.Equal(54f, first.Inputs["vital"].Data[^1]);
        Assert.Equal(480f, first.Inputs["output"].Data[0]);
        Assert.True(all.Average(s => s.Inputs["vital"].Mask!.Count(m => m)) > 130);
    }

    [Fact]
    public void Questions_of_ECG_QA_are_read_with_the_records_they_ask_about()
    {
        string records = RealData.Folder("ptbxl"), root = Path.GetDirectoryName(RealData.Folder("ecgqa"))!;
        var source = new TaskSource { Reader = "ecg-qa", Path = "ecgqa", Records = "ptbxl", Attribute = "noise", Downsample = 4 };
        var noise = DataSet.Read(source, root)!;
        Assert.Equal((343, 70), (noise.Samples.Length, noise.LeftOut.Length));
        Assert.All(noise.Samples, s => Assert.Equal(s.Answer == "yes" ? 1 : 0, s.Label));
        Assert.Equal(("no", "Does the ECG reveal any static noise in lead aVL?"), noise.Samples.Where(s => s.Id == "train/120012").Select(s => (s.Answer!, s.Question!)).Single());
        Assert.Equal(144, noise.Samples.DistinctBy(s => s.Inputs["signal"]).Count());

        var template = DataSet.Read(source with { Wording = "template" }, root)!.Samples;
        Assert.Equal(noise.Samples.Select(s => (s.Id, s.Patient, s.Answer)), template.Select(s => (s.Id, s.Patient, s.Answer)));
        Assert.NotEqual(noise.Samples.Select(s => s.Question), template.Select(s => s.Question));

        var people = DataSet.Read(new TaskSource { Reader = "ptbxl", Path = ".", Label = "abnormal", Downsample = 4 }, records)!.Samples;
        Assert.Subset(people.Select(s => s.Patient).ToHashSet(), noise.Samples.Select(s => s.Patient).ToHashSet());
    }
}
