using Akka.Event;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>The sites that are here and do not take part, and why; told to the server's log when it changes.</summary>
internal sealed class UninvitedSites(ILoggingAdapter log)
{
    // Where nobody needs a certificate, names cost nothing: no more of them are kept and told of.
    private const int Most = 1000;

    private readonly SortedDictionary<ClientId, (FederationId Federation, string Why)> _sites = [];

    /// <summary>Who they are, in ordinal order.</summary>
    public IEnumerable<ClientId> All => _sites.Keys;

    /// <summary>One of them is here.</summary>
    public void Met(ClientId site, FederationId federation, string why)
    {
        if (_sites.TryGetValue(site, out var known) ? known == (federation, why) : _sites.Count >= Most)
            return;
        _sites[site] = (federation, why);
        log.Warning("{Client} is here and does not take part in federation {Federation}: {Why}", site, federation, why);
    }

    /// <summary>A site takes part, or nothing runs that it could take part in.</summary>
    /// <returns>The federation that it did not take part in; null where it did.</returns>
    public FederationId? Forget(ClientId site) => _sites.Remove(site, out var known) ? known.Federation : null;
}
