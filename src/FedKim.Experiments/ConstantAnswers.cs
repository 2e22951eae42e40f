using System.Collections.Immutable;
using FedKim.Learning;

namespace FedKim.Experiments;

/// <summary>What answers that are the same for every sample would have said of some samples.</summary>
public static class ConstantAnswers
{
    private const string AlwaysYes = "always-yes", AlwaysNo = "always-no", Majority = "majority";

    /// <summary>The answers by their names in a report: yes, no, and the commonest of these samples.</summary>
    /// <param name="said">What somebody says of the samples, at least one, all of one task.</param>
    public static ImmutableArray<(string Name, ImmutableArray<Prediction> Said)> To(ImmutableArray<Prediction> said)
    {
        if (said.All(p => p.Label is not null))
        {
            // Certain, whatever the sample.
            var (yes, no) = (Score(double.PositiveInfinity), Score(double.NegativeInfinity));
            return [(AlwaysNo, no), (AlwaysYes, yes), (Majority, said.Count(p => p.Label == 1) * 2 > said.Length ? yes : no)];
        }
        string commonest = said.CountBy(p => p.Wanted ?? "", StringComparer.Ordinal).OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal).First().Key;
        return [(AlwaysNo, Answer("no")), (AlwaysYes, Answer("yes")), (Majority, Answer(commonest))];

        ImmutableArray<Prediction> Score(double score) => [.. said.Select(p => p with { Score = score, Answer = null })];

        ImmutableArray<Prediction> Answer(string answer) => [.. said.Select(p => p with { Score = null, Answer = answer })];
    }

    /// <summary>Those that a rate can tell apart, as rivals.</summary>
    /// <inheritdoc cref="To"/>
    /// <param name="rate">The rate.</param>
    public static ImmutableArray<(string Name, ImmutableArray<Prediction> Said)> Rivals(string rate, ImmutableArray<Prediction> said) => Rate.IsOfOrder(rate)
        ? [("a constant answer", To(said)[0].Said)]
        : [.. To(said).DistinctBy(constant => (constant.Said[0].Score, constant.Said[0].Answer))];
}
