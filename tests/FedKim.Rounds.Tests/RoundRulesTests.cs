using static FedKim.Rounds.RoundCommands;
using static FedKim.Rounds.Tests.Given;

namespace FedKim.Rounds.Tests;

/// <summary>The round protocol, read from top to bottom.</summary>
public sealed class RoundRulesTests
{
    private readonly LiveRound _round = LiveRound.New();

    [Fact]
    public void Before_it_is_opened_a_round_does_nothing()
    {
        _round.SayAll(Contribution(A), new PassDeadline(Phase.Opened), new RecordAggregate(Digest(3)), new Abandon("no"));
        Assert.Empty(_round.Journal);
        Assert.Empty(RoundRules.React(_round.State));
    }

    [Fact]
    public void A_round_that_is_given_up_before_it_began_is_opened_and_fails_with_that_cause_however_few_are_here()
    {
        _round.Say(Open(2, A) with { GivenUp = "nobody waits any more" });
        Assert.Equal((Phase.Failed, "nobody waits any more"), (_round.State.Phase, _round.State.Cause));
        Assert.Equal([typeof(RoundEvents.Opened), typeof(RoundEvents.Failed)], _round.Journal.Select(e => e.GetType()));
    }

    [Fact]
    public void Opening_invites_the_sites_in_order_and_asks_them_to_train()
    {
        _round.Say(Open(2, C, A, B));
        Assert.Equal(Phase.Training, _round.State.Phase);
        Assert.Equal<ClientId>([A, B, C], _round.State.Invited);
        var request = Assert.IsType<RoundEffects.RequestUpdates>(Assert.Single(RoundRules.React(_round.State)));
        Assert.Equal<ClientId>([A, B, C], request.Clients);
        Assert.Equal(Digest(1), request.GlobalModel);
    }

    [Fact]
    public void Opening_again_changes_nothing_even_with_other_terms()
    {
        _round.Say(Open(2, A, B));
        Assert.Empty(_round.Say(Open(1, A, B, C)));
    }

    [Fact]
    public void A_coordinator_takes_a_round_over_once_and_none_of_an_earlier_epoch_after_it()
    {
        Assert.Empty(_round.Say(new TakeOver(1, "server")));
        _round.SayAll(Open(2, A, B), new TakeOver(3, "server-2"));
        Assert.Equal(3, _round.State.Epoch);
        Assert.Empty(_round.Say(new TakeOver(3, "server-2")));
        Assert.Empty(_round.Say(new TakeOver(2, "server")));
        Assert.Equal(Phase.Training, _round.State.Phase);
    }

    [Fact]
    public void A_round_that_has_ended_is_not_taken_over()
    {
        _round.SayAll(Open(1, A), new Abandon("stopped by hand"));
        Assert.Empty(_round.Say(new TakeOver(2, "server-2")));
    }

    [Fact]
    public void Only_the_sites_that_have_not_answered_are_asked_again()
    {
        _round.SayAll(Open(2, A, B, C), Contribution(B), new Drop(A, "no ECG data"));
        var request = Assert.IsType<RoundEffects.RequestUpdates>(Assert.Single(RoundRules.React(_round.State)));
        Assert.Equal<ClientId>([C], request.Clients);
    }

    [Fact]
    public void A_round_that_failed_is_tried_again_with_what_is_left_of_what_was_accepted()
    {
        _round.SayAll(Open(3, A, B, C), Contribution(A, 7), Contribution(B, 8), new PassDeadline(Phase.Training));
        Assert.Equal(Phase.Failed, _round.State.Phase);
        Assert.Empty(_round.Say(new Open(Digest(1), Digest(2), null, [A, B, C], 3)));

        _round.Say(new Reopen(1, [A]));
        Assert.Equal((Phase.Training, "", 1), (_round.State.Phase, _round.State.Cause, _round.State.Reopenings));
        var request = Assert.IsType<RoundEffects.RequestUpdates>(Assert.Single(RoundRules.React(_round.State)));
        Assert.Equal<ClientId>([B, C], request.Clients);
        Assert.Empty(_round.Say(new Reopen(1, [A, B])));

        _round.SayAll(Contribution(B, 8), Contribution(C, 9));
        Assert.Equal(Phase.Aggregating, _round.State.Phase);
        Assert.Empty(_round.State.Dropped);
    }

    [Fact]
    public void A_round_that_failed_after_its_sum_is_summed_and_injected_anew()
    {
        _round.SayAll(Open(1, A), Contribution(A, 7), new RecordAggregate(Digest(3)), new RecordInjectionFailure(Digest(3), 1, "x"), new Abandon("no injector"), new Reopen(1, [A]));
        Assert.Equal((Phase.Aggregating, null, 0), (_round.State.Phase, _round.State.Aggregate, _round.State.InjectionFailures));
    }

