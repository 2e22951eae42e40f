using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>What is asked of a round is answered from its journal and its updates.</summary>
public sealed class RoundQueriesTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task A_rounds_story_is_read_from_its_journal_while_it_runs_and_after_its_end()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-c"] = new Counted(gate));
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await federation.Accepted(round: 1, count: 2);

        var open = await federation.Ask<FederationQueries.Story>(new FederationQueries.GetStory(1));
        gate.Open();
        await federation.AwaitEnd();
        var ended = await federation.Ask<FederationQueries.Story>(new FederationQueries.GetStory(1));
        var none = await federation.Ask<FederationQueries.NotFound>(new FederationQueries.GetStory(2));

        Assert.Equal(4, open.Lines.Length);
        Assert.Equal(open.Lines, ended.Lines.Take(4));
        Assert.StartsWith("The round was committed", ended.Lines[^1].Text);
        Assert.Contains("There is no round 2", none.Message);
    }

    [Theory]
    [InlineData("fedavg", 1)]
    [InlineData("fedyogi", 2)]
    public async Task A_rounds_aggregate_is_recomputed_while_its_updates_are_there_and_then_they_are_gone(string strategy, int round)
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new WaitingInjection(gate, new RoundId(new FederationId("rehearsal"), round)));
        await federation.Submit(TestFederation.Plan(round, quorum: 3, Sites) with { Strategy = strategy, ServerOptimizer = Aggregation.Recommended(strategy) });
        await federation.Await<object>(new FederationQueries.GetRound(round), r => r is RoundView { Phase: "Injecting" });

        var open = await federation.Ask<ReplayView>(new FederationQueries.GetReplay(round));
        gate.Open();
        await federation.AwaitEnd();
        var ended = await federation.Ask<ReplayView>(new FederationQueries.GetReplay(round));
        var none = await federation.Ask<FederationQueries.NotFound>(new FederationQueries.GetReplay(round + 1));

        Assert.Equal((3, open.Recorded), (open.Updates, open.Computed));
        Assert.Equal((0, "", open.Recorded), (ended.Updates, ended.Computed, ended.Recorded));
        Assert.Contains("destroyed with their key", ended.Message);
        Assert.Contains($"There is no round {round + 1}", none.Message);
    }
}
