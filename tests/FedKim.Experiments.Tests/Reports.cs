using System.Globalization;
using System.Text.Json.Nodes;
using FedKim.Learning;

namespace FedKim.Experiments.Tests;

/// <summary>Reports as federations write them, and experiments over them.</summary>
internal static class Reports
{
    public const string Pneumonia = "pneumonia";

    public const string Effusion = "effusion";

    /// <summary>An experiment of these methods, with one table over all of it.</summary>
    public static ExperimentPlan Experiment(string[] methods, long[] seeds, string[] tasks, params string[] rates) => new(
        "trial",
        [.. seeds],
        [.. methods.Select(m => new ComparedMethod(m, m.ToUpperInvariant()))],
        [new TablePlan("table", "A table", [.. tasks], [.. methods], [.. rates])]);

    /// <summary>A completed federation's report with this evaluation.</summary>
    public static CellReport Completed(string method, params JsonObject[] evaluation) => CellReport.Parse(Text(method, evaluation));

    /// <summary>Its text.</summary>
    public static string Text(string method, params JsonObject[] evaluation) => new JsonObject
    {
        ["federation"] = "demo",
        ["phase"] = "Completed",
        ["cause"] = null,
        ["method"] = method,
        ["evaluation"] = new JsonArray([.. evaluation]),
    }.ToJsonString();

    /// <summary>The report of a federation whose model and small models gave these scores, one or more samples a patient.</summary>
    /// <param name="labels">0 or 1.</param>
    /// <param name="model">The model's scores.</param>
    /// <param name="small">The small models'; null where there are none.</param>
    /// <param name="samplesOfPatient">How many samples in a row are one patient's.</param>
    public static CellReport Scored(int[] labels, double[] model, double[]? small = null, int samplesOfPatient = 1) =>
        Said(labels, small is null ? [("fedkim", model)] : [("fedkim", model), (Learning.Method.SmallModels, small)], samplesOfPatient);

    /// <summary>The report of a federation of the first method, in which every method gave these scores.</summary>
    /// <inheritdoc cref="Scored"/>
    public static CellReport Said(int[] labels, (string Method, double[] Scores)[] methods, int samplesOfPatient = 1)
    {
        var said = methods.SelectMany(m => Said(m.Method, labels, m.Scores, samplesOfPatient)).ToList();
        var report = Completed(methods[0].Method, [.. said.GroupBy(p => p.Method).Select(method =>
        {
            var entry = Entry(Pneumonia, method.Key, 0.5, SampleRate.Once(Rate.Auroc, [.. method]));
            entry["n"] = labels.Length;
            return entry;
        })]);
        return report.With(KeptPredictions.Of(said, "p.parquet"));
    }

    /// <summary>What a method says of the samples of pneumonia.</summary>
    public static IEnumerable<Prediction> Said(string method, int[] labels, double[] scores, int samplesOfPatient = 1) => labels.Select((label, i) => new Prediction(
        $"s{i}", $"p{i / samplesOfPatient}", Pneumonia, method, 1, "test", label, scores[i], null, null));

    /// <summary>A classification task under a method, beside always-yes (accuracy 0.4) and always-no (0.6).</summary>
    public static JsonObject Entry(string task, string method, double accuracy, double? auroc = null) => JsonNode.Parse(string.Create(CultureInfo.InvariantCulture, $$"""
        {
          "task": "{{task}}", "kind": "training", "method": "{{method}}", "n": 100, "accuracy": {{accuracy}}, "precision": 0.5, "recall": 0, "f1": 0,
          "auroc": {{(auroc is { } area ? area.ToString(CultureInfo.InvariantCulture) : "null")}}, "bleu": null, "unparsed": 0.25, "low": 0.5, "high": 0.75,
          "trivial": {
            "always-no": { "accuracy": 0.6, "precision": 0, "recall": 0, "f1": 0 },
            "always-yes": { "accuracy": 0.4, "precision": 0.4, "recall": 1, "f1": 0.57 }
          }
        }
        """))!.AsObject();
}
