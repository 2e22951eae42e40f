using FedKim.Audit;
using FedKim.Protocol.Framed;
using FedKim.Protocol.Links;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;
using Microsoft.AspNetCore.Http;

namespace FedKim.Node.Links;

/// <summary>Notes of one site's line at a server: that it came and went, and what the site was refused on it.</summary>
/// <param name="call">The line's call.</param>
/// <param name="peer">Who calls; null where nothing says.</param>
/// <param name="noted">Takes the notes.</param>
internal sealed class LineAudit(HttpContext call, LinkPeer? peer, Action<AuditEntry> noted)
{
    private readonly string? _name = PeerConnections.Of(call)?.ToString() ?? peer?.Site.Value;
    private readonly string _from = LinkPeer.AddressOf(call);
    private readonly string _protection = PeerConnections.ProtectionOf(call);

    /// <summary>It came.</summary>
    public void Joined() => noted(Entry(AuditKind.Joined, AuditMatter.Line) with { Detail = $"from {_from}" });

    /// <summary>It went.</summary>
    public void Left() => noted(Entry(AuditKind.Left, AuditMatter.Line) with { Detail = $"from {_from}" });

    /// <summary>It was not let in.</summary>
    public void Refused(string why) => noted(Entry(AuditKind.Refused, AuditMatter.Line) with { Outcome = AuditOutcome.Refused, Detail = why });

    /// <summary>Something is said to the site: a refusal is noted.</summary>
    public void Said(ServerFrame frame, ClientId site)
    {
        if (frame.SaidCase is not (ServerFrame.SaidOneofCase.Verdict or ServerFrame.SaidOneofCase.NameTaken))
            return;
        if (ServerFrames.Read(frame, site) is SiteMessages.Answered { Counted: false } answer)
        {
            noted(Entry(AuditKind.Refused, AuditMatter.Update) with
            {
                Federation = answer.Round.Federation.Value,
                Round = answer.Round.Number,
                Outcome = AuditOutcome.Refused,
                Detail = $"it does not count: {answer.Reason}",
            });
        }
        else if (frame.SaidCase == ServerFrame.SaidOneofCase.NameTaken)
        {
            Refused("another node of that name is here");
        }
    }

    private AuditEntry Entry(AuditKind kind, AuditMatter matter) => new(kind, matter) { Peer = _name, Protection = _protection };
}
