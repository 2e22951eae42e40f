using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>Sites come to a running federation and leave it; who is away is not waited for where the plan says so.</summary>
public sealed class ComingAndGoingTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b"];
    private static readonly ClientId Late = new("hospital-f");

    [Fact]
    public async Task Whoever_comes_takes_part_from_the_next_round_on_until_it_is_drained()
    {
        var (first, second) = (new Gate(), new Gate());
        await using var federation = await TestFederation.Start([], f =>
        {
            f.Training["hospital-b"] = new Counted(first);
            f.Training[Late.Value] = new Counted(second);
        });
        await federation.Submit(Anyone(rounds: 3, least: 2));
        federation.StartHospital("hospital-a");
        var waiting = await federation.Await(v => v.Waiting.Contains("1 of at least 2 are here", StringComparison.Ordinal));
        federation.StartHospital("hospital-b");
        await federation.Accepted(round: 1, count: 1);
        federation.StartHospital(Late.Value);
        await federation.Await(v => v.InvitedCount == 3);
        first.Open();
        // It trains in round 2 when it is drained, and its update counts all the same.
        await federation.Accepted(round: 2, count: 2);
        var drained = await federation.Ask<FederationView>(new OperatorMessages.Drain(Late));
        var again = await federation.Ask<FederationView>(new OperatorMessages.Drain(Late));
        second.Open();
        var end = await federation.AwaitEnd();

        Assert.Equal("Running", waiting.Phase);
        Assert.Equal((2, 2), (drained.InvitedCount, again.InvitedCount));
        Assert.Equal("Completed", end.Phase);
        Assert.Equal(Sites, await Accepted(federation, 1));
        string[] all = [.. Sites, Late.Value];
        Assert.Equal(all, await Accepted(federation, 2));
        Assert.Equal(Sites, await Accepted(federation, 3));
        var last = await federation.Ask<RoundView>(new FederationQueries.GetRound(3));
        Assert.Equal("committed with 2 of 2 sites; drained by an operator: hospital-f", last.Result);
        Assert.Equal([new DroppedView("hospital-f", "drained by an operator")], last.LeftOut);
        Assert.Equal(3, federation.Journal.Number("SELECT COUNT(*) FROM journal WHERE manifest = 'f.join'"));
    }

    [Fact]
    public async Task What_was_decided_of_sites_is_known_after_the_server_died()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-b"] = new Counted(gate));
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(Anyone(rounds: 2, least: 2));
        await federation.Accepted(round: 1, count: 1);
        await federation.Ask<FederationView>(new OperatorMessages.Exclude(Late));
        await federation.Crash("server");
        await federation.StartServer();
        federation.StartHospital(Late.Value);
        var clients = await federation.Await<FederationQueries.Clients>(new FederationQueries.GetClients(), c => c.Items.Any(i => i is { Client: "hospital-f", Present: true }));
        gate.Open();
        await federation.AwaitEnd();

        Assert.Equal("excluded", clients.Items.Single(c => c.Client == "hospital-f").Standing);
        Assert.Equal(Sites, await Accepted(federation, 2));
    }

    [Fact]
    public async Task Too_few_sites_within_the_limit_end_the_federation()
    {
        await using var federation = await TestFederation.Start([]);
        federation.StartHospital("hospital-a");
        await federation.Submit(Anyone(rounds: 1, least: 2) with { Limits = new WaitLimits(Opening: TimeSpan.FromSeconds(2)) });
        var end = await federation.AwaitEnd();
        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1));

        Assert.Equal("Failed", end.Phase);
        Assert.Matches("^The round was not opened before its limit. It waits for sites: [01] of at least 2 are here", round.Cause);
        Assert.Contains(round.Cause, end.Cause, StringComparison.Ordinal);
        federation.StartHospital("hospital-b");
        await federation.Submit(Anyone(rounds: 1, least: 2) with { Id = new FederationId("second"), Limits = new WaitLimits(Opening: TimeSpan.FromHours(1)) });
        Assert.Equal("Completed", (await federation.AwaitEnd()).Phase);
    }

    [Fact]
    public async Task A_site_that_falls_silent_is_not_waited_for_and_is_skipped_while_it_is_away()
    {
        await using var federation = await TestFederation.Start([], f => f.Training[Late.Value] = new Counted(new Gate()));
        foreach (string site in (string[])[.. Sites, Late.Value])
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 2, quorum: 2, [.. Sites, Late.Value]) with { SkipAfter = TimeSpan.FromSeconds(4), Deadline = TimeSpan.FromHours(1) });
        await federation.Accepted(round: 1, count: 2);
        await federation.Crash(Late.Value);
        await federation.AwaitEnd();

        var (fell, away) = (await federation.Ask<RoundView>(new FederationQueries.GetRound(1)), await federation.Ask<RoundView>(new FederationQueries.GetRound(2)));
        Assert.Equal([new DroppedView("hospital-f", "silent for 4 s")], fell.Dropped);
        Assert.Equal("committed with 2 of 3 sites, 66 % of the samples; without hospital-f (silent for 4 s)", fell.Result);
        Assert.Equal(Sites, away.Invited);
        Assert.Matches(@"^silent for \d+ s when the round opened$", Assert.Single(away.LeftOut).Reason);
        Assert.StartsWith("committed with 2 of 3 sites, 66 % of the samples; without hospital-f (silent for ", away.Result);
    }

    [Fact]
    public async Task An_excluded_site_is_dropped_from_the_open_round_and_lays_its_work_down()
    {
        await using var federation = await TestFederation.Start([], f => f.Training[Late.Value] = new Counted(new Gate()));
        foreach (string site in (string[])[.. Sites, Late.Value])
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, [.. Sites, Late.Value]));
        await federation.Accepted(round: 1, count: 2);
        await federation.Ask<FederationView>(new OperatorMessages.Exclude(Late));
        await federation.AwaitEnd();

        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1));
        Assert.Equal([new DroppedView("hospital-f", "excluded by an operator")], round.Dropped);
        await federation.Await<FederationQueries.Clients>(new FederationQueries.GetClients(), c => c.Items.Any(i => i is { Client: "hospital-f", Status.Round: "" }));
        var late = await federation.Ask<OperatorMessages.Refused>(new OperatorMessages.Return(Late));
        Assert.Equal("Federation rehearsal is Completed; nobody takes part in it any more.", late.Reason);
    }

    [Fact]
    public async Task A_site_that_nobody_invited_is_listed_as_that()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start([], f => f.Training["hospital-b"] = new Counted(gate));
        foreach (string site in (string[])[.. Sites, Late.Value])
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites));
        var clients = await federation.Await<FederationQueries.Clients>(new FederationQueries.GetClients(), c => c.Items.Length == 3 && c.Items.All(i => i.Present));
        var refused = await federation.Ask<OperatorMessages.Refused>(new OperatorMessages.Drain(Late));
        gate.Open();
        await federation.AwaitEnd();

        Assert.Equal("uninvited", clients.Items[2].Standing);
        Assert.Equal("hospital-f does not take part in federation rehearsal. 'client list' tells who does; say which federation is meant if it is another.", refused.Reason);
        Assert.Equal(Sites, await Accepted(federation, 1));
    }

    private static FederationPlan Anyone(int rounds, int least) =>
        TestFederation.Plan(rounds, quorum: 2) with { Anyone = new OpenInvitation(least, 5) };

    private static async Task<string[]> Accepted(TestFederation federation, int round) =>
        [.. (await federation.Ask<RoundView>(new FederationQueries.GetRound(round))).Accepted.Select(a => a.Client)];
}
