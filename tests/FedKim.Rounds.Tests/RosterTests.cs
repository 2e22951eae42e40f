using CsCheck;
using static FedKim.Rounds.RosterCommands;
using static FedKim.Rounds.Tests.Given;

namespace FedKim.Rounds.Tests;

/// <summary>Who may come to a federation that runs, and who is sent away.</summary>
public sealed class RosterTests
{
    private static readonly FederationPlan Anyone = Plan() with { Clients = [], Quorum = 1, Anyone = new OpenInvitation(1, 3) };

    private static readonly Gen<IRosterCommand> Command =
        from site in Gen.OneOf<ClientId>([A, B, C, Stranger])
        from command in Gen.OneOf<IRosterCommand>([new Join(site), new Drain(site), new Return(site), new Exclude(site)])
        select command;

    [Fact]
    public void Those_whom_the_plan_names_take_part_and_nobody_joins_them()
    {
        var federation = Say(Running(Plan()), new Join(Stranger));
        Assert.Equal<ClientId>([A, B, C], federation.Roster.TakingPart);
        Assert.False(RosterRules.MayJoin(federation, Stranger));
        Assert.Equal("its plan does not name this site", RosterRules.WhyNot(federation, Stranger));
        Assert.Null(RosterRules.WhyNot(federation, A));
    }

    [Fact]
    public void Where_anyone_may_come_sites_join_until_the_plan_lets_in_no_more()
    {
        var federation = Say(Running(Anyone), new Join(C), new Join(A), new Join(B), new Join(Stranger));
        Assert.Equal<ClientId>([A, B, C], federation.Roster.TakingPart);
        Assert.Equal("3 sites take part, and the plan lets in no more", RosterRules.WhyNot(federation, Stranger));

        var drained = Say(federation, new Drain(C));
        Assert.True(RosterRules.MayJoin(drained, Stranger));
        var full = Say(drained, new Join(Stranger));
        Assert.Equal("hospital-c cannot be resumed: 3 sites take part, and the plan lets in no more.", RosterRules.Refusal(full, new Return(C)));
    }

    [Fact]
    public void A_site_that_was_drained_or_excluded_comes_back_only_when_an_operator_says_so()
    {
        var drained = Say(Running(Anyone), new Join(A), new Drain(A));
        Assert.False(drained.Invites(A));
        Assert.False(RosterRules.MayJoin(drained, A));
        Assert.True(Say(drained, new Return(A)).Invites(A));

        var excluded = Say(drained, new Exclude(A));
        Assert.Equal<ClientId>([A], excluded.Roster.Excluded);
        Assert.Equal("hospital-a is excluded, which is more. Resume it first if it is to be drained.", RosterRules.Refusal(excluded, new Drain(A)));
        Assert.True(Say(excluded, new Return(A)).Invites(A));
    }

    [Fact]
    public void Whom_nobody_has_met_can_be_kept_from_coming_but_not_drained()
    {
        var federation = Running(Anyone);
        Assert.Contains("Stranger does not take part", RosterRules.Refusal(federation, new Drain(Stranger))!, StringComparison.OrdinalIgnoreCase);
        Assert.False(RosterRules.MayJoin(Say(federation, new Exclude(Stranger)), Stranger));
    }

    [Fact]
    public void Nobody_comes_or_goes_before_a_federation_or_after_its_end()
    {
        Assert.Equal("No federation was submitted yet; nobody takes part in one.", RosterRules.Refusal(new Federation(), new Drain(A)));
        var ended = Running(Plan()) with { Phase = FederationPhase.Completed };
        Assert.Equal("Federation demo is Completed; nobody takes part in it any more.", RosterRules.Refusal(ended, new Exclude(A)));
        Assert.Null(RosterRules.WhyNot(ended, Stranger));
        foreach (var plan in (FederationPlan[])[Anyone, Plan()])
        {
            var failed = Running(plan) with { Phase = FederationPhase.Failed };
            Assert.False(RosterRules.MayJoin(failed, Stranger));
            Assert.Empty(FederationRules.Decide(failed, new Join(Stranger), Start));
        }
    }

