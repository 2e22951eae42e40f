using CsCheck;
using static FedKim.Rounds.RoundCommands;

namespace FedKim.Rounds.Tests;

public sealed class RoundPropertyTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Replaying_the_journal_gives_the_live_state() => Scenario.Any.Sample(scenario =>
    {
        var live = LiveRound.New().SayAll(scenario.Commands);
        Assert.Equal(Contents.Of(live.State), Contents.Of(LiveRound.Recovered(live.Journal).State));
    });

    [Fact]
    public void A_coordinator_that_dies_after_any_event_ends_in_the_same_state() => Scenario.Any.Sample(scenario =>
    {
        var live = LiveRound.New();
        List<(IRoundEvent Event, int Command)> journal = [];
        for (int i = 0; i < scenario.Opened.Length; i++)
            journal.AddRange(live.Say(scenario.Opened[i], At(i)).Select(e => (e, i)));

        for (int written = 0; written <= journal.Count; written++)
        {
            // The command whose events were being written was never answered, so it is said again.
            int command = written == 0 ? 0 : journal[written - 1].Command;
            var recovered = LiveRound.Recovered(journal.Take(written).Select(j => j.Event));
            recovered.Say(scenario.OpenAt(command), At(command));
            for (int i = command; i < scenario.Opened.Length; i++)
                recovered.Say(scenario.Opened[i], At(i));
            Assert.Equal(Contents.Of(live.State), Contents.Of(recovered.State));
        }
    }, iter: 50);

    [Fact]
    public void A_coordinator_that_dies_again_and_again_ends_in_the_same_state() =>
        Gen.Select(Scenario.Any, Gen.Int[0, 7].Array[41]).Sample((scenario, written) =>
        {
            var live = LiveRound.New();
            var restarted = LiveRound.New();
            for (int i = 0; i < scenario.Opened.Length; i++)
            {
                live.Say(scenario.Opened[i], At(i));
                foreach (var e in RoundRules.Decide(restarted.State, scenario.Opened[i], At(i)).Take(written[i]))
                    restarted.Happened(e);
                restarted = LiveRound.Recovered(restarted.Journal);
                restarted.Say(scenario.OpenAt(i), At(i));
                restarted.Say(scenario.Opened[i], At(i));
            }

            Assert.Equal(Contents.Of(live.State), Contents.Of(restarted.State));
        });

    [Fact]
    public void A_command_said_twice_changes_nothing_the_second_time() => Scenario.Any.Sample(scenario =>
    {
        var live = LiveRound.New();
        foreach (var command in scenario.Commands)
        {
            live.Say(command);
            Assert.Empty(live.Say(command));
        }
    });

    [Fact]
    public void An_accepted_contribution_counts_once_and_never_changes() => Scenario.Any.Sample(scenario =>
    {
        var live = LiveRound.New().SayAll(scenario.Opened);
        var accepted = live.Journal.OfType<RoundEvents.ContributionAccepted>().ToList();
        Assert.Equal(accepted.Select(a => a.Client).Distinct(), accepted.Select(a => a.Client));
        Assert.Equal(accepted.Select(a => a.Client).Order(), live.State.Accepted.Keys);
        Assert.All(accepted, a =>
        {
            Assert.Equal(new Contribution(a.Update, a.Samples, a.Loss), live.State.Accepted[a.Client]);
            var first = scenario.Commands.OfType<Contribute>().First(c => c.Client == a.Client);
            Assert.Equal(new Contribution(first.Update, first.Samples, first.Loss), live.State.Accepted[a.Client]);
        });
    });

    [Fact]
    public void Only_invited_sites_are_counted_or_dropped_and_none_is_both() => Scenario.Any.Sample(scenario =>
    {
        var round = LiveRound.New().SayAll(scenario.Opened).State;
        Assert.Empty(round.Accepted.Keys.Concat(round.Dropped.Keys).Except(round.Invited));
        Assert.Empty(round.Accepted.Keys.Intersect(round.Dropped.Keys));
        Assert.Equal(round.Missing.Count(), round.MissingCount);
        Assert.All(round.Invited, c => Assert.Equal(round.Missing.Contains(c), round.Misses(c)));
        Assert.Equivalent(round.Accepted.Values.Select(a => a.Update).Distinct(), round.Contributors.Keys, strict: true);
        Assert.All(round.Contributors, c => Assert.Equal(c.Key, round.Accepted[c.Value].Update));
    });

    [Fact]
    public void Phases_only_move_forward() => Scenario.Any.Sample(scenario =>
    {
        var live = LiveRound.New();
        foreach (var command in scenario.Opened)
        {
            var before = live.State;
            var events = live.Say(command);
            Assert.True(live.State.Phase >= before.Phase, $"{command} led from {before.Phase} back to {live.State.Phase}.");
            if (before.HasEnded)
                Assert.Empty(events);
        }
    });

    [Fact]
    public void A_round_goes_on_only_with_its_quorum() => Scenario.Any.Sample(scenario =>
    {
        var round = LiveRound.New().SayAll(scenario.Opened).State;
        if (round.Began.ContainsKey(Phase.Aggregating))
        {
            Assert.True(round.HasQuorum);
            Assert.Empty(round.Missing);
        }
    });

    [Fact]
    public void Collecting_ends_with_the_last_answer_the_deadline_or_the_last_hope_of_a_quorum() =>
        (from answers in Gen.Enum<Answer>().Array[0, 6]
         from order in Gen.Shuffle(Enumerable.Range(0, answers.Length).ToArray())
         from quorum in Gen.Int[1, 7]
         select (answers, order, quorum)).Sample((answers, order, quorum) =>
        {
            ClientId[] sites = [.. answers.Select((_, i) => new ClientId($"site-{i}"))];
            var live = LiveRound.New().SayAll(Given.Open(quorum, sites));
            foreach (int i in order)
            {
                if (answers[i] is Answer.Contribute)
                    live.Say(Given.Contribution(sites[i], i));
                if (answers[i] is Answer.Drop)
                    live.Say(new Drop(sites[i], $"reason {i}"));
            }

            bool silence = answers.Contains(Answer.Silence);
            bool hope = answers.Count(a => a is not Answer.Drop) >= quorum;
            Assert.Equal(silence && hope, live.State.Phase is Phase.Training);
            if (silence)
                live.Say(new PassDeadline(Phase.Training));

            int contributed = answers.Count(a => a is Answer.Contribute);
            Assert.Equal(contributed >= quorum ? Phase.Aggregating : Phase.Failed, live.State.Phase);
            if (live.State.Phase is Phase.Failed)
            {
                // Once there is no hope of a quorum nobody else is asked.
                Assert.Equal(hope ? contributed : live.State.Accepted.Count, live.State.Accepted.Count);
                Assert.Contains($"{live.State.Accepted.Count} of {sites.Length} sites contributed, the quorum is {quorum}.", live.State.Cause);
                Assert.All(sites.Where((_, i) => answers[i] is not Answer.Contribute), site => Assert.Contains($"{site}: ", live.State.Cause));
            }
        });

    [Fact]
    public void The_order_of_arrival_reaches_nothing() => Gen.Shuffle(Enumerable.Range(0, 5).ToArray()).Sample(order =>
    {
        ClientId[] sites = [.. Enumerable.Range(0, 5).Select(i => new ClientId($"site-{i}"))];
        Round Arrived(IEnumerable<int> order)
        {
            var live = LiveRound.New();
            live.Say(Given.Open(5, sites));
            foreach (int i in order)
                live.Say(Given.Contribution(sites[i], i));
            return live.State;
        }

        Assert.Equal(Contents.Of(Arrived([0, 1, 2, 3, 4])), Contents.Of(Arrived(order)));
    });

    [Fact]
    public void A_failed_round_says_why() => Scenario.Any.Sample(scenario =>
    {
        var round = LiveRound.New().SayAll(scenario.Opened).State;
        Assert.Equal(round.Phase is Phase.Failed, round.Cause.Length > 0);
        if (round.Phase is Phase.Failed && !round.Began.ContainsKey(Phase.Aggregating) && !round.Missing.Any())
            Assert.All(round.Dropped, d => Assert.Contains($"{d.Key}: {d.Value}", round.Cause));
    });

    [Fact]
    public void A_round_that_was_opened_is_always_doing_something() => Scenario.Any.Sample(scenario =>
    {
        var live = LiveRound.New();
        foreach (var command in scenario.Opened)
        {
            live.Say(command);
            var effect = Assert.Single(RoundRules.React(live.State));
            if (effect is RoundEffects.RequestUpdates request)
                Assert.NotEmpty(request.Clients);
        }
    });

    [Fact]
    public void Wherever_a_round_stands_the_deadlines_of_its_phases_end_it() => Scenario.Any.Sample(scenario =>
    {
        var live = LiveRound.New().SayAll(scenario.Opened);
        live.Say(scenario.Open);
        for (int i = 0; i < 4 && !live.State.HasEnded; i++)
            Assert.NotEmpty(live.Say(new PassDeadline(live.State.Phase)));
        Assert.True(live.State.HasEnded);
    });

    [Fact]
    public void A_paused_round_is_not_opened_and_none_of_its_limits_ends_it_until_it_goes_on() => Scenario.Any.Sample(scenario =>
    {
        var pause = scenario.Open with { Paused = true };
        Assert.Empty(LiveRound.New().Say(pause));

        var live = LiveRound.New().SayAll(scenario.Opened);
        var phase = live.State.Phase;
        live.Say(pause);
        foreach (var limited in Enum.GetValues<Phase>())
            Assert.Empty(live.Say(new PassDeadline(limited)));
        Assert.Empty(live.Say(new Skip(live.State.Invited, Second)));
        Assert.Equal((phase, true), (live.State.Phase, live.State.Paused || live.State.HasEnded));

        live.Say(scenario.Open);
        Assert.Equal((phase, true), (live.State.Phase, !live.State.Paused || live.State.HasEnded));
    });

    [Fact]
    public void The_scenarios_reach_every_end()
    {
        HashSet<string> ends = [];
        Scenario.Any.Sample(scenario =>
        {
            var round = LiveRound.New().SayAll(scenario.Opened).State;
            lock (ends)
                ends.Add(round.Phase is Phase.Failed ? $"Failed after {round.Began.Keys.SkipLast(1).Last()}" : round.Phase.ToString());
        }, iter: 5000);
        Assert.Equal(
            ["Aggregating", "Committed", "Failed after Aggregating", "Failed after Injecting", "Failed after Publishing", "Failed after Training",
                "Injecting", "Publishing", "Training"],
            ends.Order(StringComparer.Ordinal));
    }

    private static DateTimeOffset At(int command) => Given.Start + (command * Second);

    private enum Answer
    {
        Contribute,
        Drop,
        Silence,
    }
}
