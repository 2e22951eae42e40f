using System.Collections.Concurrent;
using FedKim.Certificates;
using Serilog;

namespace FedKim.Node.Hosting;

/// <summary>Says whose handshake was refused, and why: at once, and then once a minute, however often it tries.</summary>
internal sealed class RefusedPeers(ILogger log)
{
    private const int MostKnown = 1000;
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Subject, string Problem), (long Said, int Times)> _known = new();

    /// <summary>Says it. Called from any thread.</summary>
    public void Say(PeerVerdict verdict)
    {
        long now = TimeProvider.System.GetTimestamp();
        if (_known.Count > MostKnown)
            _known.Clear();
        var entry = _known.AddOrUpdate((verdict.Shown ?? "", verdict.Problem!), _ => (now, 1), (_, before) =>
            TimeProvider.System.GetElapsedTime(before.Said, now) > Again ? (now, 1) : (before.Said, before.Times + 1));
        if (entry.Times == 1)
            log.Warning("A peer is refused: {Subject} {Problem:l}", verdict.Shown ?? "(no certificate)", verdict.Problem);
    }
}
