using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>When a round that failed is tried again: the pauses grow from 2 s to 5 minutes.</summary>
/// <param name="Number">Which retry, from 1.</param>
/// <param name="Most">How many the plan allows.</param>
/// <param name="Pause">How long it rests before.</param>
internal sealed record RoundRetry(int Number, int Most, TimeSpan Pause)
{
    private const int LongestSeconds = 300;
    private const int MostDoublings = 8;

    /// <summary>The next retry of a federation's open round.</summary>
    public static RoundRetry Of(Federation federation) => new(
        federation.Resumed + 1, federation.Plan!.Retries, TimeSpan.FromSeconds(Math.Min(LongestSeconds, 2 << Math.Min(federation.Resumed, MostDoublings))));

    /// <summary>What is waited for, in words.</summary>
    public string Words(Round failed) => $"tries round {failed.Id.Number} again in at most {Pause.TotalSeconds:0} s, retry {Number} of {Most}: {failed.Cause}";
}
