using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// Mutual TLS by a consortium's certificates: both sides show theirs, and who they are is what these say. A handshake goes by what the node's files
/// say when it is made.
/// </summary>
/// <param name="own">The node's certificate, and whom it trusts.</param>
/// <param name="clock">The only source of time.</param>
public sealed class PeerTls(NodeCertificate own, TimeProvider clock)
{
    private readonly PeerCheck _check = new(own.Trust, clock);

    /// <summary>The node's certificate, and whom it trusts.</summary>
    public NodeCertificate Own => own;

    /// <summary>Told of each peer whose handshake was refused: what is to be thought of it. Called from any thread.</summary>
    public Action<PeerVerdict> Refused { get; set; } = _ => { };

    /// <summary>What is to be thought of a peer's certificate now.</summary>
    /// <param name="certificate">What it has shown; null where it showed none.</param>
    /// <param name="chain">What came with it.</param>
    public PeerVerdict Judge(X509Certificate2? certificate, X509Chain? chain = null) =>
        _check.Judge(certificate, chain?.ChainPolicy.ExtraStore);

    /// <summary>How a connection to a server is made.</summary>
    public SslClientAuthenticationOptions ToServer() => new()
    {
        // The certificate says who answers, whatever name or address leads there.
        TargetHost = own.Id.Consortium,
        ClientCertificateContext = Context(),
        RemoteCertificateValidationCallback = (_, shown, chain, _) => Takes(shown, chain, PeerRole.Server),
    };

    /// <summary>How a connection of a peer is taken.</summary>
    /// <param name="protocols">What may be spoken on it, the preferred first.</param>
    public SslServerAuthenticationOptions FromPeer(IEnumerable<SslApplicationProtocol> protocols) => new()
    {
        ServerCertificateContext = Context(),
        ClientCertificateRequired = true,
        ApplicationProtocols = [.. protocols],
        // A peer that came before and was revoked since is to be looked at again.
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, shown, chain, _) => Takes(shown, chain, null),
    };

    private SslStreamCertificateContext Context() => SslStreamCertificateContext.Create(own.Own, null, offline: true);

    private bool Takes(X509Certificate? shown, X509Chain? chain, PeerRole? role)
    {
        var verdict = Judge(shown as X509Certificate2, chain);
        if (verdict.Id is { } id && role is { } asked && id.Role != asked)
            verdict = PeerVerdict.Refused(verdict.Subject, $"it is {id}, and a {PeerId.Name(asked)} was asked for");
        if (verdict.Id is null)
            Refused(verdict);
        return verdict.Id is not null;
    }
}
