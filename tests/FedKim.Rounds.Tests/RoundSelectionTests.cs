using System.Collections.Immutable;
using CsCheck;

namespace FedKim.Rounds.Tests;

/// <summary>Who is asked in a round.</summary>
public sealed class RoundSelectionTests
{
    private static readonly TimeSpan Away = TimeSpan.FromMinutes(10);

    private static readonly Gen<(FederationPlan Plan, Roster Roster, int Round, ImmutableDictionary<ClientId, SitePresence> Presence)> Any =
        from sites in Gen.Int[1, 12]
        from samples in Gen.OneOf(Gen.Const((long?)null), Gen.Long[0, 5000].Select(n => (long?)n)).Array[sites]
        from silent in Gen.Int[0, 20].Array[sites]
        from standing in Gen.Frequency((8, Gen.Const(SiteStanding.TakesPart)), (1, Gen.Const(SiteStanding.Drained)), (1, Gen.Const(SiteStanding.Excluded))).Array[sites]
        from quorum in Gen.Int[1, sites]
        from fraction in Gen.Double[0.01, 1]
        from byData in Gen.Bool
        from skips in Gen.Bool
        from share in Gen.OneOf<double>(Gen.Const(0.0), Gen.Double[0, 1])
        from seed in Gen.Long[0, long.MaxValue]
        from round in Gen.Int[1, 50]
        select (
            Given.Plan() with { Seed = seed, Quorum = quorum, QuorumShare = share, Selection = new Selection(fraction, byData), SkipAfter = skips ? Away : null },
            new Roster { Sites = Enumerable.Range(0, sites).ToImmutableSortedDictionary(Site, i => new RosterSite(standing[i], samples[i])) },
            round,
            Enumerable.Range(0, sites).ToImmutableDictionary(Site, i => new SitePresence(silent[i] == 0, TimeSpan.FromMinutes(silent[i]))));

    [Fact]
    public void Everybody_of_the_federation_is_either_invited_or_left_out_with_a_reason() => Any.Sample(given =>
    {
        var choice = RoundSelection.Choose(given.Plan, given.Roster, given.Round, given.Presence);
        if (choice.Waiting.Length > 0)
        {
            Assert.True(given.Roster.Count < given.Plan.Quorum);
            return;
        }

        Assert.Equal(given.Roster.Sites.Keys, choice.Invited.Concat(choice.LeftOut.Select(l => l.Site)).Order());
        Assert.Equal(choice.Invited.Order(), choice.Invited);
        Assert.All(choice.Invited, site => Assert.True(given.Roster.Invites(site)));
        Assert.All(choice.LeftOut, left => Assert.NotEmpty(left.Reason));
        Assert.True(choice.Invited.Length >= given.Plan.Quorum);
    });

    [Fact]
    public void The_same_seed_draws_the_same_sites_whatever_came_first() => Any.Sample(given =>
    {
        var again = given.Roster with { Sites = given.Roster.Sites.Reverse().ToImmutableSortedDictionary() };
        Assert.Equal(
            Contents.Of(RoundSelection.Choose(given.Plan, given.Roster, given.Round, given.Presence)),
            Contents.Of(RoundSelection.Choose(given.Plan, again, given.Round, given.Presence)));
    });

    [Fact]
    public void Who_is_silent_for_as_long_as_the_plan_says_is_invited_only_where_the_quorum_needs_somebody() => Any.Sample(given =>
    {
        var plan = given.Plan with { Selection = Selection.All, QuorumShare = 0 };
        var choice = RoundSelection.Choose(plan, given.Roster, given.Round, given.Presence);
        var gone = given.Roster.TakingPart.Where(s => given.Presence[s] is { IsHere: false } p && p.Silent >= plan.SkipAfter).ToArray();
        if (choice.Waiting.Length > 0)
            return;
        bool without = plan.SkipAfter is not null && given.Roster.Count - gone.Length >= plan.Quorum;
        Assert.Equal(without ? gone : [], choice.LeftOut.Where(l => l.IsMissed).Select(l => l.Site));
        Assert.Equal(without ? given.Roster.Count - gone.Length : given.Roster.Count, choice.Invited.Length);
    });

    [Fact]
    public void A_share_of_the_sites_is_drawn_another_one_in_another_round()
    {
        var (plan, roster) = (Given.Plan() with { Quorum = 1, Selection = new Selection(0.3) }, Sites(10));
        string[] drawn = [.. Enumerable.Range(1, 200).Select(round => string.Join(" ", RoundSelection.Choose(plan, roster, round, Nobody).Invited))];
        Assert.All(drawn, d => Assert.Equal(3, d.Split(' ').Length));
        Assert.True(drawn.Distinct().Count() > 50);
        // Each site about as often as any other: 60 times of 200, four standard deviations are 26.
        Assert.All(roster.TakingPart, s => Assert.InRange(drawn.Count(d => d.Split(' ').Contains(s.Value)), 34, 86));
    }

