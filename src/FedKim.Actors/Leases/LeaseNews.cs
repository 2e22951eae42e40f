namespace FedKim.Actors.Leases;

/// <summary>What a lease tells its actor system, on the event stream.</summary>
public static class LeaseNews
{
    /// <summary>Another holds it.</summary>
    public sealed record Refused(string Lease, LeaseOwner Holder);

    /// <summary>
    /// Between two times that this actor system held it, another did. It does not get it again: the journal knows its writers by their actor
    /// systems, and takes one that was followed by another for a mistake.
    /// </summary>
    public sealed record HeldBetween(string Lease);
}
