using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace FedKim.Transfer;

/// <summary>
/// A small web server that offers a store's weights, takes open rounds' updates, and nothing else: to certified peers, each within its rights, or,
/// without certificates, to whoever reaches it.
/// </summary>
public sealed class WeightServer : IAsyncDisposable
{
    // Bytes Kestrel may hold for a slow receiver before the sender waits; more than a chunk, so that a chunk never waits for itself.
    private const int ResponseBufferBytes = 1024 * 1024;

    private readonly WebApplication _application;
    private readonly PeerConnections? _peers;

    private WeightServer(WebApplication application, PeerConnections? peers) => (_application, _peers) = (application, peers);

    /// <summary>Where it listens, with the port it was given when it asked for port 0.</summary>
    public Uri Address => new(_application.Urls.Single());

    /// <summary>Starts a server; it takes transfers when the task ends.</summary>
    /// <param name="peers">Takes the connections of certified peers; null for whoever connects. It belongs to the server from now on.</param>
    /// <param name="patience">How long no byte of an upload may arrive; null for half a minute.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<WeightServer> StartAsync(
        WeightStore store, Spool spool, IPEndPoint endpoint, CancellationToken cancel = default, TimeSpan? patience = null,
        PeerConnections? peers = null)
    {
        // The empty builder reads no environment, no settings file and logs nothing.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxResponseBufferSize = ResponseBufferBytes;
            kestrel.Listen(endpoint, listen => peers?.Take(listen));
        });
        builder.Services.AddRoutingCore();
        // Registered after Kestrel's own: the last one counts.
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockPool.Factory>();
        var application = builder.Build();
        if (peers is not null)
            application.UseRights(peers);
        application.MapWeights(store, patience);
        application.MapSpool(spool, patience);
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
