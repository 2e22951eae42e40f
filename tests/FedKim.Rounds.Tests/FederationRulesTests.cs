using CsCheck;
using static FedKim.Rounds.FederationCommands;
using static FedKim.Rounds.Tests.Given;

namespace FedKim.Rounds.Tests;

/// <summary>The life of a federation, read from top to bottom, and what holds whatever it is told.</summary>
public sealed class FederationRulesTests
{
    private readonly List<IFederationEvent> _journal = [];
    private Federation _federation = new();

    [Fact]
    public void An_idle_federation_only_takes_a_plan()
    {
        SayAll(new RecordInitialization(Digest(1), Digest(2)), new RecordRound(Ended(1)), new RecordEvaluation("[]"), new Abandon("no"));
        Assert.Empty(_journal);
    }

    [Fact]
    public void Each_epoch_has_one_coordinator_and_a_new_plan_keeps_it()
    {
        SayAll(new TakeOver(1, "server"), new Submit(Plan()), new Abandon("stopped by hand"), new TakeOver(2, "server-2"), new Submit(Plan("other")));
        Assert.Equal((2, "server-2"), (_federation.Epoch, _federation.Coordinator));
        Assert.Empty(Say(new TakeOver(2, "server-3")));
        Assert.Empty(Say(new TakeOver(1, "server")));
    }

    [Fact]
    public void A_plan_is_followed_round_by_round_to_a_measured_model()
    {
        SayAll(new Submit(Plan(rounds: 2)));
        Assert.Equal((FederationPhase.Initializing, null), (_federation.Phase, _federation.OpenRound));

        SayAll(new RecordInitialization(Digest(1), Digest(2)));
        Assert.Equal((FederationPhase.Running, "demo/1"), (_federation.Phase, _federation.OpenRound.ToString()));

        SayAll(new RecordRound(Ended(1)));
        Assert.Equal((FederationPhase.Running, "demo/2"), (_federation.Phase, _federation.OpenRound.ToString()));
        Assert.Equal((Ended(1).Aggregate, Ended(1).GlobalModel, Ended(1).Adapter), (_federation.Aggregate, _federation.GlobalModel, _federation.Adapter));

        SayAll(new RecordRound(Ended(2)));
        Assert.Equal((FederationPhase.Evaluating, null), (_federation.Phase, _federation.OpenRound));

        SayAll(new RecordEvaluation("[1]"));
        Assert.Equal((FederationPhase.Completed, "[1]", 2), (_federation.Phase, _federation.Evaluation, _federation.CommittedRounds));
    }

    [Fact]
    public void Moments_are_those_of_the_last_committed_round_and_of_an_adaptive_plan_alone()
    {
        var adaptive = Plan(rounds: 3) with { Strategy = "fedadam", ServerOptimizer = new ServerOptimizer(0.01, 0.9, 0.99, 0.001) };
        SayAll(new Submit(adaptive), new RecordInitialization(Digest(1), Digest(2)));
        Assert.Null(_federation.Moments);
        SayAll(new RecordRound(Ended(1)));
        Assert.Equal(Ended(1).Aggregate, _federation.Moments);
        SayAll(new RecordRound(Ended(2)));
        Assert.Equal(Ended(2).Aggregate, _federation.Moments);

        SayAll(new Abandon("stopped by hand"), new Submit(adaptive with { Id = new FederationId("next") }));
        Assert.Null(_federation.Moments);

        SayAll(new Abandon("stopped by hand"), new Submit(Plan("plain")), new RecordInitialization(Digest(1), Digest(2)), new RecordRound(Ended(1) with { Id = new RoundId(new FederationId("plain"), 1) }));
        Assert.Equal((1, null), (_federation.CommittedRounds, _federation.Moments));
    }

    [Fact]
    public void A_second_plan_is_refused_while_one_runs_and_taken_when_it_has_ended()
    {
        SayAll(new Submit(Plan("demo")), new Submit(Plan("other")));
        Assert.Equal("demo", _federation.Plan!.Id.Value);
        SayAll(new Abandon("stopped by hand"), new Submit(Plan("other")));
        Assert.Equal(("other", FederationPhase.Initializing, ""), (_federation.Plan!.Id.Value, _federation.Phase, _federation.Cause));
    }

    [Fact]
    public void A_plan_that_has_ended_does_not_start_again()
    {
        SayAll(new Submit(Plan()), new Abandon("stopped by hand"));
        Assert.Empty(Say(new Submit(Plan())));
    }

    [Fact]
    public void A_name_is_taken_for_good()
    {
        SayAll(new Submit(Plan("demo")), new Abandon("stopped by hand"), new Submit(Plan("other")), new Abandon("stopped by hand"));
        Assert.Empty(Say(new Submit(Plan("demo"))));
        Assert.Equal(("other", "demo"), (_federation.Plan!.Id.Value, Assert.Single(_federation.Earlier).Plan!.Id.Value));
    }

    [Fact]
    public void A_plan_that_was_submitted_before_is_no_refusal_but_another_of_its_name_is()
    {
        SayAll(new Submit(Plan("demo")), new Abandon("stopped by hand"), new Submit(Plan("other")));
        Assert.Null(FederationRules.Refusal(_federation, Plan("other")));
        Assert.Null(FederationRules.Refusal(_federation, Plan("demo")));
        Assert.Contains("another plan", FederationRules.Refusal(_federation, Plan("demo", rounds: 9)), StringComparison.Ordinal);
        Assert.Contains("other is still Initializing", FederationRules.Refusal(_federation, Plan("third")), StringComparison.Ordinal);
    }

