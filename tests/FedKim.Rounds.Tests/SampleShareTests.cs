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
        Assert.Equal(520.0 / 1020, SampleShare.AtBest(round), 12);
    }

    [Fact]
    public void A_site_never_heard_counts_as_much_as_the_largest_known()
    {
        var round = LiveRound.New().SayAll(Opening with { Known = [new SiteSamples(A, 100)] }, Has(A, 100), Has(B, 300)).State;
        Assert.Equal(400.0 / 700, SampleShare.Of(round), 12);
        Assert.Equal(0, SampleShare.Of(LiveRound.New().SayAll(Open(1, A, B)).State));
    }

    [Fact]
    public void The_share_lies_between_none_and_all_and_never_above_the_best() => Scenario.Any.Sample(scenario =>
    {
        var round = LiveRound.New().SayAll(scenario.Opened).State;
        var (share, best) = (SampleShare.Of(round), SampleShare.AtBest(round));
        Assert.InRange(share, 0, best);
        Assert.InRange(best, 0, 1);
    });

    [Fact]
    public void A_round_whose_share_cannot_be_reached_any_more_fails_and_says_the_share()
    {
        var round = LiveRound.New().SayAll(Opening with { QuorumShare = 0.6 }, new Drop(B, "no ECG data")).State;
        Assert.Equal(Phase.Failed, round.Phase);
        Assert.Equal(
            "0 of 3 sites contributed, the quorum is 1; at most 50 % of the samples can count, and the plan asks for 60 %. "
            + "hospital-b: no ECG data; hospital-a: no update; hospital-c: no update",
            round.Cause);
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

    [Theory]
    [InlineData(0.9999, "99 %")]
    [InlineData(1, "100 %")]
    [InlineData(0.002, "less than 1 %")]
    [InlineData(0, "0 %")]
    [InlineData(0.29, "29 %")]
    public void A_share_is_never_rounded_up(double share, string words) => Assert.Equal(words, RoundResult.Percent(share));

    private static Contribute Has(ClientId site, long samples) => Contribution(site, (int)samples) with { Samples = SampleCounts.Of(("ecg", samples)) };
}
