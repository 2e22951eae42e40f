using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FedKim.Experiments;

/// <summary>Results as JSON. Names are camelCase; what was not measured is null, or not among the rates.</summary>
public static class ResultsJson
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutGroup } },
    };

    /// <summary>Everything in one object: the experiment, its cells, its tables.</summary>
    public static string Of(ExperimentResults results) => JsonSerializer.Serialize(
        new
        {
            Experiment = results.Plan.Name,
            results.Plan.Seeds,
            results.Plan.Deviations,
            Methods = results.Plan.Methods.Select(m => new { m.Key, m.Title }),
            Cells = results.Cells.Select(c => new { c.Cell.Method, c.Cell.Seed, State = c.State.ToString().ToLowerInvariant(), c.Cause }),
            Tables = results.Tables.Select(table => new
            {
                table.Plan.Key,
                table.Plan.Title,
                table.Plan.StandsFor,
                Rates = table.Plan.Rates,
                Rows = table.Rows.Select(row => new
                {
                    row.Task,
                    row.Method,
                    row.Title,
                    row.Answers,
                    row.Group,
                    row.Decoders,
                    Rates = table.Plan.Rates.Where(row.Rates.ContainsKey).ToDictionary(rate => rate, rate => row.Rates[rate]),
                    row.N,
                    row.Seeds,
                    row.Unparsed,
                    row.Low,
                    row.High,
                    row.Verdict?.Beats,
                    Verdict = row.Verdict?.Sentence,
                    Comparisons = row.Verdict?.Comparisons.Select(c => new { c.Against, c.Word, c.Difference, c.Low, c.High }),
                    row.Verdict?.Samples,
                    row.Verdict?.Patients,
                }),
            }),
        },
        Indented) + "\n";

    // Rows of all samples are what they were before there were groups.
    private static void LeaveOutGroup(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.Name == "group"))
            property.ShouldSerialize = (_, group) => group is not null;
    }
}
