using Akka.Event;
using FedKim.Audit;
using FedKim.Rounds;

namespace FedKim.Actors;

/// <summary>The latest coordinator's epoch that a node has heard of. A coordinator that lost its place may not know it yet: it is not followed.</summary>
/// <param name="log">The node's log.</param>
/// <param name="noted">Told of each order that is not followed, for the audit log.</param>
internal sealed class LatestEpoch(ILoggingAdapter log, Action<AuditEntry> noted)
{
    /// <summary>0 before the first.</summary>
    public int Value { get; private set; }

    /// <summary>Does what a coordinator of this epoch wants, unless a later one leads.</summary>
    public void Follow(int epoch, Action then)
    {
        if (!Epochs.IsOne(epoch))
        {
            log.Warning("An order of epoch {Epoch} is not followed: no coordinator has such a one", epoch);
            Refuse("of an epoch that no coordinator has");
            return;
        }

        if (epoch < Value)
        {
            log.Warning("An order of epoch {Epoch} is not followed: the coordinator of epoch {Latest} leads", epoch, Value);
            Refuse("of a coordinator that does not lead any more");
            return;
        }

        Value = epoch;
        then();
    }

    private void Refuse(string why) => noted(new AuditEntry(AuditKind.Refused, AuditMatter.Order) { Outcome = AuditOutcome.Refused, Detail = why });
}
