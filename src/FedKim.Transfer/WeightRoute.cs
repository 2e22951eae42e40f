using FedKim.Audit;
using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>How a node reaches the servers' weight planes.</summary>
/// <param name="Connect">Makes the connections of one client, which disposes them; null for plain HTTP.</param>
/// <param name="Clock">For back-off and patience; null for the system's.</param>
/// <param name="IsCertified">Whether servers prove who they are: an address at which nobody would is not gone to, whoever names it.</param>
/// <param name="Noted">Told what moved, for the audit log; from any thread.</param>
public sealed record WeightRoute(Func<HttpMessageHandler>? Connect = null, TimeProvider? Clock = null, bool IsCertified = false, Action<AuditEntry>? Noted = null)
{
    /// <summary>Plain HTTP, by the system's clock.</summary>
    public static WeightRoute Plain { get; } = new();

    /// <summary>The connections that it shares with others instead; null for those of its own.</summary>
    public SharedConnections? Shared { get; init; }

    /// <summary>A client between the server at this address and a store.</summary>
    /// <param name="server">The address.</param>
    /// <param name="store">The store.</param>
    /// <param name="hindered">Told at once what hinders a transfer that is tried again, in full and as others may know it.</param>
    /// <exception cref="TransferException">It is none at which a server would prove who it is.</exception>
    public WeightClient To(string server, WeightStore store, Action<string, SiteReason>? hindered = null)
    {
        var address = new Uri(server);
        if (IsCertified && address.Scheme != Uri.UriSchemeHttps)
            throw new TransferException($"{address} is not gone to: nobody proves there who it is. The server must show a certificate; see fedkim.tls there.", SiteSentences.Other.Say());
        return new WeightClient(address, store, Shared?.Access() ?? Connect?.Invoke(), Clock)
        {
            Shared = Shared,
            Hindered = hindered ?? ((_, _) => { }),
            Noted = Noted ?? (_ => { }),
        };
    }
}
