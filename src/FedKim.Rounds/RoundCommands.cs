using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>Marks what a round can be asked to do.</summary>
public interface IRoundCommand;

/// <summary>What a round can be asked to do. Every command is idempotent: saying it twice changes nothing.</summary>
public static class RoundCommands
{
    /// <summary>Start the round from a global model, its adapters and the server's moments, where there are any, inviting these clients.</summary>
    public sealed record Open(Digest GlobalModel, Digest Adapter, Digest? Moments, ImmutableArray<ClientId> Invited, int Quorum) : IRoundCommand
    {
        /// <summary>Who of the federation is not invited.</summary>
        public ImmutableArray<LeftOut> LeftOut { get; init; } = [];

        /// <summary>What is known of the samples of both.</summary>
        public ImmutableArray<SiteSamples> Known { get; init; } = [];

        /// <summary>The least share of the samples.</summary>
        public double QuorumShare { get; init; }

        /// <summary>Whom an operator has excluded: nothing more is taken of them, in a round that is open already either.</summary>
        public ImmutableArray<ClientId> Excluded { get; init; } = [];

        /// <summary>Whether an operator has paused it. One that is not open yet is not opened so.</summary>
        public bool Paused { get; init; }

        /// <summary>Why it is over before it began; empty where it begins.</summary>
        public string GivenUp { get; init; } = "";
    }

    /// <summary>Go on under the coordinator of this epoch, on this node.</summary>
    public sealed record TakeOver(int Epoch, string Node) : IRoundCommand;

    /// <summary>Count a client's checked update.</summary>
    public sealed record Contribute(ClientId Client, Digest Update, SampleCounts Samples, double Loss, string Data = "") : IRoundCommand;

    /// <summary>Go on without a client that cannot contribute, or whose update was refused, for the reason given.</summary>
    public sealed record Drop(ClientId Client, string Reason) : IRoundCommand;

    /// <summary>Go on without those of these clients who have not contributed and were silent for so long, unless the quorum needs them.</summary>
    public sealed record Skip(ImmutableArray<ClientId> Silent, TimeSpan For) : IRoundCommand;

    /// <summary>The phase has lasted as long as it may.</summary>
    public sealed record PassDeadline(Phase Phase) : IRoundCommand;

    /// <summary>The accepted updates were summed.</summary>
    public sealed record RecordAggregate(Digest Aggregate) : IRoundCommand;

    /// <summary>An aggregate was injected. That of an earlier try of the round is not this one's.</summary>
    public sealed record RecordInjection(Digest Aggregate, Digest GlobalModel, Digest Adapter, double Loss) : IRoundCommand;

    /// <summary>The injection broke; it is tried again a few times.</summary>
    /// <param name="Aggregate">Of which aggregate.</param>
    /// <param name="Attempt">Which attempt broke, from 1.</param>
    /// <param name="Reason">Why.</param>
    public sealed record RecordInjectionFailure(Digest Aggregate, int Attempt, string Reason) : IRoundCommand;

    /// <summary>The result is where every site can fetch it.</summary>
    public sealed record RecordPublication : IRoundCommand;

    /// <summary>Try the round, which failed, again.</summary>
    /// <param name="Attempt">Which attempt after the first, from 1.</param>
    /// <param name="Kept">Whose accepted updates are still here; the others are asked again.</param>
    public sealed record Reopen(int Attempt, ImmutableArray<ClientId> Kept) : IRoundCommand
    {
        /// <summary>Who is asked now, where those who were cannot bring the round to its quorum any more; empty where they can.</summary>
        public ImmutableArray<ClientId> Invited { get; init; } = [];

        /// <summary>Who of the federation is not invited, where others are.</summary>
        public ImmutableArray<LeftOut> LeftOut { get; init; } = [];

        /// <summary>What is known of the samples of both, where others are invited.</summary>
        public ImmutableArray<SiteSamples> Known { get; init; } = [];
    }

    /// <summary>Give the round up.</summary>
    public sealed record Abandon(string Cause) : IRoundCommand;
}
