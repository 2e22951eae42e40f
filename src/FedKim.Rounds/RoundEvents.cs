using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>Marks what happened in a round; stored in its journal.</summary>
public interface IRoundEvent
{
    /// <summary>When it was decided, by the coordinator's clock.</summary>
    DateTimeOffset At { get; }
}

/// <summary>An event that says how long the phase it came in had lasted, by a clock that only runs forward.</summary>
public abstract record TimedRoundEvent
{
    /// <summary>
    /// How long coordinators had led the phase; null where the event was stored before this was measured. Unlike the distance of two
    /// <see cref="IRoundEvent.At"/> it knows nothing of clocks that were set, and leaves out the time in which nobody led.
    /// </summary>
    public TimeSpan? Elapsed { get; init; }
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
        Digest GlobalModel, Digest Adapter, Digest? Moments, ImmutableArray<ClientId> Invited, int Quorum, DateTimeOffset At) : TimedRoundEvent, IRoundEvent
    {
        /// <summary>Who of the federation was not invited, in ordinal order.</summary>
        public ImmutableArray<LeftOut> LeftOut { get; init; } = [];

        /// <summary>What was known of the samples of both; a site that never contributed is not in it.</summary>
        public ImmutableArray<SiteSamples> Known { get; init; } = [];

        /// <summary>The least share of the samples; 0 for none.</summary>
        public double QuorumShare { get; init; }
    }

    /// <summary>
    /// Another coordinator leads the round. From here on its predecessor, frozen or cut off as it may be, stores nothing more: the place in
    /// the journal that it would write to is taken.
    /// </summary>
    public sealed record TakenOver(int Epoch, string Node, DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>The invited clients may train.</summary>
    public sealed record TrainingStarted(DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>A client's update counts, once.</summary>
    /// <param name="Client">Whose.</param>
    /// <param name="Update">The update.</param>
    /// <param name="Samples">Samples trained on, by task.</param>
    /// <param name="Loss">Mean training loss.</param>
    /// <param name="At">When.</param>
    /// <param name="Data">What it was trained on, as <see cref="DataPrint"/> writes it; empty where the site does not say.</param>
    public sealed record ContributionAccepted(
        ClientId Client, Digest Update, SampleCounts Samples, double Loss, DateTimeOffset At, string Data = "") : TimedRoundEvent, IRoundEvent;

    /// <summary>A client does not take part in this round.</summary>
    public sealed record ClientDropped(ClientId Client, string Reason, DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>No further contribution counts.</summary>
    public sealed record CollectionClosed(DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>The accepted updates were summed.</summary>
    public sealed record AggregateComputed(Digest Aggregate, DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>An attempt to inject broke.</summary>
    public sealed record InjectionFailed(int Attempt, string Reason, DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>The aggregate was injected.</summary>
    public sealed record Injected(Digest GlobalModel, Digest Adapter, double Loss, DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>The round's result is the next round's start.</summary>
    public sealed record Committed(DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>The round ended without a result.</summary>
    public sealed record Failed(string Cause, DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>An operator has paused the round: no limit ends it, and nobody is left out for being silent, until it is resumed.</summary>
    public sealed record Paused(DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>An operator has resumed it.</summary>
    public sealed record Continued(DateTimeOffset At) : TimedRoundEvent, IRoundEvent;

    /// <summary>The round, which had failed, is tried again: what was accepted of these clients counts, all others may train.</summary>
    public sealed record Reopened(int Attempt, ImmutableArray<ClientId> Kept, DateTimeOffset At) : TimedRoundEvent, IRoundEvent
    {
        /// <summary>Who is invited from here on, in ordinal order, those whose contribution counts among them; empty where it is who was before.</summary>
        public ImmutableArray<ClientId> Invited { get; init; } = [];

        /// <summary>Who of the federation is not, in ordinal order, where others are invited.</summary>
        public ImmutableArray<LeftOut> LeftOut { get; init; } = [];

        /// <summary>What was known of the samples of both, where others are invited.</summary>
        public ImmutableArray<SiteSamples> Known { get; init; } = [];
    }
}
