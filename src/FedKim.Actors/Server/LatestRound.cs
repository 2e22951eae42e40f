using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>The round opened last, as its coordinator told of it.</summary>
internal sealed record LatestRound
{
    /// <summary>The round; null before its coordinator told of it.</summary>
    public Round? Round { get; init; }

    /// <summary>When its coordinator told of it last while it was open, by the clock that only runs forward.</summary>
    public long At { get; init; }

    /// <summary>What it waits for; null before anybody said so.</summary>
    public FederationActor.Waits? Waits { get; init; }

    /// <summary>This round; null when the latest one is another, or not told of yet.</summary>
    public Round? Of(RoundId? id) => Round is { } latest && latest.Id == id ? latest : null;

    /// <summary>
    /// Whether a round needs its coordinator: the one opened last does until it has ended, in a federation that was stopped too. One that failed
    /// and waits for its next attempt does not.
    /// </summary>
    public bool NeedsCoordinator(RoundId round, Federation federation) =>
        (round == federation.OpenRound && Of(round) is not { Phase: Phase.Failed })
        || (round == federation.UnfinishedRound && Of(round) is not { HasEnded: true });

    /// <summary>What this round waits for; empty where it works.</summary>
    public string WaitingOf(RoundId id) => Waits?.Round == id ? Waits.Text : "";

    /// <summary>How long ago a round was as it was told; one that has ended stays so.</summary>
    public TimeSpan Since(Round round, TimeProvider clock) => round.HasEnded ? TimeSpan.Zero : clock.GetElapsedTime(At);
}
