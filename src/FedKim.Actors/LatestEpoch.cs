using Akka.Event;

namespace FedKim.Actors;

/// <summary>The latest coordinator's epoch that a node has heard of. A coordinator that lost its place may not know it yet: it is not followed.</summary>
internal sealed class LatestEpoch(ILoggingAdapter log)
{
    /// <summary>0 before the first.</summary>
    public int Value { get; private set; }

    /// <summary>Does what a coordinator of this epoch wants, unless a later one leads.</summary>
    public void Follow(int epoch, Action then)
    {
        if (epoch < Value)
        {
            log.Warning("An order of epoch {Epoch} is not followed: the coordinator of epoch {Latest} leads", epoch, Value);
            return;
        }

        Value = epoch;
        then();
    }
}
