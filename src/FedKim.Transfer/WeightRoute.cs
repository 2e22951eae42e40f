namespace FedKim.Transfer;

/// <summary>How a node reaches the servers' weight planes.</summary>
/// <param name="Connect">Makes the connections of one client, which disposes them; null for plain HTTP.</param>
/// <param name="Clock">For back-off and patience; null for the system's.</param>
public sealed record WeightRoute(Func<HttpMessageHandler>? Connect = null, TimeProvider? Clock = null)
{
    /// <summary>Plain HTTP, by the system's clock.</summary>
    public static WeightRoute Plain { get; } = new();

    /// <summary>A client between the server at this address and a store.</summary>
    public WeightClient To(string server, WeightStore store) => new(new Uri(server), store, Connect?.Invoke(), Clock);
}
