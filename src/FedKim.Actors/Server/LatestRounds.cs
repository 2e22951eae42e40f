using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>Of each federation that runs the round opened last, as its coordinator told of it, and what it waits for.</summary>
internal sealed class LatestRounds
{
    private readonly ImmutableDictionary<FederationId, Told> _told;

    private LatestRounds(ImmutableDictionary<FederationId, Told> told) => _told = told;

    /// <summary>Nobody has told of anything.</summary>
    public static LatestRounds None { get; } = new(ImmutableDictionary<FederationId, Told>.Empty);

    /// <summary>This round; null when the latest one of its federation is another, or not told of yet.</summary>
    public Round? Of(RoundId? id) => id is { } its && At(its.Federation).Round is { } latest && latest.Id == its ? latest : null;

    /// <summary>A coordinator told of its round.</summary>
    /// <param name="round">The round.</param>
    /// <param name="now">When, by the clock that only runs forward.</param>
    public LatestRounds Saw(Round round, long now) => With(round.Id.Federation, told => told with { Round = round, At = round.HasEnded ? told.At : now });

    /// <summary>What a round waits for.</summary>
    public LatestRounds Waits(FederationActor.Waits waits) => With(waits.Round.Federation, told => told with { Waits = waits });

    /// <summary>What a federation waits for outside of its rounds; empty where it works.</summary>
    public LatestRounds Awaits(FederationId federation, string text) => With(federation, told => told with { Awaits = text });

    /// <summary>What was told of a federation's last round is not what its next coordinator will make of it.</summary>
    public LatestRounds Anew(FederationId federation) => With(federation, told => told with { Round = null, Awaits = "" });

    /// <summary>Without those federations of which nobody will tell any more.</summary>
    public LatestRounds Only(Func<FederationId, bool> kept) => new(_told.RemoveRange(_told.Keys.Where(id => !kept(id))));

    /// <summary>
    /// Whether a round needs its coordinator: the one opened last does until it has ended, in a federation that was stopped too. One that failed
    /// and waits for its next attempt does not.
    /// </summary>
    /// <param name="round">The round.</param>
    /// <param name="federation">Its federation.</param>
    public bool NeedsCoordinator(RoundId round, Federation federation) =>
        (round == federation.OpenRound && Of(round) is not { Phase: Phase.Failed })
        || (round == federation.UnfinishedRound && Of(round) is not { HasEnded: true });

    /// <summary>What this round waits for; empty where it works.</summary>
    public string WaitingOf(RoundId id) => At(id.Federation).Waits is { } waits && waits.Round == id ? waits.Text : "";

    /// <summary>What a federation waits for; empty where it works, and where it has ended.</summary>
    public string WaitingOf(Federation federation) => federation switch
    {
        { OpenRound: { } open } => WaitingOf(open),
        { Phase: FederationPhase.Initializing or FederationPhase.Evaluating, Plan: { } plan } => At(plan.Id).Awaits,
        _ => "",
    };

    /// <summary>How long ago a round was as it was told; one that has ended stays so.</summary>
    public TimeSpan Since(Round round, TimeProvider clock) => round.HasEnded ? TimeSpan.Zero : clock.GetElapsedTime(At(round.Id.Federation).At);

    private Told At(FederationId id) => _told.GetValueOrDefault(id) ?? Told.Nothing;

    private LatestRounds With(FederationId id, Func<Told, Told> change) => new(_told.SetItem(id, change(At(id))));

    private sealed record Told(Round? Round, long At, FederationActor.Waits? Waits, string Awaits)
    {
        public static readonly Told Nothing = new(null, 0, null, "");
    }
}
