using System.Collections.Immutable;
using FedKim.Launch.Answers;

namespace FedKim.Launch.Progress;

/// <summary>What the server knew at one moment; nothing of single sites where there are more than can be shown.</summary>
public sealed record Snapshot(
    FederationStatus Federation, ImmutableArray<RoundStatus> Rounds, ImmutableArray<ClientStatus> Clients, InjectorReply Injector)
{
    /// <summary>The round that is open; null when none is.</summary>
    public RoundStatus? Open => Rounds.FirstOrDefault(round => round.Round == Federation.OpenRound);

    /// <summary>Whether the federation has ended, and no other waits for that.</summary>
    public bool HasEnded => Federation is { Phase: "Completed" or "Failed" or "Stopped", Queued: 0 };
}
