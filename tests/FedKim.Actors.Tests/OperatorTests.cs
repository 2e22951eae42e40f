using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>What an operator orders: a plan that no server can follow is refused, and a stop ends the federation that runs.</summary>
public sealed class OperatorTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task A_plan_whose_strategy_no_server_knows_is_refused_before_anybody_works()
    {
        await using var federation = await TestFederation.Start([]);

        var refused = Assert.IsType<OperatorMessages.Refused>(await federation.Submit(TestFederation.Plan(1, 1, "hospital-a") with { Strategy = "of-a-package" }));

        Assert.Contains("does not know the strategy of-a-package", refused.Reason);
    }

    [Fact]
    public async Task A_stop_ends_the_open_round_and_its_work_and_another_federation_can_run()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-c"] = new Counted(gate));
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 2, quorum: 3, Sites));
        await federation.Accepted(round: 1, count: 2);

        var stopped = await federation.Ask<FederationView>(new OperatorMessages.Stop("no more"));
        var again = await federation.Ask<FederationView>(new OperatorMessages.Stop("once more"));
        var round = await federation.Await<RoundView>(new FederationQueries.GetRound(1), r => r.Phase == "Failed");
        await federation.Await<FederationQueries.Clients>(new FederationQueries.GetClients(), c => c.Items.All(i => i.Status.Round.Length == 0));
        object next = await federation.Submit(Named("next", Sites));
        gate.Open();
        var end = await federation.AwaitEnd();

        Assert.Equal(("Stopped", "no more", "no more"), (stopped.Phase, stopped.Cause, again.Cause));
        Assert.Equal("no more", round.Cause);
        Assert.Equal("Initializing", Assert.IsType<FederationView>(next).Phase);
        Assert.Equal(("next", "Completed"), (end.Federation, end.Phase));
        var list = await federation.Ask<FederationQueries.Federations>(new FederationQueries.GetFederations());
        Assert.Equal([("rehearsal", "Stopped"), ("next", "Completed")], list.Items.Select(f => (f.Federation, f.Phase)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_stop_that_the_server_did_not_live_to_carry_out_ends_the_round_when_it_is_back(int firstLost)
    {
        await using var federation = await TestFederation.Start([]);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 1, "hospital-a"));
        await federation.Await<object>(new FederationQueries.GetRound(1), r => r is RoundView { Phase: "Training" });
        await federation.Ask<FederationView>(new OperatorMessages.Stop("no more"));
        await federation.Await<RoundView>(new FederationQueries.GetRound(1), r => r.Phase == "Failed");
        await federation.Crash("server");
        Forget(federation.Journal, "rehearsal/1", firstLost);
        await federation.StartServer();

        object round = await federation.Await<object>(new FederationQueries.GetRound(1), r => r is RoundView { Phase: "Failed" });

        Assert.Equal("no more", Assert.IsType<RoundView>(round).Cause);
    }

    [Fact]
    public async Task There_is_nothing_to_stop_before_the_first_federation_nor_after_the_last()
    {
        await using var federation = await TestFederation.Start(Sites);

        var before = await federation.Ask<OperatorMessages.Refused>(new OperatorMessages.Stop("no more"));
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        await federation.AwaitEnd();
        var after = await federation.Ask<OperatorMessages.Refused>(new OperatorMessages.Stop("no more"));

        Assert.Contains("No federation was submitted", before.Reason);
        Assert.Contains("Completed already", after.Reason);
    }

    private static FederationPlan Named(string name, string[] sites) =>
        TestFederation.Plan(rounds: 1, quorum: 3, sites) with { Id = new FederationId(name) };

    // As after a crash before the events from this one on were stored.
    private static void Forget(TestJournal journal, string id, int first) =>
        Assert.True(journal.Execute($"DELETE FROM journal WHERE persistence_id = '{id}' AND sequence_number >= {first}") > 0);
}
