using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>A strategy whose server remembers: the moments of a round go on in the next, whoever coordinates it.</summary>
public sealed class AdaptiveFederationTests
{
    private const string Mark = "encoder.rehearsal.mark";

    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task A_coordinator_that_dies_between_and_inside_rounds_changes_no_digest_of_fedadam()
    {
        string[] undisturbed = await Digests(rounds: 3);
        var gates = new SortedDictionary<int, Gate> { [2] = new(), [3] = new() };
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-c"] = new Gated(gates));
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(Plan("fedadam", rounds: 3));
        foreach (var (round, gate) in gates)
        {
            // Between the rounds, and inside the round with two updates counted.
            await federation.Await(v => v.CommittedRounds == round - 1);
            await Restart();
            await federation.Accepted(round, count: 2);
            await Restart();
            gate.Open();
        }

        Assert.Equal("Completed", (await federation.AwaitEnd()).Phase);
        Assert.Equal(undisturbed, await Digests(federation));

        async Task Restart()
        {
            await federation.Crash("server");
            await federation.StartServer();
        }
    }

    [Fact]
    public async Task The_moments_of_a_committed_round_go_on_in_the_next_and_no_site_gets_them()
    {
        var (one, m1, v1) = await Moments(rounds: 1);
        var (two, m2, v2) = await Moments(rounds: 2);

        Assert.Equal(one.Rounds[0], two.Rounds[0]);
        double change = Sites.Average(s => (double)(float)SeededGenerator.Derive(TestFederation.Plan(1, 1).Seed, "rehearsal", 2, s).NextDouble());
        Assert.NotEqual(0, m1);
        Assert.Equal((0.9 * m1) + (0.1 * change), m2, 1e-6);
        Assert.Equal((0.99 * v1) + (0.01 * change * change), v2, 1e-6);
        Assert.All(two.Model, name => Assert.False(ServerMoments.Is(name)));
    }

    private static FederationPlan Plan(string strategy, int rounds) =>
        TestFederation.Plan(rounds, quorum: 3, Sites) with { Strategy = strategy, ServerOptimizer = Aggregation.Recommended(strategy) };

    private static async Task<string[]> Digests(int rounds)
    {
        await using var federation = await TestFederation.Start(Sites);
        await federation.Submit(Plan("fedadam", rounds));
        await federation.AwaitEnd();
        return await Digests(federation);
    }

    private static async Task<string[]> Digests(TestFederation federation)
    {
        var rounds = await federation.Ask<FederationQueries.Rounds>(new FederationQueries.GetRounds());
        return [.. rounds.Items.Select(r => $"{r.Aggregate} {r.GlobalModel} {r.Adapter}")];
    }

    // The digests of all rounds and the tensors of the result, with both moments of the model's mark.
    private static async Task<((string[] Rounds, string[] Model) Result, float First, float Second)> Moments(int rounds)
    {
        await using var federation = await TestFederation.Start(Sites);
        await federation.Submit(Plan("fedadam", rounds));
        var end = await federation.AwaitEnd();
        var last = await federation.Ask<RoundView>(new FederationQueries.GetRound(rounds));
        using var aggregate = SafetensorsFile.Open(Path.Combine(federation.ServerFolder, "weights", last.Aggregate));
        using var model = SafetensorsFile.Open(Path.Combine(federation.ServerFolder, "weights", end.GlobalModel));
        return ((await Digests(federation), [.. model.Tensors.Keys]), aggregate.Values<float>($"server.m.{Mark}")[0], aggregate.Values<float>($"server.v.{Mark}")[0]);
    }

    /// <summary>Trains in a round that has a gate after it was opened.</summary>
    private sealed class Gated(IReadOnlyDictionary<int, Gate> gates) : ILocalTraining
    {
        private readonly RehearsalTraining _training = new();

        public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
        {
            gates.GetValueOrDefault(request.Round.Number)?.Pass(cancel);
            return _training.Train(request, progress, cancel);
        }

        public void Dispose() => _training.Dispose();
    }
}
