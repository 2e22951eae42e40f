using System.Collections.Immutable;
using CsCheck;
using FedKim.Data.Dealing;
using FedKim.Data.Demo;
using FedKim.Rounds;

namespace FedKim.Data.Tests;

/// <summary>The parts that a publisher made, kept when data are dealt.</summary>
public sealed class PublishedSplitTests : IDisposable
{
    private const string OtherPart = "is of another part of its publisher's";

    private static readonly DataTask Ecg = new("ecg-abnormal", DemoData.Sources["ecg-abnormal"] with { Split = SplitBy.Published }, ZeroShot: false);
    private static readonly DataTask Ectopic = new("ectopic-beats", DemoData.Sources["ectopic-beats"], ZeroShot: true);
    private static readonly ImmutableSortedDictionary<string, double> Sites =
        ((string[])["hospital-a", "hospital-b"]).ToImmutableSortedDictionary(site => site, _ => 1.0, StringComparer.Ordinal);

    private readonly SmallDemonstration _whole = new(hospitals: 1);
    private readonly MadeFolder _folder = new();

    private string Out => _folder.At("dealt");

    public void Dispose()
    {
        _whole.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Whom_a_publisher_put_into_a_part_is_there_in_every_task_of_the_pool() => Gen.Long.Sample(seed =>
    {
        var random = SeededGenerator.Derive(seed, "people");
        (DataTask Task, IReadOnlySet<string> Patients)[] tasks =
        [
            .. Enumerable.Range(0, 4).Select(i => (
                new DataTask($"t{i}", new TaskSource { Reader = "ptbxl", Path = $"pool-{i % 2}", HeldOut = i == 3 && random.NextInt(2) == 0 }, ZeroShot: i >= 2),
                (IReadOnlySet<string>)Enumerable.Range(0, 40).Where(_ => random.NextInt(2) == 0).Select(p => $"p{p}").ToHashSet())),
        ];
        var parts = tasks[0].Patients.ToDictionary(patient => patient, _ => (PublishedPart)random.NextInt(3));
        var places = PatientDeal.Of(tasks, Sites, seed, new Dictionary<string, Dictionary<string, PublishedPart>> { ["pool-0"] = parts });

        var place = places.SelectMany(p => p.Value["pool-0"].Select(patient => (Patient: patient, p.Key))).ToDictionary(p => p.Patient, p => p.Key);
        Assert.All(parts, part => Assert.True(part.Value switch
        {
            PublishedPart.Test => place[part.Key] == "server/test",
            PublishedPart.Development => place[part.Key] == "server/development",
            _ => place[part.Key] is "hospital-a" or "hospital-b" or "server/public",
        }, $"{part.Key} of {part.Value} is in {place[part.Key]}"));
        // Nobody of another pool is moved, nor who has no part.
        var anew = PatientDeal.Of(tasks, Sites, seed);
        Assert.All(anew, p => Assert.Equal(p.Value["pool-1"], places[p.Key]["pool-1"]));
        Assert.All(anew, p => Assert.Subset(places[p.Key]["pool-0"].ToHashSet(), p.Value["pool-0"].Where(patient => !parts.ContainsKey(patient)).ToHashSet()));
    }, iter: 50);

    [Fact]
    public void A_training_part_is_dealt_to_hospitals_and_public_data_as_7_to_1()
    {
        var people = Enumerable.Range(0, 16_000).Select(i => $"p{i}").ToHashSet();
        var parts = people.ToDictionary(patient => patient, _ => PublishedPart.Train);
        var places = PatientDeal.Of([(Ecg, people)], Sites, 7, new Dictionary<string, Dictionary<string, PublishedPart>> { [Ecg.Source.Pool] = parts });
        Assert.InRange(places["server/public"][Ecg.Source.Pool].Length, 1_870, 2_130);
        Assert.InRange(places["hospital-a"][Ecg.Source.Pool].Length, 6_750, 7_250);
        Assert.Equal((0, 0), (places["server/test"][Ecg.Source.Pool].Length, places["server/development"][Ecg.Source.Pool].Length));
    }

    [Fact]
    public void The_folds_of_PTB_XL_are_where_its_authors_put_them()
    {
        Fold();
        var told = DealtFolder.Write(_whole.Site, Out, [Ecg, Ectopic], Sites, seed: 1);
        var whole = DataSet.Read(Ecg.Source, _whole.Site)!.Samples;
        Assert.Equal(3, whole.Select(s => s.Part).Distinct().Count());
        Assert.Equal(Ids(whole, PublishedPart.Test), Ids(Place(Ecg, "server/test")));
        Assert.Equal(Ids(whole, PublishedPart.Development), Ids(Place(Ecg, "server/development")));
        Assert.Equal(Ids(whole, PublishedPart.Train), Ids([.. Place(Ecg, "hospital-a"), .. Place(Ecg, "hospital-b"), .. Place(Ecg, "server/public")]));
        Assert.Equal(Ids(whole, PublishedPart.Test), Ids(Place(Ectopic, "server/test")));
        Assert.DoesNotContain(told.Counts, count => count.LeftOut.ContainsKey(OtherPart));
        Assert.Equal(whole.Select(s => s.Patient).Distinct().Count(), told.Pools.Where(count => count.Pool == "ecg").Sum(count => count.People));
        Assert.Equal(Place(Ecg, "server/test").Select(s => s.Patient).Distinct().Count(), told.Pools.Single(count => count is { Pool: "ecg", Folder: "server/test" }).People);
    }

    [Fact]
    public void Whom_a_held_out_task_asks_about_is_neither_trained_on_nor_part_of_the_publisher_s_test()
    {
        Fold();
        var whole = DataSet.Read(Ecg.Source, _whole.Site)!.Samples;
        var asked = whole.Where(s => s.Part == PublishedPart.Train).Take(3).ToArray();
        Directory.CreateDirectory(Path.Combine(_whole.Site, "questions"));
        File.WriteAllText(Path.Combine(_whole.Site, "questions", "paraphrased_train.json"), "[" + string.Join(",", asked.Select((s, i) =>
            $$"""{"sample_id":{{i}},"question_type":"single-verify","attribute_type":"noise","question":"Noise?","answer":["no"],"ecg_id":[{{int.Parse(Path.GetFileName(s.Id)[..5], System.Globalization.CultureInfo.InvariantCulture)}}]}""")) + "]");
        var questions = new DataTask("noise", new TaskSource { Reader = "ecg-qa", Path = "questions", Records = "ecg", Downsample = 4, HeldOut = true }, ZeroShot: true);
        var told = DealtFolder.Write(_whole.Site, Out, [Ecg, Ectopic, questions], Sites, seed: 1);

        var people = asked.Select(s => s.Patient).ToHashSet();
        Assert.Equal(3, Place(questions, "server/test").Length);
        Assert.All(Sites.Keys.Append("server/public"), place => Assert.DoesNotContain(Place(Ecg, place), s => people.Contains(s.Patient)));
        Assert.Equal(Ids(whole, PublishedPart.Test), Ids(Place(Ecg, "server/test")));
        Assert.Equal(whole.Count(s => people.Contains(s.Patient)), told.Counts.Single(c => (c.Folder, c.Task) == ("server/test", Ecg.Name)).LeftOut[OtherPart]);
        Assert.Superset(people, Place(Ectopic, "server/test").Select(s => s.Patient).ToHashSet());
    }

    [Fact]
    public void What_was_dealt_anew_is_not_read_as_the_publisher_s_and_is_written_as_ever()
    {
        Fold();
        var anew = Ecg with { Source = Ecg.Source with { Split = SplitBy.Patient } };
        DealtFolder.Write(_whole.Site, Out, [anew], Sites, seed: 1);
        Assert.DoesNotContain("part\"", File.ReadAllText(Path.Combine(Out, "server/test", DealtData.FileName)), StringComparison.OrdinalIgnoreCase);
        Refused(Ecg, Out);
        DealtFolder.Write(_whole.Site, Out + "-kept", [Ecg], Sites, seed: 1);
        Refused(anew, Out + "-kept");

        static void Refused(DataTask task, string dealt) => Assert.Contains(
            "deals ecg for other tasks than this one; deal the data again",
            Assert.Throws<DataException>(() => DataSet.Read(task.Source, Path.Combine(dealt, "server/test"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("11")]
    [InlineData("")]
    public void A_fold_that_is_none_is_told_with_its_line(string fold)
    {
        Fold(_ => fold);
        Assert.Contains("column 'strat_fold'", Assert.Throws<DataException>(() => DealtFolder.Write(_whole.Site, Out, [Ecg], Sites, seed: 1)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Out));
    }

    // Every fourth patient is in fold 9, every fourth in 10.
    private void Fold() => Fold(patient => (patient % 4) switch { 0 => "9", 1 => "10", _ => $"{1 + (patient % 8)}" });

    private void Fold(Func<int, string> fold)
    {
        string file = Path.Combine(_whole.Site, "ecg", "ptbxl_database.csv");
        var patients = new List<string>();
        File.WriteAllLines(file, File.ReadAllLines(file).Select((line, i) =>
        {
            if (i == 0)
                return line;
            string patient = line.Split(',')[1];
            if (!patients.Contains(patient))
                patients.Add(patient);
            return line.Replace(",1,records100/", $",{fold(patients.IndexOf(patient))},records100/", StringComparison.Ordinal);
        }).ToArray());
    }

    private ImmutableArray<Sample> Place(DataTask task, string place) => DataSet.Read(task.Source, Path.Combine(Out, place))?.Samples ?? [];

    private static IEnumerable<string> Ids(ImmutableArray<Sample> samples, PublishedPart? part = null) =>
        samples.Where(s => part is null || s.Part == part).Select(s => s.Id).Order(StringComparer.Ordinal);
}
