using System.Net;
using FedKim.Audit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace FedKim.Transfer;

/// <summary>
/// A small web server that offers a store's weights, takes open rounds' updates, has one guest, and nothing else: for certified peers, each within its
/// rights, or, without certificates, for whoever reaches it.
/// </summary>
public sealed class WeightServer : IAsyncDisposable
{
    // Bytes Kestrel may hold for a slow receiver before the sender waits; more than a chunk, so that a chunk never waits for itself.
    private const int ResponseBufferBytes = 1024 * 1024;

    // Far above what a federation's nodes open, and below what a process may.
    private const int MostConnections = 20_000;

    // A line on which nothing comes any more is found within ten seconds.
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(5);

    private readonly WebApplication _application;
    private readonly PeerConnections? _peers;

    private WeightServer(WebApplication application, PeerConnections? peers) => (_application, _peers) = (application, peers);

    /// <summary>Where it listens, with the port it was given when it asked for port 0.</summary>
    public Uri Address => new(_application.Urls.First());

    /// <summary>Starts a server; it takes transfers when the task ends.</summary>
    /// <param name="peers">Takes the connections of certified peers; null for whoever connects. It belongs to the server from now on.</param>
    /// <param name="patience">How long no byte of an upload may arrive; null for half a minute.</param>
    /// <param name="guest">What else is offered there, over HTTP/2; null for nothing.</param>
    /// <param name="noted">Told what moved, and what was refused; from any thread.</param>
    /// <param name="mostConnections">Connections at a time; one beyond them is closed at once. Where connections carry no certificates, one over HTTP/2 takes two.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<WeightServer> StartAsync(
        WeightStore store, Spool spool, IPEndPoint endpoint, CancellationToken cancel = default, TimeSpan? patience = null,
        WeightServerGuest? guest = null, PeerConnections? peers = null, Action<AuditEntry>? noted = null, int mostConnections = MostConnections)
    {
        var http2 = new PriorKnowledge();
        // The empty builder reads no environment, no settings file and logs nothing.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = mostConnections;
            kestrel.Limits.MaxResponseBufferSize = ResponseBufferBytes;
            kestrel.Limits.Http2.KeepAlivePingDelay = kestrel.Limits.Http2.KeepAlivePingTimeout = PingEvery;
            if (peers is not null || guest is null)
            {
                kestrel.Listen(endpoint, listen => peers?.Take(listen));
                return;
            }
            kestrel.Listen(endpoint, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => http2.TakeAsync(connection, next));
            });
            kestrel.Listen(http2.Inner, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton<IConnectionListenerFactory>(http2);
        guest?.Add(builder.Services);
        builder.Services.AddRoutingCore();
        // Registered after Kestrel's own: the last one counts.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockPool.Factory>();
        var application = builder.Build();
        if (noted is not null)
            application.UseAudit(noted);
        if (peers is not null)
            application.UseRights(peers);
        application.MapWeights(store, patience);
        application.MapSpool(spool, patience);
        guest?.Map(application);
        await application.StartAsync(cancel);
        return new WeightServer(application, peers);
    }

    /// <summary>Stops listening and cuts what is under way; receivers go on elsewhere from the byte they have.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
        _peers?.Dispose();
    }
}
