using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Learning.Metrics;

/// <summary>What a series of yes/no answers is worth. Rates lie in 0 to 1; one over nothing is null, which is not 0.</summary>
/// <param name="Accuracy">Share of right answers.</param>
/// <param name="Precision">Share of the positive answers that are right; null where no answer is positive.</param>
/// <param name="Recall">Share of the positive samples that are answered so; null where no sample is positive.</param>
/// <param name="F1">Harmonic mean of precision and recall; null where neither a sample nor an answer is positive.</param>
public sealed record Classification(double Accuracy, double? Precision, double? Recall, double? F1)
{
    /// <summary>The metrics of a task that is answered yes or no; a package's own are added at the start of a process.</summary>
    public static NameTable<IMetric> Metrics { get; } = new(
        "metric",
        metric => metric.Name,
        new Metric("accuracy", (labels, scores) => OfScores(labels, scores).Accuracy),
        new Metric("precision", (labels, scores) => OfScores(labels, scores).Precision),
        new Metric("recall", (labels, scores) => OfScores(labels, scores).Recall),
        new Metric("f1", (labels, scores) => OfScores(labels, scores).F1),
        new Metric("auroc", Auroc));

    /// <summary>Scores answers, of which those with a score above 0 are yes, against labels.</summary>
    /// <exception cref="ArgumentException">There are no samples, or not as many scores as labels.</exception>
    public static Classification OfScores(IReadOnlyList<int> labels, IReadOnlyList<double> scores) => Of(labels, [.. scores.Select(s => (int?)(s > 0 ? 1 : 0))]);

    /// <summary>Scores answers against labels.</summary>
    /// <param name="labels">0 or 1.</param>
    /// <param name="answers">0, 1, or null for an output that is neither answer: wrong, whatever the label.</param>
    /// <exception cref="ArgumentException">There are no samples, or not as many answers as labels.</exception>
    public static Classification Of(IReadOnlyList<int> labels, IReadOnlyList<int?> answers)
    {
        Check(labels, answers.Count);
        return new Decisions(labels, answers).Counted(Bootstrap.Once(labels.Count));
    }

    /// <summary>What the constant answers reach: <c>always-yes</c>, <c>always-no</c>, and <c>majority</c>, the commoner label of these samples.</summary>
    public static ImmutableSortedDictionary<string, TrivialBaseline> Trivial(IReadOnlyList<int> labels)
    {
        TrivialBaseline Always(int answer)
        {
            var result = Of(labels, [.. labels.Select(_ => (int?)answer)]);
            return new TrivialBaseline(result.Accuracy, result.Precision, result.Recall, result.F1);
        }

        var (yes, no) = (Always(1), Always(0));
        return new Dictionary<string, TrivialBaseline> { ["always-yes"] = yes, ["always-no"] = no, ["majority"] = yes.Accuracy > no.Accuracy ? yes : no }
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>
    /// Area under the receiver operating characteristic: the chance that a positive sample scores above a negative one, ties half
    /// (Mann and Whitney 1947). Null where one label is absent.
    /// </summary>
    /// <param name="labels">0 or 1.</param>
    /// <param name="scores">Higher means rather positive.</param>
    public static double? Auroc(IReadOnlyList<int> labels, IReadOnlyList<double> scores)
    {
        Check(labels, scores.Count);
        var ranking = new Ranking(labels, scores);
        return ranking.Auroc(Bootstrap.Once(labels.Count));
    }

    /// <summary>The bootstrap's 95 % interval of <see cref="Auroc"/> (percentiles of resamples with replacement); null where one label is absent.</summary>
    /// <param name="labels">0 or 1.</param>
    /// <param name="scores">Higher means rather positive.</param>
    /// <param name="generator">Draws the resamples.</param>
    /// <param name="resamples">How many; those without both labels are drawn again.</param>
    public static (double Low, double High)? AurocInterval(
        IReadOnlyList<int> labels, IReadOnlyList<double> scores, SeededGenerator generator, int resamples = 1000)
    {
        Check(labels, scores.Count);
        var ranking = new Ranking(labels, scores);
        return ranking.Auroc(Bootstrap.Once(labels.Count)) is null ? null : Bootstrap.Interval(labels.Count, ranking.Auroc, generator, resamples);
    }

    private static void Check(IReadOnlyList<int> labels, int answers)
    {
        if (labels.Count == 0)
            throw new ArgumentException("There are no samples to measure.", nameof(labels));
        if (labels.Count != answers)
            throw new ArgumentException($"{labels.Count} labels do not match {answers} answers.", nameof(labels));
    }
}
