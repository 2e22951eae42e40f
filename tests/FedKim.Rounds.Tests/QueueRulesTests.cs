using System.Collections.Immutable;
using CsCheck;
using static FedKim.Rounds.FederationCommands;
using static FedKim.Rounds.FederationEvents;
using static FedKim.Rounds.Tests.Given;

namespace FedKim.Rounds.Tests;

/// <summary>One federation runs at a time; what is submitted meanwhile waits, begins in its order, and is never lost.</summary>
public sealed class QueueRulesTests
{
    private static readonly ImmutableArray<string> Names = ["demo", "second", "third"];

    private Federation _federation = new();

    [Fact]
    public void What_is_submitted_while_one_runs_begins_in_its_order_whenever_one_has_ended()
    {
        SayAll(new Submit(Plan("demo")), new Submit(Plan("second")), new Submit(Plan("third")));
        Assert.Equal(("demo", null), (Runs, _federation.Next));
        SayAll(new Begin(Id("second")));
        Assert.Equal(("demo", "second third"), (Runs, Queue));

        SayAll(new Stop("no more"));
        Assert.Equal("second", _federation.Next?.Plan.Id.Value);
        SayAll(new Begin(Id("third")), new Begin(Id("second")));
        Assert.Equal(("second", FederationPhase.Initializing, "third"), (Runs, _federation.Phase, Queue));

        SayAll(new Abandon("the injector broke"), new Begin(Id("third")));
        Assert.Equal(("third", ""), (Runs, Queue));
        Assert.Equal(["demo Stopped", "second Failed"], _federation.Earlier.Select(f => $"{f.Plan!.Id} {f.Phase}"));
    }

    [Fact]
    public void A_federation_that_completes_gives_its_turn_to_the_next()
    {
        SayAll(new Submit(Plan("demo", rounds: 1)), new Submit(Plan("second")), new RecordInitialization(Digest(1), Digest(2)), new RecordRound(Ended("demo")));
        Assert.Null(_federation.Next);
        SayAll(new RecordEvaluation("[]"), new Begin(Id("second")));
        Assert.Equal(("second", FederationPhase.Initializing), (Runs, _federation.Phase));
    }

