using System.Net;
using FedKim.Audit;
using FedKim.Certificates;
using FedKim.Transfer;

namespace FedKim.Node.Links;

/// <summary>How a node reaches servers' doors.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Proxy">The proxy that all goes through; null for none.</param>
/// <param name="Secure">Adds to a connection what proves who both are; null without TLS.</param>
/// <param name="Trust">By what that is judged: when it changes, lines are made anew; null without TLS.</param>
/// <param name="Noted">Told what moved and which line came and went, for the audit log; null for nobody.</param>
internal sealed record Reach(
    string Scheme = "http", Uri? Proxy = null, Action<SocketsHttpHandler>? Secure = null, PeerTrust? Trust = null, Action<AuditEntry>? Noted = null)
{
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ConnectForWeightsWithin = TimeSpan.FromSeconds(5);

    // A line on which nothing comes any more is found within ten seconds.
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(5);

    /// <summary>The way that weights go.</summary>
    public WeightRoute Weights => Proxy is null && Secure is null
        ? WeightRoute.Plain with { Noted = Noted }
        : new WeightRoute(() => Handler(forLink: false), IsCertified: Secure is not null, Noted: Noted);

    /// <summary>The connections of one client, which disposes them.</summary>
    /// <param name="forLink">Whether they carry a link, which must notice when it is cut; else weights.</param>
    public SocketsHttpHandler Handler(bool forLink)
    {
        var handler = new SocketsHttpHandler { UseProxy = Proxy is not null, AllowAutoRedirect = false, ConnectTimeout = forLink ? ConnectWithin : ConnectForWeightsWithin };
        if (Proxy is not null)
            handler.Proxy = new WebProxy(Proxy);
        if (forLink)
        {
            handler.KeepAlivePingDelay = handler.KeepAlivePingTimeout = PingEvery;
            handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
        }
        Secure?.Invoke(handler);
        return handler;
    }
}
