using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Remote.Transport.DotNetty;
using FedKim.Certificates;

namespace FedKim.Actors.Members;

/// <summary>
/// How members of a cluster speak: by mutual TLS, with our own look at each certificate in place of the transport's; and who was found at which
/// address by it. Safe for concurrent use.
/// </summary>
/// <param name="tls">How peers are judged.</param>
/// <param name="admits">Who may be a member at all: one can do much to a cluster.</param>
public sealed class MemberCertificates(PeerTls tls, ImmutableArray<PeerRole> admits)
{
    private readonly ConcurrentDictionary<string, (PeerId Peer, X509Certificate2 Certificate)> _found = new(StringComparer.Ordinal);

    /// <summary>The transport's setup, for one actor system: it keeps the certificate that the node has now, and shows none of those behind it.</summary>
    public Setup Setup() => new DotNettySslSetup(
        tls.Trust.Certificate, suppressValidation: false, requireMutualAuthentication: true, (certificate, chain, peer, _, _) => Takes(certificate, chain, peer));

    /// <summary>Who was found at an address; null where nobody was yet.</summary>
    internal PeerId? At(Address address) => _found.TryGetValue(NodeAddress.Text(address), out var shown) ? shown.Peer : null;

    /// <summary>Why a peer may not be in the cluster as this; null where it may.</summary>
    /// <param name="peer">Who its certificate says it is.</param>
    /// <param name="roles">What it is in the cluster.</param>
    public static string? Problem(PeerId peer, IEnumerable<string> roles) =>
        // A server may be the rest as well: who leads could as well say that it was.
        peer.Role == PeerRole.Server || roles.All(role => role == PeerId.Name(peer.Role)) ? null : $"it is {peer}, and is in the cluster as {string.Join(", ", roles)}";

    /// <summary>
    /// Why a member may not be what it is in the cluster, by the certificate that was found at its address; null where it may, or where none was found
    /// yet.
    /// </summary>
    internal string? Problem(Address address, IEnumerable<string> roles)
    {
        if (!_found.TryGetValue(NodeAddress.Text(address), out var shown))
            return null;
        // Whose own certificate does not count has a wrong clock, or was revoked itself: it judges nobody.
        if (tls.Trust.Check(tls.Trust.Certificate).Problem is not null)
            return null;
        return tls.Trust.Check(shown.Certificate).Problem ?? Problem(shown.Peer, roles);
    }

    /// <summary>Who was found there is gone; another may come to the address.</summary>
    internal void Forget(Address address) => _found.TryRemove(NodeAddress.Text(address), out _);

    private bool Takes(X509Certificate2? certificate, X509Chain? chain, string at)
    {
        if (tls.Take(certificate, chain, [.. admits]) is not { } id)
            return false;
        // Who was dialled is named by its address, ssl.tcp://fedkim@host:port; who dialled, by a socket.
        if (at.LastIndexOf('@') is > 0 and var name)
            _found[at[(name + 1)..]] = (id, X509CertificateLoader.LoadCertificate(certificate!.RawData));
        return true;
    }
}
