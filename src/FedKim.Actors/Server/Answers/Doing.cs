using FedKim.Rounds;

namespace FedKim.Actors.Server.Answers;

/// <summary>What a federation that runs is at, or waits for, and since when: for those whose own waits for its end.</summary>
/// <param name="What">In words.</param>
/// <param name="Since">Since when; in a round, since its phase began.</param>
internal sealed record Doing(string What, DateTimeOffset Since)
{
    // As many as fit on a line.
    private const int MostNames = 5;

    /// <summary>What it is.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="latest">The rounds opened last, and what federations wait for.</param>
    public static Doing Of(Federation federation, LatestRounds latest)
    {
        string waiting = latest.WaitingOf(federation);
        var open = latest.Of(federation.OpenRound);
        var since = open is not null && open.Began.TryGetValue(open.Phase, out var began) ? began : federation.Since;
        return new Doing(waiting.Length > 0 ? waiting : open is not null ? Words(open) : Words(federation.Phase), since);
    }

    private static string Words(Round round) => round.Phase switch
    {
        Phase.Training => $"round {round.Id.Number} waits for {Names(round)}",
        var phase => $"round {round.Id.Number} is {phase}",
    };

    private static string Words(FederationPhase phase) => phase switch
    {
        FederationPhase.Initializing => "the injector makes the first model",
        FederationPhase.Evaluating => "the finished model is measured",
        _ => "",
    };

    private static string Names(Round round) =>
        string.Join(", ", round.Missing.Take(MostNames)) + (round.MissingCount > MostNames ? $" and {round.MissingCount - MostNames} more" : "");
}
