using System.Collections.Immutable;
using FedKim.Learning;
using FedKim.Learning.Metrics;
using FedKim.Rounds;

namespace FedKim.Experiments;

/// <summary>
/// The verdicts of a table: every model against its rivals on the same patients, by the paired bootstrap of the difference, the mean over the
/// seeds. Rivals are its small models and constant answers; the bare foundation model and a shortcut, where they were measured; and the table's own
/// rival. The intervals hold all together at 95 % (Bonferroni: each leaves out 5 % divided by the table's comparisons).
/// </summary>
public static class Verdicts
{
    /// <summary>What a sentence calls the small models, and the controls that are rivals.</summary>
    public const string SmallModels = "the small models", BareModel = "the bare foundation model", Shortcut = "a shortcut";

    private const string OtherMethod = "method ";

    // Ten draws beyond each end of an interval are few enough to be no accident, and many enough to be one's own.
    private const int LeastDraws = 1_000, MostDraws = 20_000, BeyondAnEnd = 10;

    /// <summary>Of fewer, no resample tells what others would be like.</summary>
    internal const int LeastPatients = 10;

    /// <summary>What an interval leaves out, and the share of draws without a rate above which the others tell nothing.</summary>
    internal const double Outside = 0.05, MostWithout = 0.1;

    /// <summary>Whether a rival has a name of its own, and is no constant answer.</summary>
    /// <param name="rival">As <see cref="Comparison.Against"/> calls it.</param>
    public static bool IsNamed(string rival) => rival is SmallModels or BareModel or Shortcut || rival.StartsWith(OtherMethod, StringComparison.Ordinal);

    /// <summary>The verdict of every method on every task of a table.</summary>
    /// <param name="plan">The table.</param>
    /// <param name="experiment">Its experiment.</param>
    /// <param name="reports">The reports of the cells that are done.</param>
    public static ImmutableDictionary<(string Task, string Method), Verdict> Of(
        TablePlan plan, ExperimentPlan experiment, IReadOnlyDictionary<Cell, CellReport> reports)
    {
        var asked = (from task in plan.Tasks
                     from method in plan.Methods
                     let own = experiment.Seeds.Where(seed => reports.GetValueOrDefault(new Cell(method, seed))?.Own(task) is not null)
                     select (Key: (task, method), Question: Ask(task, [.. own.Select(seed => new Measured(
                         reports[new Cell(method, seed)], plan.Rival is { } rival && rival != method ? reports.GetValueOrDefault(new Cell(rival, seed)) : null))], plan))).ToList();
        int comparisons = asked.Sum(a => a.Question.Rivals.Length);
        return asked.ToImmutableDictionary(
            a => a.Key,
            a => a.Question.Why ?? Judge(a.Question, comparisons, SeededGenerator.Derive(experiment.Seeds.FirstOrDefault(), "verdict", a.Key.task)));
    }

