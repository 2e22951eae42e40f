using FedKim.Actors.Hospital.Plans;
using FedKim.Audit;
using FedKim.Commands;
using FedKim.Commands.Host;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Node.Hosting;

/// <summary>What the audit log says of a command that changes a federation.</summary>
internal static class ChangeAudit
{
    /// <summary>The change as it is asked for.</summary>
    /// <param name="change">What.</param>
    /// <param name="caller">By whom; null where the node itself does, by its file.</param>
    public static AuditEntry Of(OperatorMessages.IChange change, Caller? caller) => new(AuditKind.Changed, AuditMatter.Federation)
    {
        Peer = Shown(caller),
        Federation = Named(change)?.Value,
        Detail = change switch
        {
            OperatorMessages.Submit => caller is null ? "submit, by this node's file" : "submit",
            OperatorMessages.Stop stop => $"stop the one that runs: {stop.Cause}",
            OperatorMessages.Cancel cancel => $"take from the queue: {cancel.Cause}",
            OperatorMessages.Resume => "resume",
            OperatorMessages.Abort abort => $"abort the open round: {abort.Cause}",
            OperatorMessages.Pause => "pause",
            OperatorMessages.Continue => "go on after a pause",
            OperatorMessages.Drain drain => $"drain {drain.Site}",
            OperatorMessages.Return back => $"resume {back.Site}, which was drained or excluded",
            OperatorMessages.Exclude exclude => $"exclude {exclude.Site}",
            OperatorMessages.Remove => "remove the model and the adapters",
            _ => change.GetType().Name,
        },
    };

    /// <summary>A change of the node itself, or of the cluster by it.</summary>
    /// <param name="matter">Of what.</param>
    /// <param name="deed">Which.</param>
    /// <param name="caller">By whom.</param>
    public static AuditEntry Of(AuditMatter matter, string deed, Caller? caller) => new(AuditKind.Changed, matter) { Peer = Shown(caller), Detail = deed };

    /// <summary>A person's word on a plan at this site.</summary>
    /// <param name="said">The word.</param>
    /// <param name="caller">Whose.</param>
    public static AuditEntry Of(PlanMessages.Say said, Caller? caller) => new(AuditKind.Changed, AuditMatter.Plan)
    {
        Peer = Shown(caller),
        Detail = $"{(said.Word == PlanWord.Approved ? "approve" : "refuse")} plan {said.Plan}{(said.Reason.Length > 0 ? $": {said.Reason}" : "")}",
    };

    /// <summary>A command that was not listened to.</summary>
    /// <param name="account">Whose it was.</param>
    /// <param name="why">Why, to go on after "asked".</param>
    public static AuditEntry Refused(string account, string why) => new(AuditKind.Refused, AuditMatter.Command)
    {
        Peer = $"account {account}",
        Outcome = AuditOutcome.Refused,
        Detail = $"asked {why}",
    };

    /// <summary>The same where it was not done, or nobody knows whether it was.</summary>
    public static AuditEntry Failed(AuditEntry entry, Exception e) => e is CommandException { InnerException: null }
        ? entry with { Outcome = AuditOutcome.Refused, Detail = $"{entry.Detail} ({e.Message})" }
        : entry with { Outcome = AuditOutcome.Cut, Detail = $"{entry.Detail} (no answer came)" };

    private static string Shown(Caller? caller) => caller?.Shown ?? $"account {Environment.UserName}";

    private static FederationId? Named(OperatorMessages.IChange change) => change switch
    {
        OperatorMessages.Submit submit => submit.ToPlan()?.Id,
        OperatorMessages.Stop { Federation.Length: > 0 } stop => new FederationId(stop.Federation),
        OperatorMessages.Cancel cancel => cancel.Federation,
        OperatorMessages.Resume resume => resume.Federation,
        OperatorMessages.Abort abort => abort.Federation,
        OperatorMessages.Pause pause => pause.Federation,
        OperatorMessages.Continue go => go.Federation,
        OperatorMessages.Remove remove => remove.Federation,
        OperatorMessages.IRosterChange { Federation.Length: > 0 } roster => new FederationId(roster.Federation),
        _ => null,
    };
}