    [Fact]
    public void By_data_a_site_with_more_samples_is_drawn_more_often_and_one_never_heard_as_often_as_the_largest()
    {
        var plan = Given.Plan() with { Quorum = 1, Selection = new Selection(0.25, ByData: true) };
        var roster = Sites(4).After([new SiteSamples(Site(0), 100), new SiteSamples(Site(1), 300), new SiteSamples(Site(2), 300)]);
        var drawn = Enumerable.Range(1, 1000).SelectMany(round => RoundSelection.Choose(plan, roster, round, Nobody).Invited).CountBy(s => s).ToDictionary();
        // One in ten and three in ten, four standard deviations are 38 and 58.
        Assert.InRange(drawn[Site(0)], 62, 138);
        Assert.All((int[])[1, 2, 3], i => Assert.InRange(drawn[Site(i)], 242, 358));
    }

    [Fact]
    public void Whose_place_others_take_are_not_missed_and_whose_nobody_takes_are()
    {
        var gone = ImmutableDictionary<ClientId, SitePresence>.Empty.Add(Site(3), new SitePresence(false, TimeSpan.FromMinutes(12)));
        var plan = Given.Plan() with { Quorum = 1, SkipAfter = Away };
        var all = Assert.Single(RoundSelection.Choose(plan, Sites(4), 2, gone).LeftOut);
        Assert.Equal(new LeftOut(Site(3), "silent for 12 min when the round opened", true), all);
        var half = RoundSelection.Choose(plan with { Selection = new Selection(0.5) }, Sites(4), 2, gone);
        Assert.DoesNotContain(Site(3), half.Invited);
        Assert.All(half.LeftOut, l => Assert.False(l.IsMissed));
    }

    [Fact]
    public void Who_was_silent_for_as_long_as_the_plan_says_is_left_out_though_it_still_counts_as_here()
    {
        var plan = Given.Plan() with { Quorum = 1, SkipAfter = TimeSpan.FromSeconds(4) };
        Assert.Equal<ClientId>([Site(0)], RoundSelection.Choose(plan, Sites(2), 2, Nobody.Add(Site(1), new SitePresence(true, TimeSpan.FromSeconds(4)))).Invited);
        Assert.Equal(2, RoundSelection.Choose(plan, Sites(2), 2, Nobody.Add(Site(1), new SitePresence(true, TimeSpan.FromSeconds(3)))).Invited.Length);
    }

    [Fact]
    public void A_share_of_the_samples_keeps_a_large_site_awaited()
    {
        var gone = ImmutableDictionary<ClientId, SitePresence>.Empty.Add(Site(0), new SitePresence(false, TimeSpan.FromHours(1)));
        var plan = Given.Plan() with { Quorum = 1, SkipAfter = Away, QuorumShare = 0.8 };
        var roster = Sites(2).After([new SiteSamples(Site(0), 900), new SiteSamples(Site(1), 100)]);
        Assert.Equal<ClientId>([Site(0), Site(1)], RoundSelection.Choose(plan, roster, 2, gone).Invited);
        Assert.Equal<ClientId>([Site(1)], RoundSelection.Choose(plan with { QuorumShare = 0.1 }, roster, 2, gone).Invited);
    }

    [Fact]
    public void The_first_round_of_whoever_comes_waits_until_enough_are_here()
    {
        var plan = Given.Plan() with { Clients = [], Quorum = 1, Anyone = new OpenInvitation(3, 9) };
        var one = ImmutableDictionary<ClientId, SitePresence>.Empty.Add(Site(2), new SitePresence(false, TimeSpan.FromSeconds(9)));
        var sentAway = Sites(5).After(new RosterEvents.SiteDrained(Site(3), Given.Start)).After(new RosterEvents.SiteExcluded(Site(4), Given.Start));
        Assert.Equal("waits for sites: 0 of at least 3 are here, 3 missing. Whoever is certified and comes takes part; 'federation stop' ends the wait", RoundSelection.Choose(plan, Roster.Empty, 1, Nobody).Waiting);
        Assert.StartsWith("waits for sites: 2 of at least 3 are here (site-00, site-01), 1 missing; silent: site-02; drained: site-03; excluded: site-04. ", RoundSelection.Choose(plan, sentAway, 1, one).Waiting);
        Assert.Equal(3, RoundSelection.Choose(plan, Sites(3), 1, Nobody).Invited.Length);
        Assert.Equal(3, RoundSelection.Choose(plan, Sites(3), 2, one).Invited.Length);
    }

