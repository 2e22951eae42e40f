using System.Collections.Immutable;

namespace FedKim.Experiments;

/// <summary>Whether a model is worth its trouble: better than the small models alone and than every constant answer.</summary>
/// <param name="Beats">True when it is better than all there was to compare with, by more than the seeds differ; null where nothing was.</param>
/// <param name="Sentence">The same in words.</param>
public sealed record Verdict(bool? Beats, string Sentence)
{
    /// <summary>The verdict where the task was not measured.</summary>
    public static Verdict NotMeasured { get; } = new(null, "not measured");

    /// <summary>Compares by one rate.</summary>
    /// <param name="own">The model.</param>
    /// <param name="rivals">What it is compared with, by what the sentence calls it.</param>
    public static Verdict Of(OverSeeds own, ImmutableArray<(string Name, OverSeeds Rate)> rivals)
    {
        if (rivals.IsEmpty)
            return new Verdict(null, "nothing to compare with");
        var standings = rivals.Select(rival => (Stands: Against(own, rival.Rate), rival.Name, rival.Rate)).ToList();
        return new Verdict(
            standings.All(s => s.Stands == Ahead),
            string.Join("; ", standings.GroupBy(s => s.Stands).OrderBy(g => g.Key == Ahead).Select(group =>
                $"{group.Key} {string.Join(" and ", group.Select(s => $"{s.Name} ({Rate.Text(s.Rate.Mean)})"))}{(group.Key == Near ? " by less than the seeds differ" : "")}")));
    }

    private const string Ahead = "beats", Near = "is ahead of", Equal = "only equals", Behind = "does not beat";

    private static string Against(OverSeeds own, OverSeeds rival)
    {
        // What reads as equal is equal.
        if (Rate.Text(own.Mean) == Rate.Text(rival.Mean))
            return Equal;
        if (own.Mean < rival.Mean)
            return Behind;
        return own.Mean - rival.Mean <= Math.Max(own.Deviation ?? 0, rival.Deviation ?? 0) ? Near : Ahead;
    }
}
