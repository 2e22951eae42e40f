using System.Collections.Immutable;
using FedKim.Testing;
using static FedKim.Rounds.Tests.Given;

namespace FedKim.Rounds.Tests;

/// <summary>What one site's contribution costs does not grow with how many other sites there are.</summary>
public sealed class ManySitesTests
{
    private const int Many = 1500;

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void A_round_of_four_times_the_sites_is_about_four_times_the_work(double share) => AssertGrowsWithThem(count =>
    {
        var sites = Sites(count);
        var roster = Roster.Of(sites);
        var live = LiveRound.New();
        live.Say(Open(count / 2, [.. sites]) with { QuorumShare = share });
        for (int i = 0; i < count; i++)
        {
            // Far from each other, as they come.
            var site = sites[(int)(i * 7919L % count)];
            live.Say(i % 10 == 9 ? new RoundCommands.Drop(site, "no data") : Contribution(site, i + 3));
            Assert.True(roster.Admits(live.State, site));
            _ = RoundRules.React(live.State).SelectMany(RoundEffects.Needs).Count();
            _ = live.State.CanHaveQuorum;
        }

        Assert.Equal(Phase.Aggregating, live.State.Phase);
        Assert.Equal(live.State.Accepted.Count, LiveRound.Recovered(live.Journal).State.Accepted.Count);
        _ = RoundStory.Tell(live.State.Id, live.Journal).Length;
    });

    [Fact]
    public void Sites_that_join_a_federation_and_leave_it_are_as_much_work_each_however_many_there_are() => AssertGrowsWithThem(count =>
    {
        var plan = Plan() with { Clients = [], Anyone = new OpenInvitation(1, count) };
        var federation = FederationRules.Apply(
            FederationRules.Apply(new Federation(), new FederationEvents.Submitted(plan, Start)), new FederationEvents.Initialized(Digest(1), Digest(2), Start));
        foreach (var site in Sites(count))
            Say(new RosterCommands.Join(site));
        foreach (var site in Sites(count))
            Say(new RosterCommands.Exclude(site));
        Assert.Equal((0, count), (federation.Roster.Count, federation.Roster.Excluded.Count));

        void Say(IFederationCommand command) => federation = FederationRules.Decide(federation, command, Start).Aggregate(federation, FederationRules.Apply);
    });

    private static ImmutableArray<ClientId> Sites(int count) => [.. Enumerable.Range(1, count).Select(i => new ClientId($"site-{i:00000}"))];

    private static void AssertGrowsWithThem(Action<int> work) => Assert.InRange(Growth.OfFourTimes(Many, work), 1, Growth.MostForFourTimes);
}