    [Fact]
    public void A_round_that_is_tried_again_asks_others_only_where_those_it_asked_cannot_make_the_quorum()
    {
        var plan = Given.Plan() with { Quorum = 2, SkipAfter = Away, Selection = new Selection(0.5) };
        var failed = LiveRound.New().SayAll(Given.Open(2, Site(0), Site(1))).State;
        Assert.Null(RoundSelection.ChooseAgain(plan, Sites(4), failed, [], Nobody));

        var excluded = Sites(4).After(new RosterEvents.SiteExcluded(Site(1), Given.Start));
        var others = RoundSelection.ChooseAgain(plan, excluded, failed, [], Nobody)!;
        Assert.DoesNotContain(Site(1), others.Invited);
        Assert.Equal(2, others.Invited.Length);
        Assert.Contains(new LeftOut(Site(1), RoundRules.Excluded, IsMissed: false), others.LeftOut);

        var gone = Nobody.Add(Site(1), new SitePresence(false, Away));
        var with = RoundSelection.ChooseAgain(plan, Sites(4), failed, [Site(0)], gone)!;
        Assert.Contains(Site(0), with.Invited);
        Assert.DoesNotContain(Site(1), with.Invited);
        Assert.DoesNotContain(with.LeftOut, l => l.Site == Site(0));
        Assert.Null(RoundSelection.ChooseAgain(plan, Sites(4), failed, [Site(0), Site(1)], gone));
    }

    [Fact]
    public void A_round_that_a_drawn_site_does_not_contribute_to_is_tried_again_with_another_where_there_is_one()
    {
        var plan = Given.Plan() with { Quorum = 2, Selection = new Selection(0.5) };
        var failed = LiveRound.New().SayAll(Given.Open(2, Site(0), Site(1)), new RoundCommands.Drop(Site(1), "no ECG data")).State;
        var others = RoundSelection.ChooseAgain(plan, Sites(4), failed, [], Nobody)!;
        Assert.Equal(2, others.Invited.Length);
        Assert.DoesNotContain(Site(1), others.Invited);
        Assert.Contains(new LeftOut(Site(1), "no ECG data", IsMissed: true), others.LeftOut);
        Assert.Null(RoundSelection.ChooseAgain(plan, Sites(2), failed, [], Nobody));
    }

    [Fact]
    public void A_round_that_nobody_could_bring_to_its_quorum_is_tried_again_as_it_was()
    {
        var plan = Given.Plan() with { Quorum = 2 };
        var failed = LiveRound.New().SayAll(Given.Open(2, Site(0), Site(1))).State;
        Assert.Null(RoundSelection.ChooseAgain(plan, Sites(2).After(new RosterEvents.SiteExcluded(Site(1), Given.Start)), failed, [], Nobody));
    }

    [Fact]
    public void Nobody_is_drawn_before_a_server_that_has_just_begun_to_listen_can_tell_who_is_gone()
    {
        var plan = Given.Plan() with { Quorum = 1, SkipAfter = Away, Selection = new Selection(0.5) };
        Assert.StartsWith("waits for sites: 3 of 4 were heard since this server began to listen", Choose(plan, 9, heard: false).Waiting);
        Assert.Equal(2, Choose(plan, 9, heard: true).Invited.Length);
        Assert.DoesNotContain(Site(3), Choose(plan, 10, heard: false).Invited);
        Assert.Equal(4, Choose(plan with { Selection = Selection.All }, 9, heard: false).Invited.Length);

        static RoundChoice Choose(FederationPlan plan, int minutes, bool heard) =>
            RoundSelection.Choose(plan, Sites(4), 2, Nobody.Add(Site(3), new SitePresence(false, TimeSpan.FromMinutes(minutes), heard)));
    }

    [Theory]
    [InlineData(1, 5, 1, 5)]
    [InlineData(0.3, 10, 1, 3)]
    [InlineData(0.31, 10, 1, 4)]
    [InlineData(0.1, 10, 4, 4)]
    [InlineData(0.5, 3, 9, 3)]
    public void As_many_are_asked_as_the_share_says_and_the_quorum_needs(double fraction, int sites, int quorum, int asked) =>
        Assert.Equal(asked, new Selection(fraction).Of(sites, quorum));

    private static ImmutableDictionary<ClientId, SitePresence> Nobody => ImmutableDictionary<ClientId, SitePresence>.Empty;

    private static Roster Sites(int count) => Roster.Of(Enumerable.Range(0, count).Select(Site));

    private static ClientId Site(int i) => new($"site-{i:00}");
}
