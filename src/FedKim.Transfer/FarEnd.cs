using System.Net.Security;
using FedKim.Audit;
using FedKim.Certificates;

namespace FedKim.Transfer;

/// <summary>Who is at the other end of a client's connections, and how these are protected: as the latest of them shows, for the audit log.</summary>
public sealed class FarEnd
{
    private volatile Shown _shown = new(null, Protection.None);

    private FarEnd()
    {
    }

    /// <summary>Looks at every connection that a client makes from now on. What the client's owner does with them stays.</summary>
    public static FarEnd Of(HttpMessageHandler connections)
    {
        var far = new FarEnd();
        if (connections is SocketsHttpHandler sockets)
        {
            var own = sockets.PlaintextStreamFilter;
            sockets.PlaintextStreamFilter = (context, cancel) =>
            {
                var tls = context.PlaintextStream as SslStream;
                far._shown = new Shown(tls is null ? null : PeerTls.PeerOf(tls), Protection.Of(tls?.SslProtocol));
                return own is null ? ValueTask.FromResult(context.PlaintextStream) : own(context, cancel);
            };
        }

        return far;
    }

    /// <summary>An entry with the other end's name, and how the connection is protected.</summary>
    public AuditEntry Named(AuditEntry entry) => _shown is { } shown ? entry with { Peer = shown.Peer?.ToString(), Protection = shown.Protection } : entry;

    /// <summary>The entry of what moved.</summary>
    internal AuditEntry Passed(Moved moved, AuditOutcome outcome) => Named(new AuditEntry(moved.Kind, moved.Round is null ? AuditMatter.Model : AuditMatter.Update)
    {
        Federation = moved.Round?.Federation.Value,
        Round = moved.Round?.Number,
        Bytes = moved.Bytes,
        Digest = moved.Digest.Hex,
        Outcome = outcome,
    });

    private sealed record Shown(PeerId? Peer, string Protection);
}
