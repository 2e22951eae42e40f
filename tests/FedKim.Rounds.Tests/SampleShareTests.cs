using CsCheck;
using static FedKim.Rounds.RoundCommands;
using static FedKim.Rounds.Tests.Given;

namespace FedKim.Rounds.Tests;

/// <summary>What share of the data a round has, what it may ask for, and how it says without whom it ended.</summary>
public sealed class SampleShareTests
{
    private static readonly Open Opening = Open(1, A, B, C) with { Known = [new SiteSamples(A, 100), new SiteSamples(B, 500), new SiteSamples(C, 400)] };

    [Fact]
    public void What_counts_in_this_round_counts_and_of_the_others_what_counted_last()
    {
        var round = LiveRound.New().SayAll(Opening, Has(A, 120), new Drop(B, "no ECG data")).State;
        Assert.Equal(120.0 / 1020, SampleShare.Of(round), 12);
        Assert.Equal(520.0 / 1020, SampleShare.Expected(round), 12);
    }

    [Fact]
    public void A_site_never_heard_counts_as_much_as_the_largest_known()
    {
        var round = LiveRound.New().SayAll(Opening with { Known = [new SiteSamples(A, 100)] }, Has(A, 100), Has(B, 300)).State;
        Assert.Equal(400.0 / 700, SampleShare.Of(round), 12);
        Assert.Equal(0, SampleShare.Of(LiveRound.New().SayAll(Open(1, A, B)).State));
    }

    [Fact]
    public void The_share_lies_between_none_and_all_and_never_above_the_expected() => Scenario.Any.Sample(scenario =>
    {
        var round = LiveRound.New().SayAll(scenario.Opened).State;
        var (share, expected) = (SampleShare.Of(round), SampleShare.Expected(round));
        Assert.InRange(share, 0, expected);
        Assert.InRange(expected, 0, 1);
    });

    [Fact]
    public void A_round_in_which_all_have_answered_and_the_share_is_not_reached_fails_and_says_the_share()
    {
        var live = LiveRound.New().SayAll(Opening with { QuorumShare = 0.6 }, new Drop(B, "no ECG data"), Has(A, 100));
        Assert.Equal(Phase.Training, live.State.Phase);
        live.Say(Has(C, 400));
        Assert.Equal(Phase.Failed, live.State.Phase);
        Assert.Equal(
            "2 of 3 sites contributed, the quorum is 1; they have 50 % of the samples, and the plan asks for 60 %. hospital-b: no ECG data", live.State.Cause);
    }

    [Fact]
    public void Whether_the_share_is_reached_does_not_hang_on_who_answers_first()
    {
        IRoundCommand[] said = [new Drop(B, "no ECG data"), Has(A, 2000), Has(C, 400)];
        Assert.Equal(Phase.Aggregating, LiveRound.New().SayAll([Opening with { QuorumShare = 0.6 }, .. said]).State.Phase);
        Assert.Equal(Phase.Aggregating, LiveRound.New().SayAll([Opening with { QuorumShare = 0.6 }, .. said.Reverse()]).State.Phase);
    }

    [Fact]
    public void What_a_site_had_that_was_sent_away_is_no_measure_for_those_who_are_asked()
    {
        var drained = new ClientId("hospital-d");
        var open = Open(1, A, B) with
        {
            QuorumShare = 0.5,
            LeftOut = [new LeftOut(drained, RoundSelection.Drained, IsMissed: false)],
            Known = [new SiteSamples(A, 100), new SiteSamples(drained, 100_000)],
        };
        var live = LiveRound.New().SayAll(open, Has(A, 100), new Drop(B, "no ECG data"));
        Assert.Equal((Phase.Aggregating, 0.5), (live.State.Phase, SampleShare.Of(live.State)));
    }

    [Fact]
    public void Who_falls_silent_is_waited_for_where_the_share_is_expected_of_it()
    {
        var live = LiveRound.New().SayAll(Opening with { QuorumShare = 0.6 }, Has(A, 100));
        Assert.Empty(live.Say(new Skip([B], TimeSpan.FromMinutes(10))));
        Assert.NotEmpty(LiveRound.New().SayAll(Opening with { QuorumShare = 0.5 }, Has(A, 100)).Say(new Skip([B], TimeSpan.FromMinutes(10))));
    }

    [Fact]
    public void A_round_that_was_about_to_begin_begins_without_who_was_excluded_meanwhile()
    {
        var live = LiveRound.Recovered(LiveRound.New().SayAll(Open(1, A, B)).Journal.Take(1));
        live.Say(Open(1) with { Excluded = [A] });
        Assert.Equal((Phase.Training, RoundRules.Excluded), (live.State.Phase, live.State.Dropped[A]));
    }

