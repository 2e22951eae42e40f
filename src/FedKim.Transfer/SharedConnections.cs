using System.Collections.Concurrent;

namespace FedKim.Transfer;

/// <summary>
/// The plain connections of one process, which many <see cref="WeightClient"/>s use one after another: who finds none free waits for its turn, however
/// long the others' bytes move. That is no silence of the server's, and no patience is spent on it.
/// </summary>
/// <param name="most">How many to a server.</param>
public sealed class SharedConnections(int most)
{
    // Who lets nobody in says nothing, either.
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    private readonly SocketsHttpHandler _connections = new() { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = ConnectWithin, MaxConnectionsPerServer = most };
    private readonly ConcurrentDictionary<Uri, SemaphoreSlim> _free = [];

    /// <summary>Makes a client's access to them, which it disposes.</summary>
    public HttpMessageHandler Access() => new Way(_connections);

    /// <summary>Waits for one to this server; it is free again when what is returned is disposed, after the answer.</summary>
    public async Task<IDisposable> TurnAsync(Uri server, CancellationToken cancel)
    {
        var free = _free.GetOrAdd(server, _ => new SemaphoreSlim(most));
        await free.WaitAsync(cancel);
        return new Turn(free);
    }

    private sealed class Turn(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }

    // A client disposes of its own access, not of the connections.
    private sealed class Way(HttpMessageHandler connections) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _connections = new(connections, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _connections.SendAsync(request, cancellationToken);
    }
}
