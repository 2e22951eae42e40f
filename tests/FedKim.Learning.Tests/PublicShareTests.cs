using System.Collections.Immutable;
using FedKim.Data;
using FedKim.Rounds;

namespace FedKim.Learning.Tests;

public sealed class PublicShareTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly LearningPlan Plan = DemoFederation.Plan with { Injection = new() { Steps = 4, BatchSize = 8, LearningRate = 2e-3, Threads = 1 } };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_smaller_share_is_a_part_of_a_larger_one_and_parts_no_patient_s_samples(long seed)
    {
        var all = Samples(200);
        var shares = ((double[])[0.01, 0.05, 0.1, 0.5, 1]).Select(share => new PublicShare(share, seed).Of(all)).ToArray();

        Assert.Equal(all, shares[^1]);
        Assert.Equal(100, People(shares[3]).Count);
        for (int i = 1; i < shares.Length; i++)
            Assert.Subset(People(shares[i]), People(shares[i - 1]));
        Assert.All(shares, share => Assert.Equal(all.Where(s => People(share).Contains(s.Patient)), share));
        Assert.NotEqual(shares[2], new PublicShare(0.1, seed + 100).Of(all));
    }

    [Fact]
    public void Of_either_label_a_few_stay_whatever_the_share()
    {
        var few = new PublicShare(0.001, 1).Of(Samples(200));

        Assert.All((int[])[0, 1], label => Assert.InRange(few.Count(s => s.Label == label), PublicShare.LeastOfALabel, 3 * PublicShare.LeastOfALabel));
        // As far as there are any.
        ImmutableArray<Sample> rare = [Sample(0, 1), Sample(1, 0), Sample(2, 0)];
        Assert.Equal(rare, new PublicShare(0.001, 1).Of(rare));
    }

    [Fact]
    public void Who_is_there_for_two_tasks_is_drawn_for_both()
    {
        var all = Samples(200);
        var other = all.Select(s => s with { Label = 1 - s.Label }).Reverse().ToImmutableArray();

        Assert.Equal(People(new PublicShare(0.3, 1).Of(all)), People(new PublicShare(0.3, 1).Of(other)));
    }

    [Fact]
    public void An_injection_learns_from_its_share_and_from_nothing_else()
    {
        InjectedModel all = Inject(Open(), null), part = Inject(Open(), 0.2);
        Assert.NotEqual(all.Adapter.Digest, part.Adapter.Digest);

        // What one federation has read is not handed to another that asks for less, or for more.
        using var injection = Open();
        Assert.Equal([all.Adapter.Digest, part.Adapter.Digest, all.Adapter.Digest], ((double?[])[null, 0.2, null]).Select(share => Inject(injection, share).Adapter.Digest));
    }

    [Theory]
    [InlineData("fedkim", false)]
    [InlineData("fedkim-pub", true)]
    public void Hospitals_keep_all_their_data_and_the_site_in_their_place_has_the_share(string method, bool fewer)
    {
        var plan = Plan with { Injection = Plan.Injection with { Method = method } };
        var (all, part) = (Train(plan), Train(plan with { Injection = plan.Injection with { PublicShare = 0.2 } }));

        Assert.Equal(all.ByTask.Keys, part.ByTask.Keys);
        Assert.All(part.ByTask, task => Assert.Equal(fewer, task.Value < all.ByTask[task.Key]));
    }

    [Fact]
    public void A_plan_says_nothing_of_a_share_that_is_all()
    {
        Assert.DoesNotContain("share", Plan.ToJson(), StringComparison.OrdinalIgnoreCase);
        string text = (Plan with { Injection = Plan.Injection with { PublicShare = 0.1 } }).ToJson();
        Assert.Equal(0.1, LearningPlan.Parse(text).Injection.PublicShare);
    }

    // Every third person has two samples, every tenth sample is positive.
    private static ImmutableArray<Sample> Samples(int people) =>
    [
        .. Enumerable.Range(0, people).SelectMany(person => Enumerable.Repeat(person, person % 3 == 0 ? 2 : 1))
            .Select((person, i) => Sample(i, i % 10 == 0 ? 1 : 0, person)),
    ];

    private static Sample Sample(int number, int label, int? person = null) =>
        new($"s{number}", $"p{person ?? number}", ImmutableSortedDictionary<string, Values>.Empty, label);

    private static SortedSet<string> People(ImmutableArray<Sample> samples) => [.. samples.Select(s => s.Patient)];

    private Injection Open() => new(Path.Combine(demo.Data, "server"), DemoInjection.Repository());

    private InjectedModel Inject(Injection injection, double? share)
    {
        string plan = (Plan with { Injection = Plan.Injection with { PublicShare = share } }).ToJson();
        var start = injection.Initialize(new FederationId("test"), DemoFederation.Seed, plan, demo.Folder());
        var round = new RoundId(new FederationId("test"), 1);
        return injection.Inject(new InjectionRequest(round, DemoFederation.Seed, plan, start.GlobalModel, start.Adapter, demo.Folder()), _ => { }, CancellationToken.None);
    }

    private SampleCounts Train(LearningPlan plan)
    {
        using var training = new LocalTraining(Path.Combine(demo.Data, "server", "public")) { Key = [1, 2, 3] };
        return training.Train(demo.Request(new ClientId("public"), plan: plan), _ => { }, CancellationToken.None).Samples;
    }
}