    private static Question Ask(string task, ImmutableArray<Measured> cells, TablePlan plan)
    {
        CellReport[] reports = [.. cells.Select(cell => cell.Own)];
        if (plan.Rates.FirstOrDefault(rate => reports.Any(report => report.Own(task)!.Rates.ContainsKey(rate))) is not { } rate)
            return new Question { Why = Verdict.NotMeasured };
        var kept = reports.Where(report => report.Predictions is not null && report.Own(task)!.Rates.ContainsKey(rate)).ToList();
        if (kept.Count == 0)
            return new Question { Why = Verdict.None("no predictions kept") };
        ImmutableArray<Prediction>[] own = [.. kept.Select(report => report.Predictions!.Of(task, report.Method))];
        if (own.Any(said => SampleRate.Of(rate, said) is null))
            return new Question { Why = Verdict.None($"{Rate.Title(rate)} is not kept sample by sample") };
        int patients = own.SelectMany(said => said.Select(p => p.Patient)).Distinct(StringComparer.Ordinal).Count();
        if (patients < LeastPatients)
            return new Question { Why = Verdict.None($"{patients} {(patients == 1 ? "patient tells" : "patients tell")} too little") };

        var rivals = ImmutableArray.CreateBuilder<(string, ImmutableArray<Drawn>)>();
        // Who has the rate under some seeds alone is no rival: the seeds would be others.
        var known = kept.Where(report => report.SmallModels(task) is not null).Select(report => (Name: SmallModels, Said: report.Predictions!.Of(task, Method.SmallModels)))
            .Concat(Controls(Control.BareModel, BareModel)).Concat(Controls(Control.Shortcut, Shortcut)).Concat(Others())
            .Concat(own.SelectMany(said => ConstantAnswers.Rivals(rate, said)));
        foreach (var rival in known.GroupBy(rival => rival.Name, rival => rival.Said, StringComparer.Ordinal))
        {
            if (rival.Count() == own.Length && rival.All(said => SampleRate.Once(rate, said) is not null))
                rivals.Add((rival.Key, [.. rival.Select(said => Figure(rate, said))]));
        }
        return new Question
        {
            Rate = rate,
            Own = [.. own.Select(said => Figure(rate, said))],
            Rivals = rivals.ToImmutable(),
            Samples = own.Min(said => said.Length),
            Patients = patients,
        };

        IEnumerable<(string Name, ImmutableArray<Prediction> Said)> Controls(string control, string name) =>
            kept.Select(report => (name, report.Predictions!.Of(task, control))).Where(rival => !rival.Item2.IsEmpty);

        // Another federation's, of the same samples: with others it could not be compared patient by patient.
        IEnumerable<(string Name, ImmutableArray<Prediction> Said)> Others() =>
            from cell in cells
            where kept.Contains(cell.Own)
            let said = cell.Rival?.Predictions?.Of(task, cell.Rival.Method) ?? []
            where !said.IsEmpty && said.Select(KeptPredictions.Asked).SequenceEqual(cell.Own.Predictions!.Of(task, cell.Own.Method).Select(KeptPredictions.Asked))
            select ($"{OtherMethod}{plan.Rival}", said);
    }

    private static Verdict Judge(Question question, int comparisons, SeededGenerator generator)
    {
        int draws = (int)Math.Clamp(comparisons * 2 * BeyondAnEnd / Outside, LeastDraws, MostDraws), seeds = question.Own.Length;
        double[][] drawn = PatientBootstrap.Draw([.. question.Own, .. question.Rivals.SelectMany(rival => rival.Figures)], draws, generator);
        var compared = ImmutableArray.CreateBuilder<Comparison>();
        for (int rival = 0; rival < question.Rivals.Length; rival++)
        {
            var (name, figures) = question.Rivals[rival];
            int first = seeds * (rival + 1);
            double[] differences = [.. Enumerable.Range(0, draws).Select(draw => Mean(seed => drawn[seed][draw] - drawn[first + seed][draw])).Where(double.IsFinite)];
            if (differences.Length < draws * (1 - MostWithout))
                return Verdict.None($"in many a choice of the patients there is no {Rate.Title(question.Rate)}");
            var (low, high) = Bootstrap.Middle(differences, Outside / comparisons);
            compared.Add(new Comparison(name, Mean(seed => Once(question.Own[seed]) - Once(figures[seed])), low, high, Rate.LessIsBetter(question.Rate)));
        }
        string n = $"{Count(question.Samples, "sample")} of {Count(question.Patients, "patient")}, {Count(seeds, "seed")}";
        return compared.Count == 0 ? Verdict.None("nothing to compare with")
            : new Verdict(compared.ToImmutable(), $"{string.Join("; ", compared)}; {Rate.Title(question.Rate)} of {n}", question.Samples, question.Patients);

        double Mean(Func<int, double> ofSeed) => Enumerable.Range(0, seeds).Average(ofSeed);
    }

    private static Drawn Figure(string rate, ImmutableArray<Prediction> said) => new([.. said.Select(p => p.Patient)], SampleRate.Of(rate, said)!);

    private static double Once(Drawn drawn) => drawn.Figure(Bootstrap.Once(drawn.Patients.Length)) ?? double.NaN;

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";

    // A cell, and the one of the table's rival under the same seed.
    private sealed record Measured(CellReport Own, CellReport? Rival);

    // One model's samples and its rivals', a figure a seed; or why there are none.
    private sealed record Question
    {
        public Verdict? Why { get; init; }

        public string Rate { get; init; } = "";

        public ImmutableArray<Drawn> Own { get; init; } = [];

        public ImmutableArray<(string Name, ImmutableArray<Drawn> Figures)> Rivals { get; init; } = [];

        public int Samples { get; init; }

        public int Patients { get; init; }
    }
}
