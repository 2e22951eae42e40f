using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>A round whose sites cannot bring it to its quorum any more is tried again with others.</summary>
public sealed class RetriedRoundTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task A_site_that_was_drawn_and_excluded_gives_its_place_to_another()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start([], f =>
        {
            foreach (string site in Sites)
                f.Training[site] = new Counted(gate);
        });
        foreach (string site in Sites)
            federation.StartHospital(site);
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 2, Sites) with { Selection = new Selection(0.5), Retries = 3 });
        var drawn = await federation.Accepted(round: 1, count: 0);
        string excluded = drawn.Invited[0];
        await federation.Ask<FederationView>(new OperatorMessages.Exclude(new ClientId(excluded)));
        gate.Open();
        var end = await federation.AwaitEnd();

        var round = await federation.Ask<RoundView>(new FederationQueries.GetRound(1));
        Assert.Equal(2, drawn.Invited.Length);
        Assert.Equal("Completed", end.Phase);
        Assert.Equal(Sites.Where(s => s != excluded), round.Invited);
        Assert.Equal("committed with 2 of 2 sites; excluded by an operator: " + excluded, round.Result);
    }
}
