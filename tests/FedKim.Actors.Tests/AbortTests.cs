using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>A person gives the open round up, and may have it tried again.</summary>
public sealed class AbortTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b"];

    [Fact]
    public async Task An_aborted_round_fails_its_federation_which_goes_on_when_it_is_resumed()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start(Sites, f => f.Training["hospital-b"] = new Counted(gate));
        await federation.Submit(TestFederation.Plan(1, 2, Sites));
        await federation.Accepted(round: 1, count: 1);
        var name = new FederationId((await federation.Ask<FederationView>(new FederationQueries.GetFederation())).Federation);
        var abort = new OperatorMessages.Abort(name, "the disk is exchanged");

        var aborted = await federation.Ask<FederationView>(abort);
        var again = await federation.Ask<FederationView>(abort with { Cause = "said twice" });
        await federation.Ask<FederationView>(new OperatorMessages.Resume(name));
        gate.Open();
        var end = await federation.AwaitEnd();

        Assert.Equal(("Failed", "the disk is exchanged"), (aborted.Phase, aborted.Cause));
        Assert.Equal(("Failed", "the disk is exchanged"), (again.Phase, again.Cause));
        Assert.Equal("Completed", end.Phase);
        var refused = await federation.Ask<OperatorMessages.Refused>(abort);
        Assert.Equal($"Federation {name} is Completed; no round of it is open.", refused.Reason);
    }

    [Fact]
    public async Task There_is_nothing_to_abort_of_a_federation_that_is_not_here()
    {
        await using var federation = await TestFederation.Start(Sites);
        var refused = await federation.Ask<OperatorMessages.Refused>(new OperatorMessages.Abort(new FederationId("none"), "why not"));
        Assert.Equal("No federation none runs here. 'federation list' tells which there are.", refused.Reason);
    }
}