    [Fact]
    public void A_contribution_that_arrives_twice_counts_once()
    {
        _round.SayAll(Open(2, A, B), Contribution(A, 7), Contribution(A, 7), Contribution(A, 8));
        Assert.Equal(new Contribution(Digest(7), SampleCounts.Of(("ecg", 10)), 0.5), Assert.Single(_round.State.Accepted).Value);
        Assert.Single(_round.Journal.OfType<RoundEvents.ContributionAccepted>());
    }

    [Fact]
    public void A_site_that_was_not_invited_changes_nothing()
    {
        _round.Say(Open(1, A, B));
        Assert.Empty(_round.Say(Contribution(Stranger)));
        Assert.Empty(_round.Say(new Drop(Stranger, "gone")));
    }

    [Fact]
    public void The_last_answer_closes_the_collection_and_the_accepted_updates_are_summed_in_the_order_of_the_sites()
    {
        _round.SayAll(Open(2, A, B, C), Contribution(C), new Drop(B, "disk full"), Contribution(A));
        Assert.Equal(Phase.Aggregating, _round.State.Phase);
        var sum = Assert.IsType<RoundEffects.Aggregate>(Assert.Single(RoundRules.React(_round.State)));
        Assert.Equal([A, C], sum.Accepted.Keys);
        Assert.Equal(Digest(1), sum.GlobalModel);
    }

    [Fact]
    public void Summing_needs_the_aggregate_whose_moments_it_goes_on_from_until_the_round_has_ended()
    {
        _round.SayAll(Open(1, A) with { Moments = Digest(9) }, Contribution(A));
        var sum = Assert.IsType<RoundEffects.Aggregate>(Assert.Single(RoundRules.React(_round.State)));
        Assert.Equal(Digest(9), sum.Moments);
        Assert.Equal([Digest(1), Digest(9)], RoundEffects.Needs(sum));
        _round.Say(new RecordAggregate(Digest(3)));
        Assert.Equal(sum, RoundEffects.Aggregate.Of(_round.State));
    }

    [Fact]
    public void Without_moments_summing_needs_the_model_alone()
    {
        _round.SayAll(Open(1, A), Contribution(A));
        Assert.Equal([Digest(1)], RoundEffects.Needs(Assert.Single(RoundRules.React(_round.State))));
    }

    [Fact]
    public void At_the_deadline_the_silent_are_dropped_and_a_quorum_goes_on()
    {
        _round.SayAll(Open(2, A, B, C), Contribution(A), Contribution(B), new PassDeadline(Phase.Training));
        Assert.Equal(Phase.Aggregating, _round.State.Phase);
        Assert.Equal("no update before the deadline", _round.State.Dropped[C]);
    }

    [Fact]
    public void Without_a_quorum_the_round_fails_and_names_who_is_missing_and_why()
    {
        _round.SayAll(Open(2, A, B, C), Contribution(A), new Drop(B, "the update holds NaN"), new PassDeadline(Phase.Training));
        Assert.Equal(Phase.Failed, _round.State.Phase);
        Assert.Equal(
            "1 of 3 sites contributed, the quorum is 2. hospital-b: the update holds NaN; hospital-c: no update before the deadline",
            _round.State.Cause);
    }

    [Fact]
    public void An_update_after_the_collection_closed_does_not_count()
    {
        _round.SayAll(Open(1, A, B), Contribution(A), new PassDeadline(Phase.Training));
        Assert.Empty(_round.Say(Contribution(B)));
    }

    [Fact]
    public void A_late_timer_of_an_earlier_phase_changes_nothing()
    {
        _round.SayAll(Open(1, A), Contribution(A));
        Assert.Empty(_round.Say(new PassDeadline(Phase.Training)));
        Assert.Equal(Phase.Aggregating, _round.State.Phase);
    }

    [Fact]
    public void The_sum_is_injected_and_the_result_published_and_committed()
    {
        _round.SayAll(Open(1, A), Contribution(A), new RecordAggregate(Digest(3)));
        Assert.Equal<IRoundEffect>([new RoundEffects.RequestInjection(Digest(3), Digest(2), 1)], RoundRules.React(_round.State));

        _round.Say(new RecordInjection(Digest(3), Digest(4), Digest(5), 0.25));
        Assert.Equal<IRoundEffect>([new RoundEffects.Publish(Digest(4), Digest(5))], RoundRules.React(_round.State));

        _round.Say(new RecordPublication());
        Assert.Equal(Phase.Committed, _round.State.Phase);
        Assert.Equal((Digest(3), Digest(4), Digest(5), 0.25),
            (_round.State.Aggregate, _round.State.GlobalModel, _round.State.Adapter, _round.State.InjectionLoss));
        Assert.Equal<IRoundEffect>([new RoundEffects.AnnounceEnd()], RoundRules.React(_round.State));
    }

