namespace FedKim.Transfer;

/// <summary>The connections of one process, which many <see cref="WeightClient"/>s use one after another: who finds none free waits for the next.</summary>
public static class SharedConnections
{
    // Who lets nobody in says nothing, either.
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    /// <summary>Makes, for each client, its access to the same plain connections, at most so many to a server.</summary>
    public static Func<HttpMessageHandler> Few(int most)
    {
        var connections = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = ConnectWithin, MaxConnectionsPerServer = most };
        return () => new Access(connections);
    }

    // A client disposes of its own access, not of the connections.
    private sealed class Access(HttpMessageHandler connections) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _connections = new(connections, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _connections.SendAsync(request, cancellationToken);
    }
}
