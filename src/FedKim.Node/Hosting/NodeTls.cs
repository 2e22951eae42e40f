using System.Security.Cryptography.X509Certificates;
using FedKim.Actors.Members;
using FedKim.Audit;
using FedKim.Certificates;
using FedKim.Configuration;
using FedKim.Launch.Answers;
using FedKim.Transfer;
using Serilog;

namespace FedKim.Node.Hosting;

/// <summary>By what a node shows who it is, and judges who speaks with it: one look at a certificate, for members and for weights alike.</summary>
internal sealed class NodeTls
{
    private readonly NodeConfiguration _node;
    private readonly PeerTls _peers;
    private readonly RefusedPeers _refused;
    private readonly ILogger _log;
    private readonly Action<AuditEntry> _noted;

    private NodeTls(NodeConfiguration node, PeerTls peers, RefusedPeers refused, ILogger log, Action<AuditEntry> noted)
    {
        (_node, _peers, _refused, _log, _noted) = (node, peers, refused, log, noted);
        var admits = node.Admits.Select(role => PeerId.RoleOf(role)!.Value).Append(peers.Trust.Id.Role).Distinct();
        Members = new MemberCertificates(peers, [.. admits]);
    }

    /// <summary>Who the node is.</summary>
    public PeerId Id => _peers.Trust.Id;

    /// <summary>How members of the cluster are judged.</summary>
    public MemberCertificates Members { get; }

    /// <summary>Adds to connections to servers what proves who both are.</summary>
    public void Secure(SocketsHttpHandler connections) => connections.SslOptions = _peers.ToServer();

    /// <summary>Reads a node's certificates, and checks that they are its own; null where it has none.</summary>
    /// <exception cref="InvalidConfigurationException">They cannot be used, or are another node's.</exception>
    /// <param name="node">The node.</param>
    /// <param name="log">Its log.</param>
    /// <param name="noted">Told whom it refuses and cuts off, for the audit log.</param>
    public static NodeTls? Of(NodeConfiguration node, ILogger log, Action<AuditEntry> noted)
    {
        if (node.Tls is not { } files)
            return null;
        try
        {
            var trust = PeerTrust.Load(
                new TrustFiles(files.Authority, files.Certificate, files.Key, files.Revoked.Length > 0 ? files.Revoked : null), TimeProvider.System,
                problem => log.Warning("fedkim.tls: {Problem:l}", problem));
            if (trust.Id.Site != node.Site)
                throw Wrong($"it is {trust.Id}, and fedkim.site is \"{node.Site}\". Name the certificate of this site, or mend the site's name.");
            if (MemberCertificates.Problem(trust.Id, node.Roles) is not null)
                throw Wrong($"it is {trust.Id}, and fedkim.roles is {string.Join(", ", node.Roles)}. Get a certificate for that role, or mend the roles.");
            var refused = new RefusedPeers(log, TimeProvider.System);
            return new NodeTls(node, new PeerTls(trust) { Refused = Refuse }, refused, log, noted);

            void Refuse(PeerVerdict verdict)
            {
                // No stranger fills a disk.
                if (refused.Say(verdict.Shown ?? "A peer without a certificate", $"is refused: {verdict.Problem}"))
                    noted(new AuditEntry(AuditKind.Refused, AuditMatter.Connection) { Peer = verdict.Shown, Outcome = AuditOutcome.Refused, Detail = verdict.Problem });
            }
        }
        catch (CertificateException e)
        {
            throw new InvalidConfigurationException([$"{node.File}: fedkim.tls: {e.Message}"]);
        }

        InvalidConfigurationException Wrong(string problem) => new([$"{node.File}: fedkim.tls.certificate is {files.Certificate}: {problem}"]);
    }

    /// <summary>Takes the connections of a server's door.</summary>
    public PeerConnections Connections() => new(_peers, TimeProvider.System)
    {
        Told = (peer, what) => _refused.Say(peer?.ToString() ?? "Nobody", what),
        Noted = _noted,
    };

    /// <summary>The node's certificate, and whom it trusts.</summary>
    public PeerTrust Trust => _peers.Trust;

    /// <summary>Waits until the node's certificate is another one than this, and says well before it ends that it does.</summary>
    /// <param name="began">The certificate.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>False where it was ended.</returns>
    public async Task<bool> Renewed(X509Certificate2 began, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        var said = DateTimeOffset.MinValue;
        while (_peers.Trust.Certificate.RawDataMemory.Span.SequenceEqual(began.RawDataMemory.Span))
        {
            var (now, ends) = (TimeProvider.System.GetUtcNow(), (DateTimeOffset)began.NotAfter);
            if (CertificateEnd.IsNear(ends, now) && now - said > TimeSpan.FromDays(1))
            {
                said = now;
                _log.Warning(
                    "This node's certificate ends at {Ends:u}, in {Days} days; nobody hears it then. Renew it: fedkim certs renew, and replace {File:l}; the node goes on",
                    ends.UtcDateTime, Math.Max(0, (int)(ends - now).TotalDays), _node.Tls!.Certificate);
            }
            try
            {
                await timer.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
        _log.Information("This node's certificate was renewed; it ends at {Ends:u}", _peers.Trust.Certificate.NotAfter.ToUniversalTime());
        return true;
    }
}
