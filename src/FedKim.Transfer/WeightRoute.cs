using FedKim.Audit;

namespace FedKim.Transfer;

/// <summary>How a node reaches the servers' weight planes.</summary>
/// <param name="Connect">Makes the connections of one client, which disposes them; null for plain HTTP.</param>
/// <param name="Clock">For back-off and patience; null for the system's.</param>
/// <param name="Noted">Told what moved, for the audit log; from any thread.</param>
public sealed record WeightRoute(Func<HttpMessageHandler>? Connect = null, TimeProvider? Clock = null, Action<AuditEntry>? Noted = null)
{
    /// <summary>Plain HTTP, by the system's clock.</summary>
    public static WeightRoute Plain { get; } = new();

    /// <summary>A client between the server at this address and a store.</summary>
    /// <param name="server">The address.</param>
    /// <param name="store">The store.</param>
    /// <param name="hindered">Told at once what hinders a transfer that is tried again.</param>
    public WeightClient To(string server, WeightStore store, Action<string>? hindered = null) =>
        new(new Uri(server), store, Connect?.Invoke(), Clock) { Hindered = hindered ?? (_ => { }), Noted = Noted ?? (_ => { }) };
}
