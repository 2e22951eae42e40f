namespace FedKim.Actors;

/// <summary>How soon nodes take silence for loss.</summary>
public enum Timing
{
    /// <summary>After six to ten seconds, as hocon/cluster.conf says.</summary>
    Steady = 0,

    /// <summary>After two to three seconds, as hocon/cluster.quick.conf says: for nodes on one machine or in one machine room.</summary>
    Quick = 1,
}
