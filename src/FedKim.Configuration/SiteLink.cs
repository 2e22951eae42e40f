namespace FedKim.Configuration;

/// <summary>How a hospital's node takes part.</summary>
public enum SiteLink
{
    /// <summary>As a member of the servers' cluster, within its trust boundary.</summary>
    Member,

    /// <summary>In no cluster, by one connection that it opens to a server's door.</summary>
    Outbound,
}