    [Fact]
    public void Plans_differ_by_their_clients_and_parts_too()
    {
        Assert.True(Plan().SaysTheSameAs(Plan()));
        Assert.False(Plan().SaysTheSameAs(Plan() with { Clients = [A, B] }));
        Assert.False(Plan().SaysTheSameAs(Plan() with { Parts = Plan().Parts.SetItem("encoder.signal", ["icu"]) }));
    }

    [Fact]
    public void A_round_that_is_not_the_open_one_changes_nothing()
    {
        SayAll(new Submit(Plan()), new RecordInitialization(Digest(1), Digest(2)));
        Assert.Empty(Say(new RecordRound(Ended(2))));
        Assert.Empty(Say(new RecordRound(Ended(1) with { Id = new RoundId(new FederationId("other"), 1) })));
        Assert.Empty(Say(new RecordRound(Round(1) with { Exists = true, Phase = Phase.Training })));
        SayAll(new RecordRound(Ended(1)));
        Assert.Empty(Say(new RecordRound(Ended(1))));
    }

    [Fact]
    public void A_failed_round_fails_the_federation_with_its_cause()
    {
        SayAll(new Submit(Plan()), new RecordInitialization(Digest(1), Digest(2)), new RecordRound(Ended(1)));
        SayAll(new RecordRound(Round(2) with { Exists = true, Phase = Phase.Failed, Cause = "hospital-b: disk full" }));
        Assert.Equal((FederationPhase.Failed, "Round 2 failed: hospital-b: disk full"), (_federation.Phase, _federation.Cause));
        Assert.Equal(Ended(1).GlobalModel, _federation.GlobalModel);
    }

    [Fact]
    public void Replaying_the_journal_gives_the_live_state_and_nothing_is_decided_twice() => Command.Array[0, 40].Sample(commands =>
    {
        var live = new Federation();
        var replayed = new Federation();
        foreach (var command in commands)
        {
            var before = live;
            foreach (var e in FederationRules.Decide(live, command, Start))
            {
                live = FederationRules.Apply(live, e);
                replayed = FederationRules.Apply(replayed, e);
            }

            Assert.Empty(FederationRules.Decide(live, command, Start));
            Assert.Equal(Contents.Of(live), Contents.Of(replayed));
            Assert.True(live.Phase >= before.Phase || command is Submit, $"{command} led from {before.Phase} back to {live.Phase}.");
            Assert.Equal(live.Phase is FederationPhase.Failed, live.Cause.Length > 0);
            Assert.Equal(live.Phase is FederationPhase.Running, live.OpenRound is not null);
        }
    });

    // A crash between two events of one decision is no case here: every command causes one event or none.
    [Fact]
    public void Every_command_causes_one_event_or_none() => Command.Array[0, 40].Sample(commands =>
    {
        var live = new Federation();
        foreach (var command in commands)
        {
            var events = FederationRules.Decide(live, command, Start);
            Assert.InRange(events.Length, 0, 1);
            live = events.Aggregate(live, FederationRules.Apply);
        }
    });

    [Fact]
    public void An_event_of_another_journal_is_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FederationRules.Apply(_federation, new Foreign()));

    private static readonly Gen<Digest> AnyDigest = Gen.Int[1, 5].Select(Given.Digest);

    private static readonly Gen<IFederationCommand> Command = Gen.Frequency(
        (2, Gen.Select(Gen.OneOf("demo", "other"), Gen.Int[1, 3], (id, rounds) => (IFederationCommand)new Submit(Plan(id, rounds)))),
        (3, Gen.Select(AnyDigest, AnyDigest, (m, a) => (IFederationCommand)new RecordInitialization(m, a))),
        (8, Gen.Select(Gen.Int[1, 3], Gen.Int[0, 9], (number, kind) => (IFederationCommand)new RecordRound(kind switch
        {
            0 => Round(number) with { Exists = true, Phase = Phase.Failed, Cause = "disk full" },
            1 => Round(number) with { Exists = true, Phase = Phase.Injecting },
            _ => Ended(number),
        }))),
        (2, Gen.OneOf("[]", "[1]").Select(e => (IFederationCommand)new RecordEvaluation(e))),
        (1, Gen.Const<IFederationCommand>(new Abandon("stopped by hand"))));

    private static Round Ended(int number) => Round(number) with
    {
        Exists = true,
        Phase = Phase.Committed,
        Aggregate = Digest(10 * number),
        GlobalModel = Digest((10 * number) + 1),
        Adapter = Digest((10 * number) + 2),
    };

    private IEnumerable<IFederationEvent> Say(IFederationCommand command)
    {
        var events = FederationRules.Decide(_federation, command, Start);
        _federation = events.Aggregate(_federation, FederationRules.Apply);
        _journal.AddRange(events);
        return events;
    }

    private void SayAll(params IFederationCommand[] commands)
    {
        foreach (var command in commands) Say(command);
    }

    private sealed record Foreign : IFederationEvent
    {
        public DateTimeOffset At => Start;
    }
}
