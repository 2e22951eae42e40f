using System.Collections.Immutable;
using CsCheck;
using static FedKim.Rounds.FederationCommands;
using static FedKim.Rounds.FederationEvents;
using static FedKim.Rounds.Tests.Given;

namespace FedKim.Rounds.Tests;

/// <summary>Several federations run at once where they share neither a site nor the injector, and whoever waits is overtaken by none for ever.</summary>
public sealed class ParallelRulesTests
{
    private static readonly ImmutableArray<string> Names = ["demo", "second", "third", "fourth", "fifth"];

    private Federation _federation = new() { Parallel = 2 };

    [Fact]
    public void Two_that_share_nothing_run_at_once_and_a_third_waits_for_the_end_of_one()
    {
        SayAll(new Submit(Plan("demo", "x", A)), new Submit(Plan("second", "y", B)), new Submit(Plan("third", "z", C)));
        Assert.Equal(("demo second", "third", "demo second"), (Runs, Queue, Behind(0)));

        SayAll(new Stop("no more", Id("demo")));
        Assert.Equal("third", _federation.Next?.Plan.Id.Value);
        SayAll(new Begin(Id("third")));
        Assert.Equal(("second third", ""), (Runs, Queue));
    }

    [Fact]
    public void A_shared_site_a_shared_injector_and_one_that_is_not_named_keep_two_apart()
    {
        var plan = Plan("demo", "x", A, B);
        Assert.True(QueueRules.Share(plan, Plan("second", "y", B, C)));
        Assert.True(QueueRules.Share(plan, Plan("second", "x", C)));
        Assert.True(QueueRules.Share(plan, Plan("second", "", C)));
        Assert.True(QueueRules.Share(plan, Plan("second", "y") with { Anyone = new OpenInvitation(1, 9) }));
        Assert.False(QueueRules.Share(plan, Plan("second", "y", C)));
    }

    [Fact]
    public void One_that_waits_for_a_site_keeps_the_others_it_needs_and_is_passed_by_those_that_need_none_of_them()
    {
        SayAll(new Submit(Plan("demo", "x", A)), new Submit(Plan("second", "y", A, B)), new Submit(Plan("third", "z", B)), new Submit(Plan("fourth", "v", C)));
        Assert.Equal(("demo fourth", "second third", "demo", "second"), (Runs, Queue, Behind(0), Behind(1)));

        SayAll(new Stop("no more", Id("demo")), new Begin(Id("third")), new Begin(Id("second")));
        Assert.Equal(("fourth second", "third"), (Runs, Queue));
    }

    [Fact]
    public void What_is_said_of_one_by_its_name_happens_to_no_other()
    {
        SayAll(new Submit(Plan("demo", "x", A)), new Submit(Plan("second", "y", B)));
        SayAll(new RecordInitialization(Digest(1), Digest(2), Id("demo")));
        Assert.Equal((FederationPhase.Running, FederationPhase.Initializing), (Of("demo").Phase, Of("second").Phase));
        Assert.Empty(Say(new Stop("which?")));
        Assert.Contains("demo, second run", FederationRules.Refusal(_federation, new Stop("which?")), StringComparison.Ordinal);

        SayAll(new RecordInitialization(Digest(3), Digest(4), Id("second")), new RecordRound(Ended("demo")), new RosterCommands.Drain(A));
        Assert.Equal((1, 0), (Of("demo").CommittedRounds, Of("second").CommittedRounds));
        Assert.Equal(SiteStanding.Drained, Of("demo").Roster.StandingOf(A));
        SayAll(new RecordEvaluation("[]", Id("demo")), new RecordEvaluation("[]", Id("second")));
        Assert.Equal((FederationPhase.Completed, FederationPhase.Running), (Of("demo").Phase, Of("second").Phase));

        SayAll(new Stop("enough"));
        Assert.Equal(FederationPhase.Stopped, Of("second").Phase);
    }

