using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>Marks what happened to a federation; stored in its journal.</summary>
public interface IFederationEvent
{
    /// <summary>When it was decided, by the server's clock.</summary>
    DateTimeOffset At { get; }
}

/// <summary>What happened to one of the journal's federations.</summary>
/// <param name="At">When.</param>
public abstract record FederationEvent(DateTimeOffset At) : IFederationEvent
{
    /// <summary>Which; null for the one that began or was resumed last. Where one runs at a time that is always the one.</summary>
    public FederationId? Federation { get; init; }
}

/// <summary>What happened to a federation. What happened inside a round stands in the round's own journal.</summary>
public static class FederationEvents
{
    /// <summary>
    /// Another coordinator leads all federations of this journal. Each epoch has one: of two that claim it, one finds its place in the
    /// journal taken.
    /// </summary>
    public sealed record TakenOver(int Epoch, string Node, DateTimeOffset At) : IFederationEvent;

    /// <summary>The plan everybody follows from here on.</summary>
    public sealed record Submitted(FederationPlan Plan, DateTimeOffset At) : IFederationEvent;

    /// <summary>A federation was submitted while another ran, and waits for its turn. When it begins, its plan is submitted.</summary>
    public sealed record Queued(FederationPlan Plan, DateTimeOffset At) : IFederationEvent;

    /// <summary>A person took a federation from the queue before it began.</summary>
    public sealed record QueueCancelled(FederationId Federation, string Cause, DateTimeOffset At) : IFederationEvent;

    /// <summary>A federation whose turn had come could not begin.</summary>
    public sealed record QueueFailed(FederationId Federation, string Cause, DateTimeOffset At) : IFederationEvent;

    /// <summary>The model that round 1 starts from.</summary>
    public sealed record Initialized(Digest GlobalModel, Digest Adapter, DateTimeOffset At) : FederationEvent(At);

    /// <summary>A round gave the next model.</summary>
    public sealed record RoundCommitted(int Number, Digest Aggregate, Digest GlobalModel, Digest Adapter, DateTimeOffset At) : FederationEvent(At)
    {
        /// <summary>The samples of the sites whose contribution had another number of them than the one before that counted.</summary>
        public ImmutableArray<SiteSamples> Samples { get; init; } = [];
    }

    /// <summary>The finished model was measured.</summary>
    public sealed record Evaluated(string Evaluation, DateTimeOffset At) : FederationEvent(At);

    /// <summary>The federation ended without a finished model.</summary>
    public sealed record FederationFailed(string Cause, DateTimeOffset At) : FederationEvent(At);

    /// <summary>A person ended the federation. Journals of before tell it as a failure.</summary>
    public sealed record FederationStopped(string Cause, DateTimeOffset At) : FederationEvent(At);

    /// <summary>A person paused the federation: no further round is opened, and no limit ends the open one. Its end ends that, too.</summary>
    public sealed record FederationPaused(DateTimeOffset At) : FederationEvent(At);

    /// <summary>A person let it go on.</summary>
    public sealed record FederationContinued(DateTimeOffset At) : FederationEvent(At);

    /// <summary>A federation, the latest or an earlier one, tries again what it failed at.</summary>
    public sealed record FederationResumed(FederationId Federation, DateTimeOffset At) : IFederationEvent;

    /// <summary>The weights of a federation that had ended were given back.</summary>
    public sealed record FederationRemoved(FederationId Federation, DateTimeOffset At) : IFederationEvent;
}
