using System.Globalization;

namespace FedKim.Rounds;

/// <summary>The first line of a round's result: how it ended, with how much of the data, and without whom. Nobody is left out silently.</summary>
public static class RoundResult
{
    private const int MostNames = 10;

    /// <summary>The line, to go on after the round's name; empty while the round is open.</summary>
    public static string Line(Round round) => round.Phase switch
    {
        Phase.Committed => $"committed {With(round)}",
        Phase.Failed => $"failed {With(round)}: {round.Cause}",
        _ => "",
    };

    /// <summary>With whom and without whom: "with 4 of 5 sites, 83 % of the samples; without hospital-c (no update before the deadline)".</summary>
    public static string With(Round round)
    {
        string with = $"with {round.Accepted.Count} of {round.Wanted.Count()} sites";
        string[] without = [.. round.Wanted.Where(s => !round.Accepted.ContainsKey(s)).Select(s => $"{s} ({WhyNot(round, s)})")];
        if (without.Length > 0)
            with += $", {Percent(SampleShare.Of(round))} of the samples; without {Names(without)}";
        foreach (var others in round.LeftOut.Values.Where(l => !l.IsMissed).GroupBy(l => l.Reason).OrderBy(g => g.Key, StringComparer.Ordinal))
            with += $"; {others.Key}: {Names([.. others.Select(l => l.Site.Value)])}";
        return with;
    }

    /// <summary>A share for people, never rounded up: what is 100 % is all of it.</summary>
    public static string Percent(double share) => share is > 0 and < 0.01 ? "less than 1 %" : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor((share * 100) + 1e-9):0} %");

    /// <summary>Names, and how many more where they are many.</summary>
    internal static string Names<T>(IReadOnlyCollection<T> names) =>
        string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? $" and {names.Count - MostNames} more" : "");

    private static string WhyNot(Round round, ClientId site) => round.Dropped.TryGetValue(site, out string? dropped) ? dropped
        : round.LeftOut.TryGetValue(site, out var left) ? left.Reason
        : "no update";
}
