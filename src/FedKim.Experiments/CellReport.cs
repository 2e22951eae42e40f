using System.Collections.Immutable;
using System.Text.Json;
using FedKim.Launch.Reports;
using FedKim.Learning;

namespace FedKim.Experiments;

/// <summary>What an experiment takes from the report of one of its federations.</summary>
/// <param name="Completed">Whether the federation came to its end.</param>
/// <param name="Cause">Why it did not; empty if it did.</param>
/// <param name="Method">The federation's method.</param>
/// <param name="Measurements">What was measured.</param>
public sealed record CellReport(bool Completed, string Cause, string Method, ImmutableArray<Measurement> Measurements)
{
    // A constant answer puts no sample before another.
    private const double AurocOfConstant = 0.5;

    /// <summary>How its router weighs the experts; empty where there is none.</summary>
    public ImmutableArray<TaskRouting> Routing { get; init; } = [];

    /// <summary>What is said of each sample; null where that was not kept.</summary>
    public KeptPredictions? Predictions { get; private init; }

    /// <summary>Why it was not kept; empty where it was, or where nothing was measured.</summary>
    public string Unkept { get; init; } = "";

    /// <summary>The federation's own model on a task; null where it was not measured.</summary>
    public Measurement? Own(string task) => Measurements.FirstOrDefault(m => m.Task == task && m.Method == Method);

    /// <summary>The small models alone on a task; null where there are none, or where they are the federation's own model.</summary>
    public Measurement? SmallModels(string task) =>
        Method == Learning.Method.SmallModels ? null : Measurements.FirstOrDefault(m => m.Task == task && m.Method == Learning.Method.SmallModels);

    /// <summary>The controls on a task, in the order in which they were measured: see <see cref="Control"/>.</summary>
    public IEnumerable<Measurement> Controls(string task) => Measurements.Where(m => m.Task == task && Control.Is(m.Method));

    /// <summary>The report with what is said of each sample, and the rates that are made of it.</summary>
    public CellReport With(KeptPredictions kept) => kept.Difference(Measurements) is { } other
        ? this with { Unkept = $"they are not what the report was made of: {other}" }
        : this with { Predictions = kept, Unkept = "", Measurements = [.. Measurements.Select(m => m.With(kept.Of(m.Task, m.Method)))] };

    /// <summary>Reads the text of a <c>report.json</c>.</summary>
    /// <exception cref="LearningException">It is no report; the message says what is wrong.</exception>
    public static CellReport Parse(string json)
    {
        try
        {
            return Of(Report.Parse(json));
        }
        catch (JsonException e)
        {
            throw new LearningException($"The report cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What an experiment takes from a report.</summary>
    public static CellReport Of(Report report) => new(
        report.IsCompleted,
        report.IsCompleted ? "" : report.Cause ?? "the report gives no cause",
        report.Method ?? "",
        [.. report.Evaluation.Select(Measured)])
    {
        Routing = report.Routing ?? [],
    };

    private static Measurement Measured(TaskEvaluation e)
    {
        double?[] decided = [e.Accuracy, e.Precision, e.Recall, e.F1];
        // What does not speak says what it decides.
        double?[] said = e.Method == Learning.Method.SmallModels || Control.Is(e.Method) ? decided : e.Greedy is { } g ? [g.Accuracy, g.Precision, g.Recall, g.F1] : [];
        var rates = Rates(decided, said, e.Auroc, e.Bleu, e.ExactMatch, e.Bleus ?? []);
        var trivial = (e.Trivial ?? ImmutableSortedDictionary<string, TrivialBaseline>.Empty).ToImmutableSortedDictionary(
            t => t.Key,
            t => Constant(t.Value, rates.ContainsKey(Rate.Auroc) ? AurocOfConstant : null),
            StringComparer.Ordinal);
        return new Measurement(e.Task, e.Method, e.N, rates, e.Unparsed, e.Low, e.High, trivial) { Decoder = e.Decoder };
    }

    private static ImmutableDictionary<string, double> Constant(TrivialBaseline t, double? auroc)
    {
        double?[] decided = [t.Accuracy, t.Precision, t.Recall, t.F1];
        return Rates(decided, decided, auroc, t.Bleu, t.ExactMatch, []);
    }

    /// <summary>The rates that are there.</summary>
    private static ImmutableDictionary<string, double> Rates(
        double?[] decided, double?[] said, double? auroc, double? bleu, double? exactMatch, ImmutableArray<double> bleus) =>
        Rate.Decided.Zip(decided)
            .Concat(Rate.Decided.Zip(said, (rate, value) => (Rate.Greedy + rate, value)))
            .Concat([(Rate.Auroc, auroc), (Rate.Bleu, bleu), (Rate.ExactMatch, exactMatch)])
            .Concat(bleus.Select((b, i) => ($"{Rate.Bleu}-{i + 1}", (double?)b)))
            .Where(r => r.Item2 is not null)
            .ToImmutableDictionary(r => r.Item1, r => r.Item2!.Value, StringComparer.Ordinal);
}