    [Fact]
    public void A_broken_injection_is_tried_again_and_the_same_news_twice_is_one_attempt()
    {
        Injecting();
        _round.SayAll(new RecordInjectionFailure(Digest(3), 1, "out of memory"), new RecordInjectionFailure(Digest(3), 1, "out of memory"));
        Assert.Equal<IRoundEffect>([new RoundEffects.RequestInjection(Digest(3), Digest(2), 2)], RoundRules.React(_round.State));
    }

    [Fact]
    public void What_came_of_another_aggregate_does_not_count()
    {
        Injecting();
        var before = _round.State;

        _round.SayAll(new RecordInjection(Digest(9), Digest(4), Digest(5), 0.25), new RecordInjectionFailure(Digest(9), 1, "out of memory"));

        Assert.Equal(Contents.Of(before), Contents.Of(_round.State));
    }

    [Fact]
    public void After_the_last_attempt_the_round_fails_with_the_last_reason()
    {
        Injecting();
        for (int attempt = 1; attempt <= RoundRules.InjectionAttempts; attempt++)
        {
            Assert.Equal(Phase.Injecting, _round.State.Phase);
            _round.Say(new RecordInjectionFailure(Digest(3), attempt, $"out of memory {attempt}"));
        }

        Assert.Equal(Phase.Failed, _round.State.Phase);
        Assert.Equal("The injection broke 3 times, the last time: out of memory 3", _round.State.Cause);
    }

    [Fact]
    public void A_crash_right_after_the_last_broken_attempt_fails_the_round_with_the_same_cause()
    {
        Injecting();
        for (int attempt = 1; attempt <= RoundRules.InjectionAttempts; attempt++)
            _round.Say(new RecordInjectionFailure(Digest(3), attempt, "out of memory"));

        var recovered = LiveRound.Recovered(_round.Journal.SkipLast(1));
        Assert.Equal(Phase.Injecting, recovered.State.Phase);
        recovered.Say(Open(1, A));
        Assert.Equal(Contents.Of(_round.State), Contents.Of(recovered.State));
    }

    [Theory]
    [InlineData(Phase.Aggregating, "The updates were not summed before the round's deadline. Look into the log of the server's node.")]
    [InlineData(Phase.Injecting, "The aggregate was not injected before the round's deadline. Is the injector's node running?")]
    [InlineData(Phase.Publishing, "The round's result was not at the server before the deadline, and nobody had it. Are the injector's node and the other servers running?")]
    public void Later_phases_have_a_deadline_too_and_the_cause_says_where_to_look(Phase phase, string cause)
    {
        Injecting();
        _round.Say(new RecordInjection(Digest(3), Digest(4), Digest(5), 0.25));
        var then = LiveRound.Recovered(_round.Journal.TakeWhile(e => RoundRules.Apply(_round.State, e).Phase <= phase || e is RoundEvents.ContributionAccepted));

        then.Say(new PassDeadline(phase));
        Assert.Equal((Phase.Failed, cause), (then.State.Phase, then.State.Cause));
    }

    [Fact]
    public void A_round_that_is_given_up_fails_with_the_cause_given_and_stays_so()
    {
        _round.SayAll(Open(1, A), new Abandon("stopped by hand"), Contribution(A), new PassDeadline(Phase.Training), new Abandon("again"));
        Assert.Equal((Phase.Failed, "stopped by hand"), (_round.State.Phase, _round.State.Cause));
        Assert.Empty(_round.State.Accepted);
    }

    [Fact]
    public void A_committed_round_cannot_be_given_up()
    {
        Injecting();
        _round.SayAll(new RecordInjection(Digest(3), Digest(4), Digest(5), 0.25), new RecordPublication(), new Abandon("too late"));
        Assert.Equal(Phase.Committed, _round.State.Phase);
    }

    [Fact]
    public void Each_phase_remembers_when_it_began()
    {
        _round.SayAll(Open(1, A), Contribution(A), new RecordAggregate(Digest(3)));
        Assert.Equal(
            [(Phase.Opened, 1), (Phase.Training, 1), (Phase.Aggregating, 2), (Phase.Injecting, 3)],
            _round.State.Began.Select(b => (b.Key, (int)(b.Value - Start).TotalSeconds)));
    }

    [Fact]
    public void A_round_that_nobody_is_invited_to_fails_at_once()
    {
        _round.Say(Open(1));
        Assert.Equal((Phase.Failed, "0 of 0 sites contributed, the quorum is 1."), (_round.State.Phase, _round.State.Cause));
    }

    [Fact]
    public void An_event_of_another_journal_is_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RoundRules.Apply(_round.State, new Foreign()));

    private void Injecting() => _round.SayAll(Open(1, A), Contribution(A), new RecordAggregate(Digest(3)));

    private sealed record Foreign : IRoundEvent
    {
        public DateTimeOffset At => Start;
    }
}
