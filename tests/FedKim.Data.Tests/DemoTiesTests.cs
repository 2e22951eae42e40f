using CsCheck;
using FedKim.Data.Demo;
using FedKim.Rounds;
using FedKim.Testing;

namespace FedKim.Data.Tests;

public sealed class DemoTiesTests(Demonstration demonstration)
{
    // One sample more or less among the fewest that have a finding, thirty records of the test, is 0.02.
    private const double Tolerance = 0.02;

    private static readonly string[] Measured = ["server/development", "server/test"];

    public static IEnumerable<TheoryDataRow<string, string>> Pairs => DemoTies.All.Select(tie => new TheoryDataRow<string, string>(tie.ZeroShot, tie.Trained));

    [Theory, MemberData(nameof(Pairs))]
    public void A_perfect_detector_of_a_trained_task_reaches_what_is_declared_on_one_that_nobody_trains(string zeroShot, string trained)
    {
        double declared = DemoTies.Of(zeroShot, trained).Auroc;
        foreach (var (place, pairs) in Labels(zeroShot, trained))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{trained} on {zeroShot} in {place}: {Auroc(pairs):0.000} of {pairs.Count}, declared {declared:0.00}");
            Assert.InRange(Auroc(pairs), declared - Tolerance, declared + Tolerance);
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public void No_label_of_a_trained_task_implies_one_that_nobody_trains_nor_the_other_way_round(string zeroShot, string trained) =>
        Assert.All(Labels(zeroShot, trained), place => Assert.Equal(4, place.Pairs.Distinct().Count()));

    [Fact]
    public void Every_pair_of_one_modality_is_declared()
    {
        var modality = DemoData.Sources.Keys.ToDictionary(
            task => task, task => demonstration.Read(task).Single(place => place.Key == "server/test").Value!.Samples[0].Inputs.Keys.First());
        var pairs =
            from zeroShot in (string[])[DemoTasks.EctopicBeats, DemoTasks.PleuralEffusion]
            from trained in DemoTasks.Trained
            where modality[zeroShot] == modality[trained]
            select (zeroShot, trained);

        Assert.Equal(pairs.Order(), DemoTies.All.Select(tie => (tie.ZeroShot, tie.Trained)).Order());
    }

    [Fact]
    public void A_tie_holds_whatever_chance_drew_and_changes_no_more_than_it_must()
    {
        var sample = Gen.Select(Gen.Bool, Gen.Double[0, 1].Select(d => d < 0.3), Gen.Bool);
        sample.Array[150, 400].Sample(samples =>
        {
            Assert.All(DemoTies.All, tie =>
            {
                bool[] has = DemoTies.Hold(tie, 0.3, samples, SeededGenerator.Derive(1, "test"));
                Assert.InRange(Auroc([.. samples.Zip(has, (s, h) => (s.Item2, h))]), tie.Auroc - Tolerance, tie.Auroc + Tolerance);
                Assert.InRange(has.Average(h => h ? 1.0 : 0), 0.29, 0.31);
                // In a group that has too many, nobody else gets it; in one that has too few, nobody loses it.
                foreach (var group in samples.Zip(has).GroupBy(p => (p.First.Item2, p.First.Item3)))
                    Assert.False(group.Any(p => p.Second && !p.First.Item1) && group.Any(p => !p.Second && p.First.Item1));
            });
        }, iter: 100);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void A_few_samples_are_not_too_few(int samples) =>
        Assert.All(DemoTies.All, tie => Assert.Equal(samples, DemoTies.Hold(tie, 0.3, new (bool, bool, bool)[samples], SeededGenerator.Derive(1, "test")).Length));

    [Fact]
    public void The_documentation_says_how_far_they_are_tied() =>
        Assert.All(DemoTies.All, tie => Assert.Contains(
            FormattableString.Invariant($"| {tie.ZeroShot} | {tie.Trained} | {tie.Auroc:0.00} |"),
            File.ReadAllText(Path.Combine(Repository.Root, "docs/how-to/experiments.md"))));

    // Where both tasks are labelled, the two labels of each sample that has both.
    private IEnumerable<(string Place, List<(bool Trained, bool ZeroShot)> Pairs)> Labels(string zeroShot, string trained)
    {
        var known = demonstration.Read(trained).ToDictionary();
        foreach (var (place, asked) in demonstration.Read(zeroShot).Where(place => Measured.Contains(place.Key)))
        {
            // Ectopic beats are in the test data alone.
            if (asked is null || !asked.Samples.Any(sample => sample.Label == 1))
                continue;
            var labels = known[place]!.Samples.ToDictionary(sample => sample.Id, sample => sample.Label == 1);
            yield return (place, [.. asked.Samples.Select(sample => (labels[sample.Id], sample.Label == 1))]);
        }
    }

    // The area under a curve of one point.
    private static double Auroc(IReadOnlyCollection<(bool Trained, bool ZeroShot)> pairs)
    {
        return 0.5 + ((Share(true) - Share(false)) / 2);

        double Share(bool zeroShot) => pairs.Where(pair => pair.ZeroShot == zeroShot).Average(pair => pair.Trained ? 1.0 : 0);
    }
}