    [Fact]
    public void A_round_with_its_share_goes_on_without_a_small_site()
    {
        var round = LiveRound.New().SayAll(Opening with { QuorumShare = 0.6 }, Has(B, 500), Has(C, 400), new PassDeadline(Phase.Training)).State;
        Assert.Equal(Phase.Aggregating, round.Phase);
        Assert.Equal("with 2 of 3 sites, 90 % of the samples; without hospital-a (no update before the deadline)", RoundResult.With(round));
    }

    [Fact]
    public void Who_falls_silent_is_dropped_unless_the_quorum_needs_it()
    {
        var live = LiveRound.New().SayAll(Open(2, A, B, C), Has(A, 10));
        Assert.Empty(live.Say(new Skip([B, C], TimeSpan.FromMinutes(10))));
        live.Say(new Skip([C], TimeSpan.FromMinutes(10)));
        Assert.Equal("silent for 10 min", live.State.Dropped[C]);
        Assert.Equal<ClientId>([B], live.State.Missing);
        Assert.Empty(live.Say(new Skip([B], TimeSpan.FromMinutes(10))));
        Assert.Empty(live.Say(new Skip([A], TimeSpan.FromMinutes(10))));
    }

    [Fact]
    public void Who_is_excluded_is_dropped_from_the_open_round_and_what_counted_of_it_stays()
    {
        var live = LiveRound.New().SayAll(Open(1, A, B, C), Has(A, 10), Open(1) with { Excluded = [A, B] });
        Assert.Equal<ClientId>([A], live.State.Accepted.Keys);
        Assert.Equal([RoundRules.Excluded], live.State.Dropped.Values);
        Assert.Equal<ClientId>([C], live.State.Missing);
    }

    [Fact]
    public void Whoever_was_left_out_stands_in_the_first_line_of_the_result()
    {
        var open = Opening with
        {
            LeftOut = [new LeftOut(new ClientId("hospital-d"), "silent for 12 min when the round opened", true), new LeftOut(new ClientId("hospital-e"), RoundSelection.Drained, false)],
            Known = [.. Opening.Known, new SiteSamples(new ClientId("hospital-d"), 1000)],
        };
        var live = LiveRound.New().SayAll(
            open, Has(A, 100), Has(B, 500), Has(C, 400), new RecordAggregate(Digest(3)), new RecordInjection(Digest(3), Digest(4), Digest(5), 0.25), new RecordPublication());
        Assert.Equal(
            "committed with 3 of 4 sites, 50 % of the samples; without hospital-d (silent for 12 min when the round opened); drained by an operator: hospital-e",
            RoundResult.Line(live.State));
        Assert.Contains(
            "Not invited: hospital-d (silent for 12 min when the round opened), hospital-e (drained by an operator).", RoundStory.Tell(live.State.Id, live.Journal)[0].Words);
    }

    [Fact]
    public void A_round_that_is_tried_again_keeps_whom_it_was_opened_without()
    {
        var open = Opening with { QuorumShare = 0.6, LeftOut = [new LeftOut(new ClientId("hospital-d"), "silent", true)] };
        var live = LiveRound.New().SayAll(open, new Abandon("enough"), new Reopen(1, []));
        Assert.Equal((0.6, 1, 3), (live.State.QuorumShare, live.State.LeftOut.Count, live.State.Known.Count));
    }

    [Fact]
    public void A_round_that_is_tried_again_with_others_has_those_and_what_counted()
    {
        var d = new ClientId("hospital-d");
        var live = LiveRound.New().SayAll(
            Open(2, A, B), Has(A, 10), new Drop(B, "no ECG data"),
            new Reopen(1, [A]) { Invited = [d, A], LeftOut = [new LeftOut(B, RoundRules.Excluded, IsMissed: false)], Known = [new SiteSamples(d, 30)] });
        Assert.Equal((Phase.Training, 1), (live.State.Phase, live.State.Reopenings));
        Assert.Equal<ClientId>([A, d], live.State.Invited);
        Assert.Equal<ClientId>([d], live.State.Missing);
        Assert.Equal<ClientId>([B], live.State.LeftOut.Keys);
        Assert.Equal(30, live.State.Known[d]);
        Assert.EndsWith(
            "invited now: hospital-a, hospital-d. Not invited: hospital-b (excluded by an operator).", RoundStory.Tell(live.State.Id, live.Journal)[^1].Words);
    }

    [Theory]
    [InlineData(0.9999, "99 %")]
    [InlineData(1, "100 %")]
    [InlineData(0.002, "less than 1 %")]
    [InlineData(0, "0 %")]
    [InlineData(0.29, "29 %")]
    public void A_share_is_never_rounded_up(double share, string words) => Assert.Equal(words, RoundResult.Percent(share));

    private static Contribute Has(ClientId site, long samples) => Contribution(site, (int)samples) with { Samples = SampleCounts.Of(("ecg", samples)) };
}