    [Fact]
    public void The_same_plan_again_changes_nothing_where_it_waits_and_another_of_its_name_is_refused()
    {
        SayAll(new Submit(Plan("demo")), new Submit(Plan("second")));
        Assert.Empty(Say(new Submit(Plan("second"))));
        Assert.Null(FederationRules.Refusal(_federation, Plan("second")));
        Assert.Empty(Say(new Submit(Plan("second", rounds: 9))));
        Assert.Contains("queued with another plan", FederationRules.Refusal(_federation, Plan("second", rounds: 9)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_submitted_before_the_next_has_begun_does_not_overtake_it()
    {
        SayAll(new Submit(Plan("demo")), new Submit(Plan("second")), new Stop("no more"), new Submit(Plan("third")));
        Assert.Equal("second third", Queue);
        Assert.Contains("second is next", FederationRules.Refusal(_federation, new Resume(Id("demo"))), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_person_cancels_never_begins_and_keeps_its_name()
    {
        SayAll(new Submit(Plan("demo")), new Submit(Plan("second")), new Submit(Plan("third")));
        Assert.Single(Say(new Cancel(Id("second"), "not now")));
        Assert.Empty(Say(new Cancel(Id("second"), "not now")));
        Assert.Equal("third", Queue);
        Assert.Null(QueueRules.Refusal(_federation, new Cancel(Id("second"), "not now")));
        Assert.Equal((FederationPhase.Stopped, "not now"), (_federation.Named(Id("second"))!.Phase, _federation.Named(Id("second"))!.Cause));
        Assert.Empty(Say(new Submit(Plan("second"))));
        Assert.Contains("never began", FederationRules.Refusal(_federation, new Resume(Id("second"))), StringComparison.Ordinal);
        Assert.Contains("runs already", QueueRules.Refusal(_federation, new Cancel(Id("demo"), "")), StringComparison.Ordinal);
        Assert.Contains("no federation none-such in the queue", QueueRules.Refusal(_federation, new Cancel(Id("none-such"), "")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stop_that_names_a_federation_stops_no_other()
    {
        SayAll(new Submit(Plan("demo")), new Submit(Plan("second")), new Stop("no more", Id("demo")), new Begin(Id("second")));
        Assert.Empty(Say(new Stop("no more", Id("demo"))));
        Assert.Equal(("second", FederationPhase.Initializing), (Runs, _federation.Phase));
    }

    [Fact]
    public void The_queue_has_an_end()
    {
        SayAll(new Submit(Plan("demo")));
        for (int i = 0; i < QueueRules.Most; i++)
            Assert.Single(Say(new Submit(Plan($"waits-{i}"))));
        Assert.Empty(Say(new Submit(Plan("one-more"))));
        Assert.Contains("100 federations are queued", FederationRules.Refusal(_federation, Plan("one-more")), StringComparison.Ordinal);
        Assert.Null(FederationRules.Refusal(_federation, Plan("waits-7")));
    }

    [Fact]
    public void One_may_wait_for_the_model_of_another_that_has_not_ended_yet()
    {
        SayAll(new Submit(Plan("demo", rounds: 1)), new Submit(Plan("second") with { StartFrom = "demo" }), new Submit(Plan("third") with { StartFrom = "second" }));
        Assert.Equal("second third", Queue);
        Assert.Contains("no federation of that name", FederationRules.Refusal(_federation, Plan("x") with { StartFrom = "none-such" }), StringComparison.Ordinal);

        SayAll(new RecordInitialization(Digest(1), Digest(2)), new RecordRound(Ended("demo")), new RecordEvaluation("[]"));
        Assert.Contains("starts from the model of demo", FederationRules.Refusal(_federation, new Remove(Id("demo"))), StringComparison.Ordinal);
        Assert.Empty(Say(new Remove(Id("demo"))));
        SayAll(new Begin(Id("second")));
        Assert.Equal("second", Runs);
    }

    [Fact]
    public void One_whose_start_has_failed_by_its_turn_fails_with_that_cause_and_the_next_begins()
    {
        SayAll(new Submit(Plan("demo")), new Submit(Plan("second") with { StartFrom = "demo" }), new Submit(Plan("third")));
        SayAll(new RecordInitialization(Digest(1), Digest(2)), new Abandon("the injector broke"));
        Assert.IsType<QueueFailed>(Assert.Single(Say(new Begin(Id("second")))));
        Assert.Empty(Say(new Begin(Id("second"))));
        var failed = _federation.Named(Id("second"))!;
        Assert.Equal(FederationPhase.Failed, failed.Phase);
        Assert.Contains("demo, whose finished model was awaited, and which is Failed: the injector broke", failed.Cause, StringComparison.Ordinal);
        SayAll(new Begin(Id("third")));
        Assert.Equal("third", Runs);
    }

    [Fact]
    public void One_that_was_to_start_from_a_model_that_was_there_starts_from_it()
    {
        SayAll(new Submit(Plan("demo")), new RecordInitialization(Digest(1), Digest(2)), new Abandon("the injector broke"));
        SayAll(new Submit(Plan("second")), new Submit(Plan("third") with { StartFrom = "demo" }), new Stop("no more"), new Begin(Id("third")));
        Assert.Equal("third", Runs);
    }

    [Fact]
    public void Whatever_is_said_no_plan_is_lost_none_begins_twice_and_one_runs_at_a_time() => Command.Array[0, 60].Sample(commands =>
    {
        var live = new Federation();
        var replayed = new Federation();
        List<string> taken = [], begun = [], left = [];
        foreach (var command in commands)
        {
            var before = live;
            foreach (var e in FederationRules.Decide(live, command, Start))
            {
                live = FederationRules.Apply(live, e);
                replayed = FederationRules.Apply(replayed, e);
                if (command is Submit submit)
                    taken.Add(submit.Plan.Id.Value);
                if (e is Submitted s)
                {
                    Assert.True(before.IsFree, $"{s.Plan.Id} began while {before.Plan?.Id} was {before.Phase}.");
                    begun.Add(s.Plan.Id.Value);
                }
                else if (e is QueueCancelled { Federation: var cancelled })
                {
                    left.Add(cancelled.Value);
                }
                else if (e is QueueFailed { Federation: var failed })
                {
                    left.Add(failed.Value);
                }
            }

            Assert.Empty(FederationRules.Decide(live, command, Start));
            Assert.Equal(Contents.Of(live), Contents.Of(replayed));
            Assert.Equal(begun.Distinct(), begun);
            // In the order in which they came, but for those that left.
            Assert.Equal(taken.Except(left), begun.Concat(live.Queue.Select(q => q.Plan.Id.Value)));
            Assert.Equal(taken.Order(), live.All.Select(f => f.Plan!.Id.Value).Concat(live.Queue.Select(q => q.Plan.Id.Value)).Order());
        }

        // Whoever waits has its turn, if those before it end.
        for (int i = 0; live.Queue.Length > 0; i++)
        {
            Assert.InRange(i, 0, 10);
            live = Say(live, new Stop("enough"));
            live = Say(live, new Begin(live.Next!.Plan.Id));
        }

        static Federation Say(Federation federation, IFederationCommand command) =>
            FederationRules.Decide(federation, command, Start).Aggregate(federation, FederationRules.Apply);
    });

    private static readonly Gen<FederationId> AnyName = Gen.OneOf([.. Names]).Select(Id);

    private static readonly Gen<IFederationCommand> Command = Gen.Frequency(
        (4, Gen.Select(AnyName, Gen.OneOf("", "demo", "second"), (id, start) => (IFederationCommand)new Submit(Plan(id.Value, rounds: 1) with { StartFrom = start }))),
        (3, Gen.Const<IFederationCommand>(new RecordInitialization(Digest(1), Digest(2)))),
        (3, AnyName.Select(id => (IFederationCommand)new RecordRound(Ended(id.Value)))),
        (3, Gen.Const<IFederationCommand>(new RecordEvaluation("[]"))),
        (1, Gen.Const<IFederationCommand>(new Abandon("cannot go on"))),
        (1, Gen.Const<IFederationCommand>(new Stop("stopped by hand"))),
        (5, AnyName.Select(id => (IFederationCommand)new Begin(id))),
        (1, AnyName.Select(id => (IFederationCommand)new Cancel(id, "not now"))),
        (1, AnyName.Select(id => (IFederationCommand)new Resume(id))),
        (1, AnyName.Select(id => (IFederationCommand)new Remove(id))),
        (1, Gen.Int[1, 4].Select(epoch => (IFederationCommand)new TakeOver(epoch, "server"))));

    private string? Runs => _federation.Plan?.Id.Value;

    private string Queue => string.Join(' ', _federation.Queue.Select(q => q.Plan.Id));

    private static FederationId Id(string name) => new(name);

    private IEnumerable<IFederationEvent> Say(IFederationCommand command)
    {
        var events = FederationRules.Decide(_federation, command, Start);
        _federation = events.Aggregate(_federation, FederationRules.Apply);
        return events;
    }

    private void SayAll(params IFederationCommand[] commands)
    {
        foreach (var command in commands)
            Say(command);
    }
}
