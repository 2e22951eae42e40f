using System.Collections.Immutable;
using System.Globalization;
using FedKim.Learning;
using FedKim.Learning.Metrics;
using FedKim.Rounds;

namespace FedKim.Experiments;

/// <summary>
/// What a row of a table says of all samples, said of each group of them: its rates, made of what is said of each sample, and the interval over the group's
/// patients. Groups have no verdicts: so many comparisons would leave none of them anything to say.
/// </summary>
internal static class GroupRows
{
    private const int Draws = 1_000;

    private const string Unknown = "unknown", Below = "below";

    /// <summary>The rows, a group each: cut numbers and other numbers as they follow each other, then names, and last who is not known.</summary>
    /// <param name="whole">The row of all samples.</param>
    /// <param name="column">What the groups are of.</param>
    /// <param name="said">What is said of the task's samples, under one seed after another.</param>
    /// <param name="plan">The table.</param>
    /// <param name="seed">Draws patients, the same for all methods.</param>
    public static IEnumerable<ResultRow> Of(ResultRow whole, string column, IReadOnlyList<ImmutableArray<Prediction>> said, TablePlan plan, long seed) =>
        said.SelectMany(ofSeed => ofSeed).Select(p => p.Group).OfType<string>().Distinct(StringComparer.Ordinal)
            .OrderBy(group => Place(group).Kind).ThenBy(group => Place(group).Number).ThenBy(group => group, StringComparer.Ordinal)
            .Select(group => Row(whole, $"{column} {group}", [.. said.Select(ofSeed => ofSeed.Where(p => p.Group == group).ToImmutableArray()).Where(some => !some.IsEmpty)], plan, seed));

    private static ResultRow Row(ResultRow whole, string group, ImmutableArray<Prediction>[] said, TablePlan plan, long seed)
    {
        ImmutableArray<Prediction>[] telling = [.. said.Where(Tells)];
        var interval = Interval(telling, SeededGenerator.Derive(seed, "group", whole.Task, group));
        return whole with
        {
            Group = group,
            Rates = ResultTable.RatesOf([.. telling.Select(some => Rates(plan, some))], plan),
            N = said.Min(some => some.Length),
            Unparsed = null,
            Low = interval?.Low,
            High = interval?.High,
            Seeds = said.Length,
        };
    }

    // Of a few patients, or of one answer alone, a rate says more of who they are than of the model.
    private static bool Tells(ImmutableArray<Prediction> said) =>
        said.Select(p => p.Patient).Distinct(StringComparer.Ordinal).Count() >= Verdicts.LeastPatients
        && (said[0].Label is null || said.Select(p => p.Label).Distinct().Count() == 2);

    private static ImmutableDictionary<string, double> Rates(TablePlan plan, ImmutableArray<Prediction> said) =>
        plan.Rates.Select(rate => (Rate: rate, Value: SampleRate.Once(rate, said))).Where(rate => rate.Value is not null)
            .ToImmutableDictionary(rate => rate.Rate, rate => rate.Value!.Value, StringComparer.Ordinal);

    // Of AUROC, or of BLEU for generated answers, as the row of all samples has it; its ends are the means of the seeds' ends.
    private static (double Low, double High)? Interval(ImmutableArray<Prediction>[] said, SeededGenerator generator)
    {
        Drawn[] figures =
        [
            .. from some in said
               let figure = SampleRate.Of(some[0].Label is null ? Rate.Bleu : Rate.Auroc, some)
               where figure is not null
               select new Drawn([.. some.Select(p => p.Patient)], figure),
        ];
        if (figures.Length == 0)
            return null;
        double[][] drawn = [.. PatientBootstrap.Draw(figures, Draws, generator).Select(draws => draws.Where(double.IsFinite).ToArray())];
        if (drawn.Any(draws => draws.Length < Draws * (1 - Verdicts.MostWithout)))
            return null;
        var ends = drawn.Select(draws => Bootstrap.Middle(draws, Verdicts.Outside)).ToList();
        return (ends.Average(end => end.Low), ends.Average(end => end.High));
    }

    private static (int Kind, double Number) Place(string group)
    {
        if (group == Unknown)
            return (3, 0);
        string[] words = group.Split(' ');
        return words is [Below, var cut] && Parse(cut) is { } number ? (0, number) : Parse(words[0]) is { } first ? (1, first) : (2, 0);

        static double? Parse(string word) => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }
}
