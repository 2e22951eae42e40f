using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>A round as its journal tells it.</summary>
/// <param name="Id">Which round.</param>
public sealed record Round(RoundId Id)
{
    /// <summary>False until the first event.</summary>
    public bool Exists { get; init; }

    /// <summary>The latest epoch in which it was taken over; 0 while the coordinator that opened it is the only one it had.</summary>
    public int Epoch { get; init; }

    /// <summary>How often it was tried again after it had failed.</summary>
    public int Reopenings { get; init; }

    /// <summary>Where it stands.</summary>
    public Phase Phase { get; init; }

    /// <summary>The model the clients start from.</summary>
    public Digest StartModel { get; init; }

    /// <summary>The adapters the injection starts from.</summary>
    public Digest StartAdapter { get; init; }

    /// <summary>The aggregate whose moments this round's goes on from; null in a first round, and where the strategy keeps none.</summary>
    public Digest? Moments { get; init; }

    /// <summary>Who was invited, in ordinal order.</summary>
    public ImmutableArray<ClientId> Invited { get; init; } = [];

    /// <summary>Who of the federation was not, and why.</summary>
    public ImmutableSortedDictionary<ClientId, LeftOut> LeftOut { get; init; } = ImmutableSortedDictionary<ClientId, LeftOut>.Empty;

    /// <summary>What was known of the sites' samples when it opened.</summary>
    public ImmutableSortedDictionary<ClientId, long> Known { get; init; } = ImmutableSortedDictionary<ClientId, long>.Empty;

    /// <summary>The least number of contributions to go on with.</summary>
    public int Quorum { get; init; }

    /// <summary>The least share of the samples to go on with; 0 for none.</summary>
    public double QuorumShare { get; init; }

    /// <summary>Who contributed, in client-id order: the order sums run in.</summary>
    public ImmutableSortedDictionary<ClientId, Contribution> Accepted { get; init; } = ImmutableSortedDictionary<ClientId, Contribution>.Empty;

    /// <summary>Whose each accepted update is.</summary>
    public ImmutableDictionary<Digest, ClientId> Contributors { get; init; } = ImmutableDictionary<Digest, ClientId>.Empty;

    /// <summary>Who was left out, and why.</summary>
    public ImmutableSortedDictionary<ClientId, string> Dropped { get; init; } = ImmutableSortedDictionary<ClientId, string>.Empty;

    /// <summary>The summed updates, once there.</summary>
    public Digest? Aggregate { get; init; }

    /// <summary>Injections that broke so far.</summary>
    public int InjectionFailures { get; init; }

    /// <summary>Why the last injection that broke did; empty before.</summary>
    public string InjectionProblem { get; init; } = "";

    /// <summary>The round's result: the model the next round starts from.</summary>
    public Digest? GlobalModel { get; init; }

    /// <summary>The round's result: the adapters after the injection.</summary>
    public Digest? Adapter { get; init; }

    /// <summary>Loss the injection ended with; NaN before.</summary>
    public double InjectionLoss { get; init; } = double.NaN;

    /// <summary>Why it failed; empty otherwise.</summary>
    public string Cause { get; init; } = "";

    /// <summary>When each phase began.</summary>
    public ImmutableSortedDictionary<Phase, DateTimeOffset> Began { get; init; } = ImmutableSortedDictionary<Phase, DateTimeOffset>.Empty;

    /// <summary>How long the phases before the present one lasted, by the coordinators' clocks that only run forward.</summary>
    public ImmutableSortedDictionary<Phase, TimeSpan> Lasted { get; init; } = ImmutableSortedDictionary<Phase, TimeSpan>.Empty;

    /// <summary>How long the present phase had lasted when the last event came.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Invited clients that neither contributed nor were dropped, in ordinal order. It walks all who are invited.</summary>
    public IEnumerable<ClientId> Missing => Invited.Where(c => !HasAnswered(c));

    /// <summary>How many they are. Nobody contributes, or is dropped, who was not invited, and nobody both.</summary>
    public int MissingCount => Invited.Length - Accepted.Count - Dropped.Count;

    /// <summary>Whose data the round should have: the invited, and those who were left out though nobody took their place.</summary>
    public IEnumerable<ClientId> Wanted => LeftOut.IsEmpty ? Invited : Invited.Concat(LeftOut.Values.Where(l => l.IsMissed).Select(l => l.Site)).Order();

    /// <summary>Whether the accepted contributions suffice.</summary>
    public bool HasQuorum => Accepted.Count >= Quorum && (QuorumShare <= 0 || SampleShare.Of(this) >= QuorumShare);

    /// <summary>Whether they can still suffice, should all who are missing contribute. How much they bring is not known before they have.</summary>
    public bool CanHaveQuorum => Invited.Length - Dropped.Count >= Quorum && (QuorumShare <= 0 || MissingCount > 0 || SampleShare.Of(this) >= QuorumShare);

    /// <summary>Whether they can be expected to suffice: a guess by what the sites had before, for whoever may as well wait.</summary>
    public bool CanExpectQuorum => CanHaveQuorum && (QuorumShare <= 0 || SampleShare.Expected(this) >= QuorumShare);

    /// <summary>Whether an operator has paused it.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether the round has ended.</summary>
    public bool HasEnded => Phase is Phase.Committed or Phase.Failed;

    /// <summary>Whether a client was invited.</summary>
    public bool Invites(ClientId client) => Invited.BinarySearch(client) >= 0;

    /// <summary>Whether a client is one of <see cref="Missing"/>.</summary>
    public bool Misses(ClientId client) => Invites(client) && !HasAnswered(client);

    /// <summary>Whether updates are taken from a client: one that was excluded brings no more.</summary>
    public bool Admits(ClientId client) => Invites(client) && Dropped.GetValueOrDefault(client) != RoundRules.Excluded;

    private bool HasAnswered(ClientId client) => Accepted.ContainsKey(client) || Dropped.ContainsKey(client);
}

/// <summary>What a client gave to a round.</summary>
public sealed record Contribution(Digest Update, SampleCounts Samples, double Loss, string Data = "");
