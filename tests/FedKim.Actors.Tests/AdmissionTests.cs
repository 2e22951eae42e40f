using Akka.Actor;
using FedKim.Actors.Server;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>What a site's hello means to the federation that runs.</summary>
public sealed class AdmissionTests
{
    private static readonly DateTimeOffset Now = new(2031, 5, 14, 9, 0, 0, TimeSpan.Zero);
    private static readonly ClientId A = new("hospital-a"), Stranger = new("hospital-x");

    [Fact]
    public void The_work_of_an_excluded_site_is_over_once_it_is_known_that_nothing_of_it_counts()
    {
        var excluded = FederationRules.Apply(Running(), new RosterEvents.SiteExcluded(A, Now));
        var round = new Round(excluded.OpenRound!.Value) { Exists = true, Phase = Phase.Training, Invited = [A] };
        var counted = round with { Accepted = round.Accepted.Add(A, new Contribution(default, SampleCounts.None, 0)) };

        // A server that has just read its journal has not read the round's.
        Assert.False(Said(excluded, LatestRounds.None).MustEnd);
        Assert.False(Said(excluded, LatestRounds.None.Saw(counted, 0)).MustEnd);
        Assert.True(Said(excluded, LatestRounds.None.Saw(round, 0)).MustEnd);

        static SiteDirectory.Uninvited Said(Federation federation, LatestRounds latest) =>
            Assert.IsType<SiteDirectory.Uninvited>(Admission.Greeting(Hello(A), federation, latest));
    }

    [Fact]
    public void A_stranger_is_not_to_know_what_runs_and_a_site_that_was_excluded_is()
    {
        var excluded = FederationRules.Apply(Running(), new RosterEvents.SiteExcluded(A, Now));
        Assert.False(Assert.IsType<SiteDirectory.Uninvited>(Admission.Greeting(Hello(Stranger), excluded, LatestRounds.None)).MayKnow);
        Assert.True(Assert.IsType<SiteDirectory.Uninvited>(Admission.Greeting(Hello(A), excluded, LatestRounds.None)).MayKnow);
    }

    private static SiteMessages.Hello Hello(ClientId site) => new(site, ActorRefs.Nobody, new SiteStatus("idle", "", 0, 0, double.NaN, 0, ""), 1);

    private static Federation Running() => ((IFederationEvent[])
        [new FederationEvents.Submitted(TestFederation.Plan(1, 1, A.Value, "hospital-b"), Now), new FederationEvents.Initialized(default, default, Now)])
        .Aggregate(new Federation(), FederationRules.Apply);
}
