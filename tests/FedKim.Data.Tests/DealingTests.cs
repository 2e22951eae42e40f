using System.Collections.Immutable;
using CsCheck;
using FedKim.Data.Dealing;
using FedKim.Data.Demo;

namespace FedKim.Data.Tests;

public sealed class DealingTests : IDisposable
{
    private readonly SmallDemonstration _whole = new(hospitals: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-deal-");

    private static ImmutableSortedDictionary<string, double> Sites { get; } = Weights(1, 1, 1);

    private string Out => Path.Combine(_folder.FullName, "dealt");

    private static DataTask[] Tasks { get; } =
    [
        Task("pneumonia", zeroShot: false), Task("lung-opacity", zeroShot: false), Task("ecg-abnormal", zeroShot: false), Task("mortality", zeroShot: false),
        Task("ectopic-beats", zeroShot: true),
    ];

    public void Dispose()
    {
        _whole.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Everybody_of_a_pool_is_in_one_place_whatever_the_tasks() =>
        Gen.Select(GenTasks, Gen.Long, Gen.Double[0.1, 5].Array[1, 4]).Sample((tasks, seed, weights) =>
        {
            var places = PatientDeal.Of(tasks, Weights(weights), seed);
            foreach (var pool in tasks.GroupBy(t => t.Task.Source.Pool))
            {
                string[] dealt = [.. places.Values.SelectMany(pools => pools[pool.Key])];
                Assert.Equal(dealt.Length, dealt.Distinct().Count());
                Assert.Equal(pool.SelectMany(t => t.Patients).Distinct().Order(StringComparer.Ordinal), dealt.Order(StringComparer.Ordinal));
            }
        });

    [Fact]
    public void Whom_a_held_out_task_asks_about_and_whom_nobody_trains_on_is_test_data() =>
        Gen.Select(GenTasks, Gen.Long).Sample((tasks, seed) =>
        {
            var places = PatientDeal.Of(tasks, Sites, seed);
            foreach (var pool in tasks.GroupBy(t => t.Task.Source.Pool))
            {
                var test = places[Split.Test.ServerFolder][pool.Key];
                Assert.Subset(test.ToHashSet(), pool.Where(t => t.Task.Source.HeldOut).SelectMany(t => t.Patients).ToHashSet());
                var trained = pool.Where(t => !t.Task.ZeroShot).SelectMany(t => t.Patients).ToHashSet();
                Assert.Subset(test.ToHashSet(), pool.SelectMany(t => t.Patients).Where(patient => !trained.Contains(patient)).ToHashSet());
            }
        });

    [Fact]
    public void A_new_patient_moves_no_old_one() =>
        Gen.Select(Gen.Int[1, 60], Gen.Long).Sample((count, seed) =>
        {
            var task = new DataTask("t", new TaskSource { Reader = "image-folder", Path = "p" }, ZeroShot: false);
            var before = PatientDeal.Of([(task, People(count))], Sites, seed);
            var after = PatientDeal.Of([(task, People(count + 1))], Sites, seed);
            Assert.All(before, place => Assert.Subset(after[place.Key]["p"].ToHashSet(), place.Value["p"].ToHashSet()));
        });

    [Fact]
    public void Patients_are_dealt_as_7_1_1_1_and_by_the_sites_weights()
    {
        var task = new DataTask("t", new TaskSource { Reader = "image-folder", Path = "p" }, ZeroShot: false);
        var counts = PatientDeal.Of([(task, People(20_000))], Weights(3, 1, 0), 7).ToDictionary(place => place.Key, place => place.Value["p"].Length);
        Assert.InRange(counts["hospital-a"], 10_200, 10_800);
        Assert.InRange(counts["hospital-b"], 3_300, 3_700);
        Assert.Equal(0, counts["hospital-c"]);
        Assert.InRange(counts["server/public"], 1_830, 2_170);
        Assert.InRange(counts["server/test"], 1_830, 2_170);
    }

    [Fact]
    public void What_is_dealt_is_read_from_where_it_lies_each_sample_in_one_place_and_unchanged()
    {
        DealtFolder.Write(_whole.Site, Out, Tasks, Sites, seed: 1);
        foreach (var task in Tasks.Where(t => !t.ZeroShot))
        {
            var dealt = Places().Select(place => DataSet.Read(task.Source, Path.Combine(Out, place))).OfType<DataSet>().SelectMany(d => d.Samples).ToDictionary(s => s.Id);
            var whole = _whole.Read(task.Name)!.Samples;
            Assert.Equal(whole.Length, dealt.Count);
            Assert.All(whole, sample =>
            {
                Assert.Equal((sample.Patient, sample.Label), (dealt[sample.Id].Patient, dealt[sample.Id].Label));
                Assert.Equal(sample.Inputs.Values.SelectMany(v => v.Data), dealt[sample.Id].Inputs.Values.SelectMany(v => v.Data));
            });
        }
    }

    [Fact]
    public void A_task_that_is_only_measured_is_read_where_models_are_measured_alone()
    {
        DealtFolder.Write(_whole.Site, Out, Tasks, Sites, seed: 1);
        var byPlace = Places().ToDictionary(place => place, place => DataSet.Read(Tasks[^1].Source, Path.Combine(Out, place)));
        Assert.Equal(
            Places().Where(place => place is "server/development" or "server/test" && DataSet.Read(Tasks[2].Source, Path.Combine(Out, place)) is not null),
            Places().Where(place => byPlace[place] is not null));
        // The test patients' records are those that the trained task over the same patients has there.
        Assert.Equal(
            DataSet.Read(Tasks[2].Source, Path.Combine(Out, "server/test"))!.Samples.Select(s => s.Id),
            byPlace["server/test"]!.Samples.Select(s => s.Id));
    }

    [Fact]
    public void Dealing_copies_nothing_and_tells_what_lies_where()
    {
        var told = DealtFolder.Write(_whole.Site, Out, Tasks, Sites, seed: 1);
        Assert.All(Directory.EnumerateFiles(Out, "*", SearchOption.AllDirectories), file => Assert.Equal(DealtData.FileName, Path.GetFileName(file)));
        Assert.Empty(told.Problems);
        Assert.Equal(
            Inspection.Of(_whole.Site, Tasks).Counts.Concat(Inspection.Of(Out, Tasks).Counts).Select(c => (c.Folder, c.Task, c.Samples)),
            told.Counts.Select(c => (c.Folder, c.Task, c.Samples)));
        foreach (var task in told.Counts.Where(c => Tasks.Any(t => t.Name == c.Task && !t.ZeroShot)).GroupBy(c => c.Task))
            Assert.Equal(task.Single(c => c.Folder == ".").Positive, task.Where(c => c.Folder != ".").Sum(c => c.Positive));
    }

    [Fact]
    public void Questions_that_are_held_out_take_their_records_patients_out_of_training()
    {
        var asked = _whole.Read("ecg-abnormal")!.Samples.Take(5).ToArray();
        Directory.CreateDirectory(Path.Combine(_whole.Site, "questions"));
        File.WriteAllText(Path.Combine(_whole.Site, "questions", "paraphrased_train.json"), "[" + string.Join(",", asked.Select((s, i) =>
            $$"""{"sample_id":{{i}},"question_type":"single-verify","attribute_type":"noise","question":"Noise?","answer":["no"],"ecg_id":[{{int.Parse(Path.GetFileName(s.Id)[..5], System.Globalization.CultureInfo.InvariantCulture)}}]}""")) + "]");
        var questions = new DataTask("noise", new TaskSource { Reader = "ecg-qa", Path = "questions", Records = "ecg", Downsample = 4, HeldOut = true }, ZeroShot: true);
        DealtFolder.Write(_whole.Site, Out, [.. Tasks, questions], Sites, seed: 1);

        Assert.Equal(5, DataSet.Read(questions.Source, Path.Combine(Out, "server/test"))!.Samples.Length);
        string[] people = [.. asked.Select(s => s.Patient).Distinct()];
        foreach (string place in Places().Where(p => p != "server/test"))
            Assert.DoesNotContain(DataSet.Read(Tasks[2].Source, Path.Combine(Out, place))?.Samples ?? [], s => people.Contains(s.Patient));
    }

    [Fact]
    public void The_same_dealing_again_is_done_already_and_another_one_is_refused()
    {
        DealtFolder.Write(_whole.Site, Out, Tasks, Sites, seed: 1);
        string before = Content();
        DealtFolder.Write(_whole.Site, Out, Tasks, Sites, seed: 1);
        var error = Assert.Throws<DataException>(() => DealtFolder.Write(_whole.Site, Out, Tasks, Sites, seed: 2));
        Assert.Contains("holds something else", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Content());
        Assert.Equal(["dealt"], _folder.EnumerateFileSystemInfos().Select(f => f.Name));

        string Content() => string.Concat(Directory.EnumerateFiles(Out, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText));
    }

    [Fact]
    public void A_picture_of_two_patients_who_are_dealt_to_two_places_is_refused()
    {
        string[] pictures = [.. Directory.GetFiles(Path.Combine(_whole.Site, "xray"), "*.png", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        // As many as patients are sure to be dealt to several places.
        foreach (string picture in pictures[1..])
            File.Copy(pictures[0], picture, overwrite: true);
        var error = Assert.Throws<DataException>(() => DealtFolder.Write(_whole.Site, Out, Tasks, Sites, seed: 1));
        Assert.Contains("shows the same picture as", error.Message, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void A_dealing_that_fails_leaves_nothing()
    {
        string picture = _whole.File("xray", ".png");
        File.WriteAllText(picture, "no picture");
        Assert.Equal(picture, Assert.Throws<DataException>(() => DealtFolder.Write(_whole.Site, Out, Tasks, Sites, seed: 1)).File);
        Directory.Delete(Path.Combine(_whole.Site, "icu"), recursive: true);
        Assert.EndsWith("icu", Assert.Throws<DataException>(() => DealtFolder.Write(_whole.Site, Out, [Tasks[3]], Sites, seed: 1)).File, StringComparison.Ordinal);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    [Fact]
    public void A_place_says_why_it_cannot_be_read()
    {
        DealtFolder.Write(_whole.Site, Out, Tasks, Sites, seed: 1);
        string place = Path.Combine(Out, "hospital-a"), file = Path.Combine(place, DealtData.FileName);
        Refused(Tasks[0].Source with { Label = "pleural-effusion" }, "deals xray for other tasks than this one");
        Refused(Tasks[0].Source with { PatientsOf = "elsewhere" }, "deals xray for other tasks than this one");
        Assert.Null(DataSet.Read(Tasks[0].Source with { Path = "mammography" }, place));
        string text = File.ReadAllText(file);
        File.WriteAllText(file, text.Replace(_whole.Site, _whole.Site + "-moved", StringComparison.Ordinal));
        Refused(Tasks[0].Source, "which does not exist; bring it back or deal the data again");
        File.WriteAllText(file, text[..(text.Length / 2)]);
        Refused(Tasks[0].Source, "deal the data again");

        void Refused(TaskSource source, string problem)
        {
            var error = Assert.Throws<DataException>(() => DataSet.Read(source, place));
            Assert.Equal(file, error.File);
            Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        }
    }

    private static Gen<(DataTask Task, IReadOnlySet<string> Patients)[]> GenTasks { get; } =
        Gen.Select(Gen.Int[0, 2], Gen.Bool, Gen.Bool, Gen.Int[0, 30].Array[0, 20], (pool, zeroShot, heldOut, people) =>
            (new DataTask("t", new TaskSource { Reader = "image-folder", Path = $"pool-{pool}", HeldOut = zeroShot && heldOut }, zeroShot),
            (IReadOnlySet<string>)people.Select(p => $"p{p}").ToHashSet())).Array[1, 5];

    private static HashSet<string> People(int count) => [.. Enumerable.Range(0, count).Select(i => $"p{i}")];

    private static ImmutableSortedDictionary<string, double> Weights(params double[] weights) =>
        weights.Select((weight, i) => KeyValuePair.Create(DemoSites.Name(i), weight)).ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static DataTask Task(string name, bool zeroShot) => new(name, DemoData.Sources[name], zeroShot);

    private static IEnumerable<string> Places() => [.. Sites.Keys, "server/public", "server/development", "server/test"];
}
