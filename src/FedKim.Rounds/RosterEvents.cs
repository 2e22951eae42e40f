namespace FedKim.Rounds;

/// <summary>Marks that somebody came, or left; stored in the federation's journal.</summary>
public interface IRosterEvent : IFederationEvent
{
    /// <summary>Who.</summary>
    ClientId Site { get; }
}

/// <summary>Who came to a running federation, and who left it.</summary>
public static class RosterEvents
{
    /// <summary>A site came that no plan names, where whoever is certified may. It takes part from the next round on.</summary>
    public sealed record SiteJoined(ClientId Site, DateTimeOffset At) : FederationEvent(At), IRosterEvent;

    /// <summary>An operator has drained a site: the round it works on is its last.</summary>
    public sealed record SiteDrained(ClientId Site, DateTimeOffset At) : FederationEvent(At), IRosterEvent;

    /// <summary>An operator has resumed a site that was drained or excluded. It takes part from the next round on.</summary>
    public sealed record SiteReturned(ClientId Site, DateTimeOffset At) : FederationEvent(At), IRosterEvent;

    /// <summary>An operator has excluded a site, from the open round too.</summary>
    public sealed record SiteExcluded(ClientId Site, DateTimeOffset At) : FederationEvent(At), IRosterEvent;
}
