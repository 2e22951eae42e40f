using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// Mutual TLS by a consortium's certificates: both sides show theirs, and who they are is what these say. A handshake goes by what the node's files
/// say when it is made.
/// </summary>
/// <param name="trust">The node's certificate, and whom it trusts.</param>
public sealed class PeerTls(PeerTrust trust)
{
    /// <summary>The node's certificate, and whom it trusts.</summary>
    public PeerTrust Trust => trust;

    /// <summary>Told of each peer whose handshake was refused: what is to be thought of it. Called from any thread.</summary>
    public Action<PeerVerdict> Refused { get; init; } = _ => { };

    /// <summary>Judges a peer at its handshake, and tells of one that is refused.</summary>
    /// <param name="certificate">What it has shown; null where it showed none.</param>
    /// <param name="chain">What TLS made of it.</param>
    /// <param name="roles">As what it may speak here; null for any.</param>
    /// <returns>Who it is; null where it is refused.</returns>
    public PeerId? Take(X509Certificate2? certificate, X509Chain? chain, params PeerRole[]? roles)
    {
        var verdict = trust.Check(certificate, chain);
        if (verdict.Id is { } id && roles is not null && !roles.Contains(id.Role))
            verdict = PeerVerdict.Refused(verdict.Shown, $"a {string.Join(" or ", roles.Select(PeerId.Name))} is wanted here");
        if (verdict.Id is null)
            Refused(verdict);
        return verdict.Id;
    }

    /// <summary>Who is at the other end of a connection that was let in, as its certificate says; null where it showed none.</summary>
    public static PeerId? PeerOf(SslStream connection) => connection.RemoteCertificate is X509Certificate2 shown ? PeerCheck.IdOf(shown) : null;

    /// <summary>How a connection to a server is made.</summary>
    public SslClientAuthenticationOptions ToServer() => new()
    {
        // The certificate says who answers, whatever name or address leads there.
        TargetHost = trust.Consortium,
        ClientCertificateContext = trust.Context,
        CertificateChainPolicy = trust.ChainPolicy,
        RemoteCertificateValidationCallback = (_, shown, chain, _) => Take(shown as X509Certificate2, chain, PeerRole.Server) is not null,
    };

    /// <summary>How a connection of a peer is taken.</summary>
    /// <param name="protocols">What may be spoken on it, the preferred first.</param>
    public SslServerAuthenticationOptions FromPeer(IEnumerable<SslApplicationProtocol> protocols) => new()
    {
        ServerCertificateContext = trust.Context,
        CertificateChainPolicy = trust.ChainPolicy,
        ClientCertificateRequired = true,
        ApplicationProtocols = [.. protocols],
        // A peer that came before and was revoked since is to be looked at again.
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, shown, chain, _) => Take(shown as X509Certificate2, chain, null) is not null,
    };
}
