using FedKim.Actors.Server;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>What a server needs to go on, and what others need not keep for it.</summary>
public sealed class KeptWeightsTests
{
    private static readonly Federation Before = new()
    {
        Phase = FederationPhase.Failed,
        Plan = TestFederation.Plan(3, 1, "hospital-a") with { Id = new FederationId("before") },
        CommittedRounds = 1,
        GlobalModel = Weights(1),
        Adapter = Weights(2),
        Aggregate = Weights(3),
    };

    private static readonly Federation Running = new()
    {
        Phase = FederationPhase.Running,
        Plan = TestFederation.Plan(3, 1, "hospital-a"),
        CommittedRounds = 1,
        GlobalModel = Weights(4),
        Adapter = Weights(5),
        Aggregate = Weights(6),
        Before = [Weights(7)],
        Coordinator = "server-1",
        Epoch = 4,
        Earlier = [Before],
    };

    private static readonly LatestRounds Open = LatestRounds.None.Saw(
        new Round(new RoundId(new FederationId("rehearsal"), 2)) { Exists = true, Phase = Phase.Injecting, Aggregate = Weights(8) }, 0);

    private static readonly string[] Held = [.. Enumerable.Range(1, 9).Select(n => Weights(n).Hex)];

    [Fact]
    public void Before_the_open_round_was_read_nobody_knows_what_is_superfluous() =>
        Assert.Null(KeptWeights.Superfluous(Running, LatestRounds.None, Held));

    [Fact]
    public void Results_and_what_the_open_round_has_made_and_began_from_stay()
    {
        var superfluous = KeptWeights.Superfluous(Running, Open, Held)!;

        Assert.Equal([Weights(9).Hex], superfluous.Weights);
        Assert.Equal(["before/2", "rehearsal/2"], superfluous.Rounds);
        Assert.Equal(("server-1", 4), (superfluous.Coordinator, superfluous.Epoch));
    }

    [Fact]
    public void What_a_person_has_removed_stays_nowhere()
    {
        var superfluous = KeptWeights.Superfluous(Running with { Earlier = [Before with { Removed = true }] }, Open, Held)!;

        Assert.Equal([Weights(1).Hex, Weights(2).Hex, Weights(3).Hex, Weights(9).Hex], superfluous.Weights);
        Assert.Equal(["rehearsal/2"], superfluous.Rounds);
    }

    [Fact]
    public void What_another_that_runs_needs_stays_and_before_its_open_round_was_read_nobody_knows_what_that_is()
    {
        var other = Before with { Phase = FederationPhase.Running, Plan = Before.Plan! with { Id = new FederationId("other") }, Aggregate = null };
        var both = Running with { Earlier = [other] };

        Assert.Null(KeptWeights.Superfluous(both, Open, Held));
        var injecting = new Round(new RoundId(other.Plan.Id, 2)) { Exists = true, Phase = Phase.Injecting, Aggregate = Weights(9) };
        var superfluous = KeptWeights.Superfluous(both, Open.Saw(injecting, 0), Held)!;
        Assert.Equal([Weights(3).Hex], superfluous.Weights);
        Assert.Equal(["other/2", "rehearsal/2"], superfluous.Rounds);
    }

    private static Digest Weights(int number) => Digest.Parse(number.ToString("x64"));
}