    [Fact]
    public void A_command_said_twice_changes_nothing_the_second_time() => Command.Array[0, 20].Sample(commands =>
    {
        var federation = Running(Anyone);
        foreach (var command in commands)
        {
            federation = Say(federation, command);
            Assert.Empty(FederationRules.Decide(federation, command, Start));
        }

        Assert.InRange(federation.Roster.Count, 0, 3);
        Assert.Equal(federation.Roster.TakingPart.Count(), federation.Roster.Count);
    });

    [Fact]
    public void What_counted_last_is_known_and_stored_only_where_it_changed()
    {
        var federation = Running(Plan());
        var first = Committed(federation, 1, (A, 10), (B, 20));
        var after = first.Aggregate(federation, FederationRules.Apply);
        Assert.Equal([10L, 20L, null], after.Roster.Sites.Values.Select(s => s.Samples));

        var second = Assert.IsType<FederationEvents.RoundCommitted>(Assert.Single(Committed(after, 2, (A, 10), (B, 25))));
        Assert.Equal([new SiteSamples(B, 25)], second.Samples);
    }

    [Fact]
    public void The_next_federation_begins_with_its_own_roster()
    {
        var federation = Say(Running(Plan()), new Drain(A)) with { Phase = FederationPhase.Completed };
        var next = FederationRules.Apply(federation, new FederationEvents.Submitted(Plan("next"), Start));
        Assert.Equal<ClientId>([A, B, C], next.Roster.TakingPart);
        Assert.Equal(SiteStanding.Drained, next.Named(new FederationId("demo"))!.Roster.StandingOf(A));
    }

    [Fact]
    public void Nobody_joins_once_all_rounds_are_over()
    {
        var measured = Running(Anyone) with { Phase = FederationPhase.Evaluating };
        Assert.False(RosterRules.MayJoin(measured, A));
        Assert.Empty(FederationRules.Decide(measured, new Join(A), Start));
        Assert.Equal("all its rounds are over", RosterRules.WhyNot(measured, A));
        Assert.True(RosterRules.MayJoin(Running(Anyone) with { Phase = FederationPhase.Initializing }, A));
    }

    [Fact]
    public void A_site_that_comes_does_not_begin_anew_what_the_federation_is_at()
    {
        var federation = Running(Anyone);
        var after = FederationRules.Apply(federation, new RosterEvents.SiteJoined(A, Start + TimeSpan.FromHours(1)));
        Assert.Equal(federation.Since, after.Since);
    }

    [Fact]
    public void Nothing_is_taken_of_an_excluded_site_but_what_counts()
    {
        var round = LiveRound.New().SayAll(Open(1, A, B, C), Contribution(A), new RoundCommands.Drop(B, "no ECG data")).State;
        var excluded = Roster.Of([A, B, C]).After(new RosterEvents.SiteExcluded(A, Start)).After(new RosterEvents.SiteExcluded(B, Start));
        Assert.All([A, B, C], site => Assert.True(Roster.Of([A, B, C]).Admits(round, site)));
        Assert.Equal([true, false, true, false], new[] { A, B, C, Stranger }.Select(site => excluded.Admits(round, site)));
        Assert.Equal([A, B], excluded.Excluded);
        Assert.Equal([B], excluded.After(new RosterEvents.SiteReturned(A, Start)).Excluded);
    }

    private static Federation Running(FederationPlan plan) => FederationRules.Apply(
        FederationRules.Apply(new Federation(), new FederationEvents.Submitted(plan, Start)), new FederationEvents.Initialized(Digest(1), Digest(2), Start));

    private static Federation Say(Federation federation, params IRosterCommand[] commands) =>
        commands.Aggregate(federation, (f, c) => FederationRules.Decide(f, c, Start).Aggregate(f, FederationRules.Apply));

    private static IEnumerable<IFederationEvent> Committed(Federation federation, int number, params (ClientId Site, long Samples)[] counted)
    {
        var round = LiveRound.New().SayAll(
            [Open(1, [.. counted.Select(c => c.Site)]),
            .. counted.Select(c => Contribution(c.Site) with { Samples = SampleCounts.Of(("ecg", c.Samples)) }),
            new RoundCommands.RecordAggregate(Digest(3)), new RoundCommands.RecordInjection(Digest(3), Digest(4), Digest(5), 0.25), new RoundCommands.RecordPublication()]).State;
        return FederationRules.Decide(federation, new FederationCommands.RecordRound(round with { Id = new RoundId(federation.Plan!.Id, number) }), Start);
    }
}
