using System.Net.Sockets;
using System.Threading.Channels;
using FedKim.Actors.Links;
using FedKim.Audit;
using FedKim.Certificates;
using FedKim.Protocol.Framed;
using FedKim.Protocol.Links;
using FedKim.Transfer;
using Grpc.Core;
using Grpc.Net.Client;

namespace FedKim.Node.Links;

/// <summary>Opens lines to servers' doors: each on a connection of its own, so that none is made over what is dead already.</summary>
/// <param name="site">The site's name.</param>
/// <param name="reach">How servers are reached.</param>
internal sealed class LinkDialer(string site, Reach reach)
{
    /// <inheritdoc cref="Dial"/>
    public async Task DialAsync(string door, ChannelReader<SiteFrame> said, Action<ServerFrame> heard, CancellationToken end)
    {
        var connections = reach.Handler(forLink: true);
        var far = FarEnd.Of(connections);
        using var channel = GrpcChannel.ForAddress($"{reach.Scheme}://{door}", new GrpcChannelOptions
        {
            // Of a handler alone the channel would make connections of its own, which know no proxy.
            HttpClient = new HttpClient(connections) { Timeout = Timeout.InfiniteTimeSpan },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = LinkLimits.FrameBytes,
            MaxSendMessageSize = LinkLimits.FrameBytes,
            MaxRetryAttempts = null,
        });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(end);
        // Whoever is at the other end was judged when it was dialled: by other files it is to be judged again.
        using var changed = new Changes(reach.Trust, ended);
        using var call = new SiteLink.SiteLinkClient(channel).Connect(new Metadata { { LinkPeer.SiteHeader, site } }, cancellationToken: ended.Token);
        var saying = SayAsync(said, call.RequestStream, ended.Token);
        bool open = false;
        try
        {
            await foreach (var frame in call.ResponseStream.ReadAllAsync(ended.Token))
            {
                if (!open)
                    Note(AuditKind.Joined);
                open = true;
                heard(frame);
            }
        }
        catch (RpcException e)
        {
            throw new LinkException(changed.Were ? "is dialled again: this node's certificate, or whom it trusts, has changed" : Words(e), e);
        }
        finally
        {
            if (open)
                Note(AuditKind.Left);
            await ended.CancelAsync();
            await saying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        void Note(AuditKind kind) => reach.Noted?.Invoke(far.Named(new AuditEntry(kind, AuditMatter.Line) { Detail = $"the server at {door}" }));
    }

    private static async Task SayAsync(ChannelReader<SiteFrame> said, IClientStreamWriter<SiteFrame> line, CancellationToken end)
    {
        await foreach (var frame in said.ReadAllAsync(end))
            await line.WriteAsync(frame, end);
    }

    // What a person can act on stands first: most of what is around it is about streams and sockets.
    private string Words(RpcException e) => (Cause<SocketException>(e), Cause<HttpRequestException>(e), e) switch
    {
        // Who refuses a certificate ends the connection without a word.
        (null or { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted },
            { HttpRequestError: HttpRequestError.HttpProtocolError or HttpRequestError.ResponseEnded or HttpRequestError.Unknown }, _) when reach.Trust is not null =>
            "ended the connection when it had seen this node's certificate: it is revoked, or one of the two clocks is wrong; that server's log says which",
        ({ SocketErrorCode: SocketError.ConnectionRefused }, _, _) => "refuses connections: no server runs there, or it is starting",
        ({ SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }, _, _) => "is not found: this machine knows no address of that name",
        ({ SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted }, _, _) => "has cut the connection",
        ({ } socket, _, _) => $"is not reached: {socket.Message}",
        (_, { HttpRequestError: HttpRequestError.ProxyTunnelError } proxy, _) => $"is not reached through the proxy: {proxy.Message}",
        (_, { HttpRequestError: HttpRequestError.SecureConnectionError } tls, _) => $"is reached and does not prove who it is: {(tls.InnerException ?? tls).Message}",
        _ when Cause<TimeoutException>(e) is not null || Cause<TaskCanceledException>(e) is not null => "does not answer: it is down, or a firewall is on the way",
        (_, { HttpRequestError: HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse or HttpRequestError.VersionNegotiationError } other, _) =>
            $"answers, and is no server's door, or one of another version: {other.Message}",
        (_, { } other, _) => $"is not reached: {(other.InnerException ?? other).Message}",
        (_, _, { StatusCode: StatusCode.Unimplemented }) => "answers, and has no door for outbound links: it is older than this node, or another program",
        _ => e.Status.Detail.Length > 0 ? e.Status.Detail : $"ended the line: {e.StatusCode}",
    };

    private static T? Cause<T>(RpcException e)
        where T : Exception
    {
        for (var cause = e.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            if (cause is T found)
                return found;
        }

        return null;
    }

    /// <summary>Ends a line when what its other end was judged by changes.</summary>
    private sealed class Changes : IDisposable
    {
        private readonly PeerTrust? _trust;
        private readonly CancellationTokenSource _line;

        public Changes(PeerTrust? trust, CancellationTokenSource line)
        {
            (_trust, _line) = (trust, line);
            if (trust is not null)
                trust.Changed += Cut;
        }

        /// <summary>Whether it did.</summary>
        public bool Were { get; private set; }

        public void Dispose()
        {
            if (_trust is not null)
                _trust.Changed -= Cut;
        }

        private void Cut()
        {
            Were = true;
            try
            {
                _line.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It has ended already.
            }
        }
    }
}
