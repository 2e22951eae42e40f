using Akka.Event;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>The sites that are here and do not take part, and why; told to the server's log when it changes.</summary>
internal sealed class UninvitedSites(ILoggingAdapter log)
{
    // Where nobody needs a certificate, names cost nothing: no more of them are kept and told of.
    private const int Most = 1000;

    private readonly SortedDictionary<ClientId, (FederationId Federation, string Why, FederationId Told)> _sites = [];

    /// <summary>Who they are, in ordinal order.</summary>
    public IEnumerable<ClientId> All => _sites.Keys;

    /// <summary>One of them is here.</summary>
    /// <returns>Whether that is new, or the reason is another one.</returns>
    /// <param name="site">The site.</param>
    /// <param name="federation">What runs.</param>
    /// <param name="why">Why it does not take part in it.</param>
    /// <param name="told">The name of what runs as the site may hear it.</param>
    public bool Met(ClientId site, FederationId federation, string why, FederationId told)
    {
        if (_sites.TryGetValue(site, out var known) ? known == (federation, why, told) : _sites.Count >= Most)
            return false;
        _sites[site] = (federation, why, told);
        log.Warning("{Client} is here and does not take part in federation {Federation}: {Why}", site, federation, why);
        return true;
    }

    /// <summary>A site takes part, or nothing runs that it could take part in.</summary>
    /// <returns>The federation that it did not take part in, as it was told; null where it did.</returns>
    public FederationId? Forget(ClientId site) => _sites.Remove(site, out var known) ? known.Told : null;
}
