using System.Security.Cryptography.X509Certificates;
using FedKim.Protocol.Framed;
using Grpc.Core;
using Grpc.Net.Client;

namespace FedKim.Attackers;

/// <summary>An outbound link in an attacker's hands: it says whatever frames it likes. One caller at a time.</summary>
internal sealed class Line : IAsyncDisposable
{
    private static readonly TimeSpan HelloEvery = TimeSpan.FromSeconds(1);

    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<SiteFrame, ServerFrame> _call;
    private Task<bool>? _next;

    private Line(GrpcChannel channel, AsyncDuplexStreamingCall<SiteFrame, ServerFrame> call) => (_channel, _call) = (channel, call);

    /// <summary>What it says each second while it waits; null for nothing.</summary>
    public SiteFrame? Hello { get; set; }

    /// <summary>Opens one; whether the server lets it in shows when something is heard.</summary>
    /// <param name="target">Where.</param>
    /// <param name="certificate">Who opens it.</param>
    /// <param name="name">Who it says it is.</param>
    public static Line Open(Target target, X509Certificate2? certificate, string name = "nobody")
    {
        var channel = GrpcChannel.ForAddress($"https://{target.Door}", new GrpcChannelOptions
        {
            HttpClient = new HttpClient(Door.Connections(certificate)) { Timeout = Timeout.InfiniteTimeSpan },
            DisposeHttpClient = true,
            MaxSendMessageSize = null,
        });
        return new Line(channel, new SiteLink.SiteLinkClient(channel).Connect(new Metadata { { "fedkim-site", name } }));
    }

    /// <summary>Says frames, as far as somebody listens.</summary>
    public async Task SayAsync(params IEnumerable<SiteFrame> frames)
    {
        try
        {
            foreach (var frame in frames)
                await _call.RequestStream.WriteAsync(frame).WaitAsync(Target.Patience);
        }
        catch (Exception e) when (e is RpcException or HttpRequestException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // The line has ended; what is heard says so.
        }
    }

    /// <summary>The next frame that is wanted; null when the line has ended.</summary>
    /// <exception cref="TimeoutException">None came.</exception>
    public async Task<ServerFrame?> HearAsync(Func<ServerFrame, bool>? wanted, CancellationToken cancel, TimeSpan? patience = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(patience ?? Target.Patience);
        try
        {
            while (true)
            {
                _next ??= _call.ResponseStream.MoveNext(CancellationToken.None);
                while (await Task.WhenAny(_next, Task.Delay(HelloEvery, limit.Token)) != _next)
                {
                    limit.Token.ThrowIfCancellationRequested();
                    if (Hello is { } hello)
                        await SayAsync(hello);
                }

                bool there = await _next;
                _next = null;
                if (!there)
                    return null;
                if (wanted?.Invoke(_call.ResponseStream.Current) != false)
                    return _call.ResponseStream.Current;
            }
        }
        catch (Exception e) when (e is RpcException or HttpRequestException or IOException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException("The server said nothing of what the attacker waits for.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _call.Dispose();
        if (_next is not null)
            await ((Task)_next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _channel.Dispose();
    }
}