    [Fact]
    public void A_site_of_one_that_failed_is_excluded_by_its_name_while_another_runs()
    {
        SayAll(new Submit(Plan("demo", "x", A, B)), new Submit(Plan("second", "y", C)), new Abandon("no quorum", Id("demo")));
        Assert.Contains("say which federation", RosterRules.Refusal(FederationRules.About(_federation, new RosterCommands.Exclude(A)), new RosterCommands.Exclude(A)), StringComparison.Ordinal);

        SayAll(new RosterCommands.Exclude(A, Id("demo")), new Resume(Id("demo")));

        Assert.Equal(SiteStanding.Excluded, Of("demo").Roster.StandingOf(A));
        Assert.Equal<ClientId>([B], Of("demo").Roster.TakingPart);
        Assert.Equal<ClientId>([C], Of("second").Roster.TakingPart);
        var nowhere = new RosterCommands.Exclude(A, Id("demonstration"));
        Assert.Empty(Say(nowhere));
        Assert.Equal("There is no federation demonstration here. 'federation list' tells which there are.", RosterRules.Refusal(FederationRules.About(_federation, nowhere), nowhere));
    }

    [Fact]
    public void The_round_of_one_that_ended_since_another_began_is_to_be_ended_whatever_the_clock_was_set_to()
    {
        SayAll(new Submit(Plan("demo", "x", A)), new Submit(Plan("second", "y", B)), new RecordInitialization(Digest(1), Digest(2), Id("demo")));
        foreach (var e in FederationRules.Decide(_federation, new Abandon("broke", Id("demo")), Start - TimeSpan.FromDays(1)))
            _federation = FederationRules.Apply(_federation, e);
        Assert.Equal(["demo"], _federation.Ending.Select(f => f.Plan!.Id.Value));
        Assert.True(_federation.Follows(Id("demo")));

        // Nothing begins before that is done; what begins later finds nothing to end, though its clock is back.
        foreach (var e in FederationRules.Decide(_federation, new Submit(Plan("third", "z", C)), Start - TimeSpan.FromDays(2)))
            _federation = FederationRules.Apply(_federation, e);
        Assert.Empty(_federation.Ending);
        Assert.False(_federation.Follows(Id("demo")));
    }

    [Fact]
    public void Only_an_event_of_one_that_is_not_the_latest_says_whose_it_is()
    {
        SayAll(new Submit(Plan("demo", "x", A)), new Submit(Plan("second", "y", B)));
        Assert.Null(Assert.IsType<Initialized>(Assert.Single(Say(new RecordInitialization(Digest(1), Digest(2), Id("second"))))).Federation);
        Assert.Equal(Id("demo"), Assert.IsType<Initialized>(Assert.Single(Say(new RecordInitialization(Digest(1), Digest(2), Id("demo"))))).Federation);
    }

    [Fact]
    public void A_coordinator_that_takes_over_leads_all_that_run()
    {
        SayAll(new TakeOver(1, "server"), new Submit(Plan("demo", "x", A)), new Submit(Plan("second", "y", B)), new TakeOver(2, "other"));
        Assert.All(_federation.Running, f => Assert.Equal((2, "other"), (f.Epoch, f.Coordinator)));
    }

