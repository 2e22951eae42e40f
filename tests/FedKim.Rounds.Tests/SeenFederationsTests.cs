using static FedKim.Rounds.FederationEvents;

namespace FedKim.Rounds.Tests;

public sealed class SeenFederationsTests
{
    private static readonly DateTimeOffset Now = new(2031, 5, 14, 9, 0, 0, TimeSpan.Zero);
    private static readonly ClientId A = new("hospital-a"), B = new("hospital-b");

    [Fact]
    public void A_site_sees_its_own_federations_and_none_of_the_others()
    {
        var journal = Run(Plan("both", A, B), Plan("of-a", A), Plan("of-b", B));
        Assert.Equal(["both", "of-b"], Names(journal.SeenBy(B)));
        Assert.Equal("of-b", journal.SeenBy(B).Plan!.Id.Value);
        // The one that runs is none of its own: the last of its own stands in its place.
        Assert.Equal(["both", "of-a"], Names(journal.SeenBy(A)));
        Assert.Null(journal.SeenBy(A).NamedOrQueued(new FederationId("of-b")));
        Assert.Equal(journal.Epoch, journal.SeenBy(A).Epoch);
    }

    [Fact]
    public void Who_is_in_none_sees_none()
    {
        var seen = Run(Plan("of-a", A)).SeenBy(B);
        Assert.Equal((FederationPhase.Idle, 1), (seen.Phase, seen.Epoch));
        Assert.Empty(seen.All);
    }

    [Fact]
    public void One_that_waits_is_seen_by_those_it_invites()
    {
        var journal = FederationRules.Apply(Run(Plan("of-a", A)), new Queued(Plan("of-b", B), Now));
        Assert.NotNull(journal.SeenBy(B).NamedOrQueued(new FederationId("of-b")));
        Assert.Null(journal.SeenBy(A).NamedOrQueued(new FederationId("of-b")));
    }

    [Fact]
    public void An_excluded_site_sees_what_it_took_part_in()
    {
        var journal = FederationRules.Apply(Run(Plan("both", A, B)), new RosterEvents.SiteExcluded(B, Now));
        Assert.Equal(["both"], Names(journal.SeenBy(B)));
    }

    private static string[] Names(Federation federation) => [.. federation.All.Select(f => f.Plan!.Id.Value)];

    private static Federation Run(params FederationPlan[] plans)
    {
        var journal = FederationRules.Apply(new Federation(), new TakenOver(1, "server", Now));
        foreach (var plan in plans)
        {
            if (journal.Plan is not null)
                journal = FederationRules.Apply(journal, new FederationStopped("done", Now));
            journal = FederationRules.Apply(journal, new Submitted(plan, Now));
        }

        return journal;
    }

    private static FederationPlan Plan(string name, params ClientId[] clients) => Given.Plan(name) with { Clients = [.. clients] };
}
