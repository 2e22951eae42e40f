using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedKim.Learning.Experiments;

/// <summary>What an experiment takes from the report of one of its federations.</summary>
/// <param name="Completed">Whether the federation came to its end.</param>
/// <param name="Cause">Why it did not; empty if it did.</param>
/// <param name="Method">The federation's method.</param>
/// <param name="Measurements">What was measured.</param>
public sealed record CellReport(bool Completed, string Cause, string Method, ImmutableArray<Measurement> Measurements)
{
    // A constant answer puts no sample before another.
    private const double AurocOfConstant = 0.5;

    /// <summary>The federation's own model on a task; null where it was not measured.</summary>
    public Measurement? Own(string task) => Measurements.FirstOrDefault(m => m.Task == task && m.Method == Method);

    /// <summary>The small models alone on a task; null where there are none, or where they are the federation's own model.</summary>
    public Measurement? SmallModels(string task) =>
        Method == Learning.Method.SmallModels ? null : Measurements.FirstOrDefault(m => m.Task == task && m.Method == Learning.Method.SmallModels);

    /// <summary>Reads the JSON of a <c>report.json</c>.</summary>
    /// <exception cref="LearningException">It is no report; the message says what is wrong.</exception>
    public static CellReport Parse(string json)
    {
        try
        {
            var report = JsonNode.Parse(json)!.AsObject();
            string phase = report["phase"]!.GetValue<string>();
            return new CellReport(
                phase == "Completed",
                phase == "Completed" ? "" : (string?)report["cause"] ?? "the report gives no cause",
                (string?)report["method"] ?? "",
                [.. report["evaluation"]!.AsArray().Select(e => Measured(e!.AsObject()))]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new LearningException($"The report cannot be read: {e.Message}", e);
        }
    }

    private static Measurement Measured(JsonObject e)
    {
        string method = e["method"]!.GetValue<string>();
        var rates = Rates(e, speaks: method != Learning.Method.SmallModels);
        var trivial = (e["trivial"] as JsonObject ?? []).ToImmutableSortedDictionary(
            t => t.Key,
            t => rates.ContainsKey(Rate.Auroc) ? Rates(t.Value!.AsObject(), speaks: false).SetItem(Rate.Auroc, AurocOfConstant) : Rates(t.Value!.AsObject(), speaks: false),
            StringComparer.Ordinal);
        return new Measurement(
            e["task"]!.GetValue<string>(), method, e["n"]!.GetValue<int>(), rates, Number(e, "unparsed"), Number(e, "low"), Number(e, "high"), trivial);
    }

    /// <summary>The rates that are there. What does not speak says what it decides.</summary>
    private static ImmutableDictionary<string, double> Rates(JsonObject e, bool speaks)
    {
        var greedy = speaks ? e["greedy"] as JsonObject ?? [] : e;
        var bleus = (e["bleus"] as JsonArray ?? []).Select((b, i) => (Rate: $"{Rate.Bleu}-{i + 1}", Value: (double?)b));
        return Rate.Decided.Append(Rate.Auroc).Append(Rate.Bleu).Select(rate => (Rate: rate, Value: Number(e, rate)))
            .Append((Rate: Rate.ExactMatch, Value: Number(e, "exactMatch")))
            .Concat(Rate.Decided.Select(rate => (Rate: Rate.Greedy + rate, Value: Number(greedy, rate))))
            .Concat(bleus)
            .Where(r => r.Value is not null)
            .ToImmutableDictionary(r => r.Rate, r => r.Value!.Value, StringComparer.Ordinal);
    }

    private static double? Number(JsonObject e, string name) => (double?)e[name];
}
