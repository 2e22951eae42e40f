using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>Marks what happened in a round; stored in its journal.</summary>
public interface IRoundEvent
{
    /// <summary>When it was decided, by the coordinator's clock.</summary>
    DateTimeOffset At { get; }
}

/// <summary>What happened in a round. A journal of these is the round's only truth.</summary>
public static class RoundEvents
{
    /// <summary>The round was opened.</summary>
    /// <param name="GlobalModel">The model the clients start from.</param>
    /// <param name="Adapter">The adapters the injection starts from.</param>
    /// <param name="Moments">The aggregate whose moments this round's goes on from; null in a first round, and where the strategy keeps none.</param>
    /// <param name="Invited">Who takes part, in ordinal order.</param>
    /// <param name="Quorum">The least number of contributions.</param>
    /// <param name="At">When.</param>
    public sealed record Opened(
        Digest GlobalModel, Digest Adapter, Digest? Moments, ImmutableArray<ClientId> Invited, int Quorum, DateTimeOffset At) : IRoundEvent;

    /// <summary>
    /// Another coordinator leads the round. From here on its predecessor, frozen or cut off as it may be, stores nothing more: the place in
    /// the journal that it would write to is taken.
    /// </summary>
    public sealed record TakenOver(int Epoch, string Node, DateTimeOffset At) : IRoundEvent;

    /// <summary>The invited clients may train.</summary>
    public sealed record TrainingStarted(DateTimeOffset At) : IRoundEvent;

    /// <summary>A client's update counts, once.</summary>
    public sealed record ContributionAccepted(
        ClientId Client, Digest Update, SampleCounts Samples, double Loss, DateTimeOffset At) : IRoundEvent;

    /// <summary>A client does not take part in this round.</summary>
    public sealed record ClientDropped(ClientId Client, string Reason, DateTimeOffset At) : IRoundEvent;

    /// <summary>No further contribution counts.</summary>
    public sealed record CollectionClosed(DateTimeOffset At) : IRoundEvent;

    /// <summary>The accepted updates were summed.</summary>
    public sealed record AggregateComputed(Digest Aggregate, DateTimeOffset At) : IRoundEvent;

    /// <summary>An attempt to inject broke.</summary>
    public sealed record InjectionFailed(int Attempt, string Reason, DateTimeOffset At) : IRoundEvent;

    /// <summary>The aggregate was injected.</summary>
    public sealed record Injected(Digest GlobalModel, Digest Adapter, double Loss, DateTimeOffset At) : IRoundEvent;

    /// <summary>The round's result is the next round's start.</summary>
    public sealed record Committed(DateTimeOffset At) : IRoundEvent;

    /// <summary>The round ended without a result.</summary>
    public sealed record Failed(string Cause, DateTimeOffset At) : IRoundEvent;
}
