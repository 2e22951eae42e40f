using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using FedKim.Audit;
using FedKim.Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace FedKim.Transfer;

/// <summary>
/// The connections of certified peers: each is taken by mutual TLS, carries who the peer is, and is cut as soon as its certificate does not count any
/// more.
/// </summary>
public sealed class PeerConnections : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly PeerTls _tls;
    private readonly ConcurrentDictionary<string, (ConnectionContext Connection, X509Certificate2 Certificate, PeerId Peer)> _open = new(StringComparer.Ordinal);
    private readonly PeerPlaces _places = new();
    private readonly ITimer _timer;

    /// <param name="tls">How peers are judged.</param>
    /// <param name="clock">For the looks at whether they still count: a certificate ends, too.</param>
    public PeerConnections(PeerTls tls, TimeProvider clock)
    {
        _tls = tls;
        tls.Trust.Changed += CutWhoDoesNotCount;
        _timer = clock.CreateTimer(_ => CutWhoDoesNotCount(), null, LookEvery, LookEvery);
    }

    /// <summary>Told who was refused what, or cut off, and why; called from any thread.</summary>
    public Action<PeerId?, string> Told { get; init; } = (_, _) => { };

    /// <summary>Told of each connection that is cut, and of who is refused more, for the audit log; from any thread.</summary>
    public Action<AuditEntry> Noted { get; init; } = _ => { };

    /// <summary>Who speaks on a request's connection; null where connections carry no certificates.</summary>
    public static PeerId? Of(HttpContext context) => context.Features.Get<Speaker>()?.Peer;

    /// <summary>How a request's connection is protected, see <see cref="Protection"/>.</summary>
    public static string ProtectionOf(HttpContext context) => Protection.Of(context.Features.Get<ITlsHandshakeFeature>()?.Protocol);

    /// <summary>Takes connections by mutual TLS, for HTTP/1.1 and HTTP/2 alike.</summary>
    public void Take(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(_tls.FromPeer([SslApplicationProtocol.Http11, SslApplicationProtocol.Http2])),
        });
        listen.Use(CarryAsync);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tls.Trust.Changed -= CutWhoDoesNotCount;
        _timer.Dispose();
    }

    private async Task CarryAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate is not { } certificate || _tls.Trust.Check(certificate).Id is not { } peer)
        {
            connection.Abort();
            return;
        }
        if (!_places.Enter(peer, out bool news))
        {
            if (news)
                Refuse(peer, $"has {PeerPlaces.Most} connections here, and is refused more");
            connection.Abort();
            return;
        }
        connection.Features.Set(new Speaker(peer));
        _open[connection.ConnectionId] = (connection, certificate, peer);
        try
        {
            await next(connection);
        }
        finally
        {
            _open.TryRemove(connection.ConnectionId, out _);
            _places.Leave(peer);
        }
    }

    private void Refuse(PeerId peer, string why)
    {
        Told(peer, why);
        Noted(new AuditEntry(AuditKind.Refused, AuditMatter.Connection) { Peer = peer.ToString(), Outcome = AuditOutcome.Refused, Detail = why });
    }

    private void CutWhoDoesNotCount()
    {
        foreach (var (connection, certificate, peer) in _open.Values)
        {
            if (_tls.Trust.Check(certificate).Problem is not { } problem)
                continue;
            Told(peer, $"is cut off: {problem}");
            Noted(new AuditEntry(AuditKind.Revoked, AuditMatter.Connection) { Peer = peer.ToString(), Detail = problem });
            connection.Abort(new ConnectionAbortedException($"{peer}: {problem}"));
        }
    }

    private sealed record Speaker(PeerId Peer);
}
