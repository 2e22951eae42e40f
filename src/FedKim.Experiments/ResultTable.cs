using System.Collections.Immutable;

namespace FedKim.Experiments;

/// <summary>
/// A table of an experiment with its numbers. For every task: each method whose federation has it, its small models alone and its controls, then the constant
/// answers. Where groups are asked for, a method's rows of each group stand below its own, and likewise below its small models'.
/// </summary>
/// <param name="Plan">What it shows.</param>
/// <param name="Seeds">How many seeds the experiment has.</param>
/// <param name="Rows">Its rows.</param>
public sealed record ResultTable(TablePlan Plan, int Seeds, ImmutableArray<ResultRow> Rows)
{
    /// <summary>Makes a table of the reports that are there by now.</summary>
    /// <param name="plan">The table.</param>
    /// <param name="experiment">Its experiment.</param>
    /// <param name="reports">The reports of the cells that are done.</param>
    public static ResultTable Of(TablePlan plan, ExperimentPlan experiment, IReadOnlyDictionary<Cell, CellReport> reports)
    {
        var verdicts = Verdicts.Of(plan, experiment, reports);
        return new(plan, experiment.Seeds.Length, [.. plan.Tasks.SelectMany(task => RowsOf(task, plan, experiment, reports, verdicts))]);
    }

    private static IEnumerable<ResultRow> RowsOf(
        string task, TablePlan plan, ExperimentPlan experiment, IReadOnlyDictionary<Cell, CellReport> reports,
        ImmutableDictionary<(string Task, string Method), Verdict> verdicts)
    {
        var methods = plan.Methods.Select(key => experiment.Methods.First(m => m.Key == key)).Where(method => method.Has(task)).Select(method =>
        {
            CellReport[] own = [.. experiment.Seeds.Select(seed => reports.GetValueOrDefault(new Cell(method.Key, seed))).OfType<CellReport>()];
            return (Method: method, Own: Some(own, r => r.Own(task)), Small: Some(own, r => r.SmallModels(task)),
                Reports: own, Controls: own.SelectMany(r => r.Controls(task)).GroupBy(m => m.Method, StringComparer.Ordinal).ToList());
        }).ToList();
        // The same samples for all, so the same figures, whichever report they are taken from.
        var constants = methods.SelectMany(m => m.Own).SelectMany(m => m.Trivial).GroupBy(t => t.Key, t => t.Value, StringComparer.Ordinal)
            .Select(g => (Name: g.Key, Rates: RatesOf([.. g], plan))).OrderBy(c => c.Name, StringComparer.Ordinal).ToList();

        foreach (var (method, own, small, cells, controls) in methods)
        {
            var whole = Row(task, method.Key, method.Title, ResultRow.OwnAnswers, own, plan);
            yield return whole with { Verdict = verdicts[(task, method.Key)] };
            foreach (var group in InGroups(whole, cells, report => report.Method))
                yield return group;
            if (small.Length > 0)
            {
                var alone = Row(task, method.Key, method.Title, ResultRow.SmallModels, small, plan);
                yield return alone;
                foreach (var group in InGroups(alone, cells, _ => Learning.Method.SmallModels))
                    yield return group;
            }
            foreach (var control in controls)
                yield return Row(task, method.Key, control.Key, ResultRow.Control, [.. control], plan);
        }
        foreach (var (name, rates) in constants)
            yield return new ResultRow(task, "", name, ResultRow.Constant, rates, null, null, null, null, 0, null);

        IEnumerable<ResultRow> InGroups(ResultRow whole, CellReport[] some, Func<CellReport, string> by)
        {
            if (plan.Groups?.GetValueOrDefault(task) is not { } column)
                return [];
            var said = some.Select(cell => cell.Predictions?.Of(task, by(cell)) ?? []).Where(ofSeed => !ofSeed.IsEmpty).ToList();
            return GroupRows.Of(whole, column, said, plan, experiment.Seeds.FirstOrDefault());
        }
    }

    private static Measurement[] Some(CellReport[] reports, Func<CellReport, Measurement?> find) => [.. reports.Select(find).OfType<Measurement>()];

    private static ResultRow Row(string task, string method, string title, string answers, Measurement[] measured, TablePlan plan) => new(
        task,
        method,
        title,
        answers,
        RatesOf([.. measured.Select(m => m.Rates)], plan),
        measured.Length == 0 ? null : measured.Min(m => m.N),
        OverSeeds.Of(measured.Select(m => m.Unparsed).OfType<double>())?.Mean,
        OverSeeds.Of(measured.Select(m => m.Low).OfType<double>())?.Mean,
        OverSeeds.Of(measured.Select(m => m.High).OfType<double>())?.Mean,
        measured.Length,
        null)
    {
        Decoders = [.. measured.Select(m => m.Decoder).OfType<string>().Distinct(StringComparer.Ordinal)],
    };

    internal static ImmutableDictionary<string, OverSeeds> RatesOf(IReadOnlyCollection<ImmutableDictionary<string, double>> measured, TablePlan plan) =>
        plan.Rates.Select(rate => (Rate: rate, Value: OverSeeds.Of(measured.Where(m => m.ContainsKey(rate)).Select(m => m[rate]))))
            .Where(r => r.Value is not null)
            .ToImmutableDictionary(r => r.Rate, r => r.Value!, StringComparer.Ordinal);
}

/// <summary>One line of a table. A rate that was not measured is not there.</summary>
/// <param name="Task">The task.</param>
/// <param name="Method">The method's key; empty for a constant answer.</param>
/// <param name="Title">The method's title, or the name of the control or of the constant answer.</param>
/// <param name="Answers">Who answers: <see cref="OwnAnswers"/>, <see cref="SmallModels"/>, <see cref="Control"/> or <see cref="Constant"/>.</param>
/// <param name="Rates">The table's rates over the seeds.</param>
/// <param name="N">Test samples, the fewest of all seeds; null where nothing was measured.</param>
/// <param name="Unparsed">Mean share of outputs that were no answer.</param>
/// <param name="Low">Mean over the seeds of the lower ends of the bootstrap's 95 % intervals (see <see cref="Measurement.Low"/>).</param>
/// <param name="High">Mean of the upper ends.</param>
/// <param name="Seeds">Seeds under which it was measured.</param>
/// <param name="Verdict">What it is worth; null for the small models and for constant answers.</param>
public sealed record ResultRow(
    string Task,
    string Method,
    string Title,
    string Answers,
    ImmutableDictionary<string, OverSeeds> Rates,
    int? N,
    double? Unparsed,
    double? Low,
    double? High,
    int Seeds,
    Verdict? Verdict)
{
    /// <summary>The trained tasks whose decoders answer for small models that have none for the task: more than one where seeds differ.</summary>
    public ImmutableArray<string> Decoders { get; init; } = [];

    /// <summary>The group of the samples that it is of, with its column, such as <c>sex F</c>; null where it is of all.</summary>
    public string? Group { get; init; }

    /// <summary>The method's own model answers.</summary>
    public const string OwnAnswers = "model";

    /// <summary>The method's small models answer, without the foundation model.</summary>
    public const string SmallModels = "small-models";

    /// <summary>What lacks one thing that the method's model has.</summary>
    public const string Control = "control";

    /// <summary>The same answer for every sample.</summary>
    public const string Constant = "constant";
}