    [Fact]
    public void One_that_failed_is_resumed_beside_those_that_run_where_it_shares_nothing_with_them_nor_with_those_that_wait()
    {
        SayAll(new Submit(Plan("demo", "x", A)), new Submit(Plan("second", "y", B)), new Abandon("broke", Id("demo")));
        Assert.Single(Say(new Resume(Id("demo"))));
        Assert.Equal("second demo", Runs);

        SayAll(new Abandon("broke", Id("demo")), new Submit(Plan("third", "x", B)));
        Assert.Contains("third is next", FederationRules.Refusal(_federation, new Resume(Id("demo"))), StringComparison.Ordinal);
        SayAll(new Stop("no more", Id("second")), new Begin(Id("third")));
        Assert.Contains("third is still", FederationRules.Refusal(_federation, new Resume(Id("demo"))), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_starts_from_another_waits_for_its_end_though_they_share_nothing()
    {
        SayAll(new Submit(Plan("demo", "x", A)), new Submit(Plan("second", "y", B) with { StartFrom = "demo" }));
        Assert.Equal(("demo", "second", "demo"), (Runs, Queue, Behind(0)));
        SayAll(new RecordInitialization(Digest(1), Digest(2)), new RecordRound(Ended("demo")), new RecordEvaluation("[]"));
        Assert.Equal("second", _federation.Next?.Plan.Id.Value);
    }

    [Fact]
    public void A_site_is_in_one_federation_and_knows_of_no_other()
    {
        SayAll(new Submit(Plan("demo", "x", A)), new Submit(Plan("second", "y", B)));
        Assert.Equal(("demo", "second"), (_federation.Home(A).Plan!.Id.Value, _federation.Home(B).Plan!.Id.Value));
        var seen = _federation.SeenBy(A);
        Assert.Equal(("demo", 0), (seen.Plan!.Id.Value, seen.Earlier.Length));
    }

    [Fact]
    public void A_site_may_fetch_what_its_own_federations_go_on_from_and_gave_until_they_are_removed_and_nothing_once_it_is_excluded()
    {
        SayAll(new Submit(Plan("demo", "x", A)), new Submit(Plan("second", "y", B)));
        Assert.False(_federation.MayFetch(A, Digest(1)));
        SayAll(new RecordInitialization(Digest(1), Digest(2), Id("demo")), new RecordInitialization(Digest(3), Digest(4), Id("second")));
        Assert.Equal([true, false, false, true, false], May((A, 1), (A, 3), (B, 1), (B, 3), (C, 1)));

        var given = Ended("demo");
        SayAll(new RecordRound(given), new RecordEvaluation("[]", Id("demo")));
        Assert.True(_federation.MayFetch(A, given.GlobalModel!.Value));
        // A site that is still fetching what the round began from.
        Assert.True(_federation.MayFetch(A, Digest(1)));
        Assert.False(_federation.MayFetch(B, given.GlobalModel.Value));

        SayAll(new RosterCommands.Drain(B));
        Assert.True(_federation.MayFetch(B, Digest(3)));
        SayAll(new RosterCommands.Exclude(B), new Remove(Id("demo")));
        Assert.Equal([false, false], May((B, 3), (A, 1)));

        bool[] May(params (ClientId Site, byte Model)[] asked) => [.. asked.Select(a => _federation.MayFetch(a.Site, Digest(a.Model)))];
    }

    [Fact]
    public void Whatever_is_said_no_two_that_share_anything_run_and_nobody_who_waits_is_overtaken_by_one_that_shares_something_with_it() =>
        Gen.Select(Command.Array[0, 80], Gen.Int[1, 4]).Sample((commands, parallel) =>
        {
            var (live, replayed) = (new Federation { Parallel = parallel }, new Federation { Parallel = parallel });
            var taken = new List<string>();
            foreach (var command in commands)
                Step(command);

            // Whoever waits has its turn, if those that run end.
            for (int i = 0; !live.Queue.IsEmpty; i++)
            {
                Assert.InRange(i, 0, 2 * Names.Length);
                if (live.Next is { } next)
                    Step(new Begin(next.Plan.Id));
                else
                    Step(new Stop("enough", live.Running.First().Plan!.Id));
            }

            void Step(IFederationCommand command)
            {
                var before = live;
                var events = FederationRules.Decide(live, command, Start);
                Assert.InRange(events.Length, 0, 1);
                live = events.Aggregate(live, FederationRules.Apply);
                replayed = events.Aggregate(replayed, FederationRules.Apply);
                if (events is [Submitted or Queued] && command is Submit submit)
                    taken.Add(submit.Plan.Id.Value);
                Assert.Empty(FederationRules.Decide(live, command, Start));
                Assert.Equal(Contents.Of(live), Contents.Of(replayed));
                Federation[] runs = [.. live.Running];
                Assert.InRange(runs.Length, 0, parallel);
                if (runs.Length > 1)
                {
                    string[] busy = [.. runs.SelectMany(f => f.Plan!.Clients.Select(c => c.Value).Append($"injector {f.Plan.Injector}"))];
                    Assert.Equal(busy.Distinct(), busy);
                    Assert.All(runs, f => Assert.True(f.Plan is { Anyone: null, Injector.Length: > 0 }, $"{f.Plan!.Id} does not run alone."));
                }
                if (events is [Submitted or FederationResumed])
                {
                    var began = live.Plan!;
                    foreach (var passed in live.Queue.TakeWhile(q => command is not Begin || before.Queue.IndexOf(q) < before.Queue.IndexOf(before.InQueue(began.Id)!)))
                        Assert.False(QueueRules.Share(passed.Plan, began), $"{began.Id} has overtaken {passed.Plan.Id}, with which it shares something.");
                }
                Assert.Equal(taken.Order(), live.All.Select(f => f.Plan!.Id.Value).Concat(live.Queue.Select(q => q.Plan.Id.Value)).Order());
                Assert.All(Enumerable.Range(0, live.Queue.Length), i =>
                    Assert.Equal(QueueRules.Ready(live).Contains(live.Queue[i]), !QueueRules.Behind(live, i).Any()));
            }
        });

    private static readonly Gen<FederationId> AnyName = Gen.OneOf([.. Names]).Select(Id);

    private static readonly Gen<FederationPlan> AnyPlan = Gen.Select(
        AnyName, Gen.OneOf("x", "y", "z", ""), Gen.Int[1, 7], Gen.OneOf("", "", "", "demo"), Gen.Int[0, 9], (id, injector, sites, start, open) =>
            Plan(id.Value, injector, [.. new[] { A, B, C }.Where((_, i) => (sites & (1 << i)) != 0)]) with
            {
                StartFrom = start == id.Value ? "" : start,
                Anyone = open == 0 ? new OpenInvitation(1, 9) : null,
            });

    private static readonly Gen<IFederationCommand> Command = Gen.Frequency(
        (5, AnyPlan.Select(plan => (IFederationCommand)new Submit(plan))),
        (4, AnyName.Select(id => (IFederationCommand)new RecordInitialization(Digest(1), Digest(2), id))),
        (4, AnyName.Select(id => (IFederationCommand)new RecordRound(Ended(id.Value)))),
        (4, AnyName.Select(id => (IFederationCommand)new RecordEvaluation("[]", id))),
        (1, AnyName.Select(id => (IFederationCommand)new Abandon("cannot go on", id))),
        (1, AnyName.Select(id => (IFederationCommand)new Stop("stopped by hand", id))),
        (6, AnyName.Select(id => (IFederationCommand)new Begin(id))),
        (1, AnyName.Select(id => (IFederationCommand)new Cancel(id, "not now"))),
        (2, AnyName.Select(id => (IFederationCommand)new Resume(id))),
        (1, AnyName.Select(id => (IFederationCommand)new Remove(id))),
        (1, Gen.OneOf(A, B, C).Select(site => (IFederationCommand)new RosterCommands.Drain(site))),
        (1, Gen.Int[1, 4].Select(epoch => (IFederationCommand)new TakeOver(epoch, "server"))));

    private string Runs => string.Join(' ', _federation.Running.Select(f => f.Plan!.Id));

    private string Queue => string.Join(' ', _federation.Queue.Select(q => q.Plan.Id));

    private static FederationId Id(string name) => new(name);

    private static FederationPlan Plan(string id, string injector, params ClientId[] sites) =>
        Given.Plan(id, rounds: 1) with { Injector = injector, Clients = [.. sites], Quorum = 1 };

    private string Behind(int place) => string.Join(' ', QueueRules.Behind(_federation, place));

    private Federation Of(string name) => _federation.Named(Id(name))!;

    private ImmutableArray<IFederationEvent> Say(IFederationCommand command)
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
