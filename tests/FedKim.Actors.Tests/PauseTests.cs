using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>A person pauses a federation, and lets it go on.</summary>
public sealed class PauseTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b"];

    [Fact]
    public async Task A_paused_federation_ends_its_open_round_and_opens_the_next_when_it_goes_on_though_its_server_dies_meanwhile()
    {
        var gate = new Gate();
        await using var federation = await TestFederation.Start(Sites, f => f.Training["hospital-b"] = new Counted(gate));
        var plan = TestFederation.Plan(2, 2, Sites);
        await federation.Submit(plan);
        await federation.Accepted(round: 1, count: 1);

        var paused = await federation.Ask<FederationView>(new OperatorMessages.Pause(plan.Id));
        await federation.Ask<FederationView>(new OperatorMessages.Pause(plan.Id));
        await federation.Crash("server");
        await federation.StartServer();
        gate.Open();
        var held = await federation.Await(v => v.CommittedRounds == 1 && v.Waiting.Length > 0);
        var story = await federation.Ask<FederationQueries.Story>(new FederationQueries.GetStory(1));
        var none = await federation.Ask<FederationQueries.NotFound>(new FederationQueries.GetStory(2));
        var on = await federation.Ask<FederationView>(new OperatorMessages.Continue(plan.Id));
        var end = await federation.AwaitEnd();

        Assert.True(paused.Paused);
        Assert.Equal(("Running", true, 2, "paused by an operator, until 'round resume'"), (held.Phase, held.Paused, held.OpenRound, held.Waiting));
        Assert.Single(story.Lines, line => line.Text.StartsWith("An operator paused", StringComparison.Ordinal));
        Assert.Equal("There is no round 2; there are 1 to 1.", none.Message);
        Assert.False(on.Paused);
        Assert.Equal(("Completed", 2), (end.Phase, end.CommittedRounds));
    }

    [Fact]
    public async Task There_is_nothing_to_pause_of_a_federation_that_is_not_here()
    {
        await using var federation = await TestFederation.Start(Sites);
        var refused = await federation.Ask<OperatorMessages.Refused>(new OperatorMessages.Pause(new FederationId("none")));
        Assert.Equal("There is no federation none here. 'federation list' tells which there are.", refused.Reason);
    }
}
