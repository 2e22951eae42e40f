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
        Assert.Null(FederationRules.Refusal(_federation, Plan("third")));
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
    public void A_federation_that_failed_goes_on_where_it_failed_when_it_is_resumed()
    {
        SayAll(new Submit(Plan()), new Abandon("the injector broke"), new Resume(new FederationId("demo")));
        Assert.Equal((FederationPhase.Initializing, "", 1), (_federation.Phase, _federation.Cause, _federation.Resumed));
        SayAll(new RecordInitialization(Digest(1), Digest(2)), new RecordRound(Ended(1)), new RecordRound(Failed(2)));
        Assert.Equal("demo/2", _federation.FailedRound.ToString());
        SayAll(new Resume(new FederationId("demo")));
        Assert.Equal((FederationPhase.Running, "demo/2", 1, null), (_federation.Phase, _federation.OpenRound.ToString(), _federation.Resumed, _federation.FailedRound));
        Assert.Empty(Say(new Resume(new FederationId("demo"))));
        SayAll(new RecordRound(Ended(2)), new Abandon("the injector broke"), new Resume(new FederationId("demo")));
        Assert.Equal(FederationPhase.Evaluating, _federation.Phase);
    }

    [Fact]
    public void An_earlier_federation_that_failed_is_resumed_while_no_other_runs_and_keeps_what_it_has()
    {
        SayAll(new TakeOver(3, "server"), new Submit(Plan("demo")), new RecordInitialization(Digest(1), Digest(2)), new RecordRound(Ended(1)), new RecordRound(Failed(2)));
        SayAll(new Submit(Plan("other")), new Resume(new FederationId("demo")));
        Assert.Contains("other is still", FederationRules.Refusal(_federation, new Resume(new FederationId("demo"))), StringComparison.Ordinal);
        SayAll(new Abandon("no"), new Resume(new FederationId("demo")));
        Assert.Equal(("demo/2", 3, Ended(1).GlobalModel), (_federation.OpenRound.ToString(), _federation.Epoch, _federation.GlobalModel));
        Assert.Equal("other", Assert.Single(_federation.Earlier).Plan!.Id.Value);
    }

    [Fact]
    public void What_a_person_stopped_is_no_failure_and_is_not_resumed()
    {
        SayAll(new Submit(Plan()), new RecordInitialization(Digest(1), Digest(2)), new Stop("no more"), new Resume(new FederationId("demo")));
        Assert.Equal((FederationPhase.Stopped, "no more", null), (_federation.Phase, _federation.Cause, _federation.FailedRound));
        Assert.Contains("was stopped", FederationRules.Refusal(_federation, new Resume(new FederationId("demo"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_federation_is_paused_until_it_goes_on_or_ends_and_its_open_round_counts_meanwhile()
    {
        var demo = new FederationId("demo");
        SayAll(new Submit(Plan()), new Pause(demo), new RecordInitialization(Digest(1), Digest(2)));
        Assert.Equal((true, "demo/1"), (_federation.Paused, _federation.OpenRound.ToString()));
        Assert.Empty(Say(new Pause(demo)));
        SayAll(new RecordRound(Ended(1)));
        Assert.Equal((true, "demo/2"), (_federation.Paused, _federation.OpenRound.ToString()));
        SayAll(new Continue(demo));
        Assert.False(_federation.Paused);
        Assert.Empty(Say(new Continue(demo)));

        SayAll(new Pause(demo), new Abandon("the injector broke"), new Resume(demo));
        Assert.False(_federation.Paused);
        SayAll(new RecordRound(Ended(2)), new Pause(demo));
        Assert.False(_federation.Paused);
        Assert.Equal("All rounds of federation demo are over; its finished model is measured.", FederationRules.PauseRefusal(_federation, demo));
        Assert.Equal("There is no federation none here. 'federation list' tells which there are.", FederationRules.PauseRefusal(_federation, new FederationId("none")));
    }

    [Fact]
    public void A_failed_round_is_tried_as_often_as_the_plan_allows_before_the_federation_fails()
    {
        SayAll(new Submit(Plan() with { Retries = 2 }), new RecordInitialization(Digest(1), Digest(2)));
        var round = new RoundId(new FederationId("demo"), 1);
        for (int retry = 1; retry <= 2; retry++)
        {
            Assert.Empty(Say(new RecordRound(Failed(1))));
            Assert.Empty(Say(new TryAgain(round, retry + 1)));
            Assert.Single(Say(new TryAgain(round, retry)));
            Assert.Empty(Say(new TryAgain(round, retry)));
        }

        Assert.IsType<FederationEvents.FederationFailed>(Assert.Single(Say(new RecordRound(Failed(1)))));
    }

    [Fact]
    public void Results_stay_until_a_person_removes_them_and_then_nothing_starts_from_them()
    {
        SayAll(new Submit(Plan("demo", rounds: 1)), new RecordInitialization(Digest(1), Digest(2)), new RecordRound(Ended(1)));
        Assert.Contains("Stop it first", FederationRules.Refusal(_federation, new Remove(new FederationId("demo"))), StringComparison.Ordinal);
        SayAll(new RecordEvaluation("[]"), new Submit(Plan("other") with { StartFrom = "demo" }), new Stop("no"));
        Assert.Equal(3, _federation.Named(new FederationId("demo"))!.Results.Count());
        Assert.Contains("no federation of that name", FederationRules.Refusal(_federation, Plan("third") with { StartFrom = "none-such" }), StringComparison.Ordinal);
        Assert.Single(Say(new Remove(new FederationId("demo"))));
        Assert.Empty(Say(new Remove(new FederationId("demo"))));
        Assert.Empty(_federation.Named(new FederationId("demo"))!.Results);
        Assert.Contains("was removed", FederationRules.Refusal(_federation, Plan("third") with { StartFrom = "demo" }), StringComparison.Ordinal);
        Assert.Empty(Say(new Submit(Plan("third") with { StartFrom = "demo" })));
    }

    [Fact]
    public void What_a_federation_is_about_to_start_from_is_not_removed_and_without_it_none_is_resumed()
    {
        var (first, second) = (new FederationId("demo"), new FederationId("second"));
        SayAll(new Submit(Plan("demo", rounds: 1)), new RecordInitialization(Digest(1), Digest(2)), new RecordRound(Ended(1)), new RecordEvaluation("[]"));
        SayAll(new Submit(Plan("second") with { StartFrom = "demo" }));
        Assert.Contains("is about to start from", FederationRules.Refusal(_federation, new Remove(first)), StringComparison.Ordinal);
        Assert.Empty(Say(new Remove(first)));

        SayAll(new Abandon("no injector"), new Remove(first));
        Assert.Contains("was removed", FederationRules.Refusal(_federation, new Resume(second)), StringComparison.Ordinal);
        Assert.Empty(Say(new Resume(second)));
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
            Assert.True(live.Phase >= before.Phase || command is Submit or Begin or Resume, $"{command} led from {before.Phase} back to {live.Phase}.");
            Assert.Equal(live.Phase is FederationPhase.Failed or FederationPhase.Stopped, live.Cause.Length > 0);
            Assert.Equal(live.Phase is FederationPhase.Running, live.OpenRound is not null);
            Assert.True(!live.Paused || live.Phase is FederationPhase.Initializing or FederationPhase.Running, $"{command} leaves a pause in {live.Phase}.");
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
        (1, Gen.Const<IFederationCommand>(new Abandon("cannot go on"))),
        (1, Gen.Const<IFederationCommand>(new Stop("stopped by hand"))),
        (3, Gen.OneOf("demo", "other").Select(id => (IFederationCommand)new Begin(new FederationId(id)))),
        (1, Gen.OneOf("demo", "other").Select(id => (IFederationCommand)new Cancel(new FederationId(id), "not now"))),
        (2, Gen.OneOf("demo", "other").Select(id => (IFederationCommand)new Resume(new FederationId(id)))),
        (2, Gen.OneOf("demo", "other").Select(id => (IFederationCommand)new Pause(new FederationId(id)))),
        (2, Gen.OneOf("demo", "other").Select(id => (IFederationCommand)new Continue(new FederationId(id)))),
        (1, Gen.OneOf("demo", "other").Select(id => (IFederationCommand)new Remove(new FederationId(id)))));

    private static Round Failed(int number) => Round(number) with { Exists = true, Phase = Phase.Failed, Cause = "no quorum" };

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
        foreach (var command in commands)
            Say(command);
    }

    private sealed record Foreign : IFederationEvent
    {
        public DateTimeOffset At => Start;
    }
}
