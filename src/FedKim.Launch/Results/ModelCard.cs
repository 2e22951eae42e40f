using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FedKim.Launch.Reports;

namespace FedKim.Launch.Results;

/// <summary>A model card: what the model is, from how much data of whom, how it measures, and by which digests it is known.</summary>
internal static class ModelCard
{
    /// <param name="report">The federation's report.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="files">The weight files beside the card, and their SHA-256.</param>
    /// <param name="peft">Whether the adapters are there in PEFT's layout, too.</param>
    public static string Of(Report report, JsonObject plan, IReadOnlyList<(string Name, string Sha256)> files, bool peft)
    {
        var card = new StringBuilder();
        int committed = report.Rounds.Count(r => r.IsCommitted);
        card.AppendLine(CultureInfo.InvariantCulture, $"# {report.Federation}");
        card.AppendLine();
        card.AppendLine(
            CultureInfo.InvariantCulture,
            $"A federation of FedKim: method {report.Method}, strategy {report.Strategy}, seed {report.Seed}, {committed} of {Text(plan["rounds"])} rounds committed; it is {report.Phase}.");
        if (plan["startFrom"] is { } start)
            card.AppendLine(CultureInfo.InvariantCulture, $"It started from the model of federation {Text(start)}.");
        if (plan["learning"]?["injection"]?["foundationModel"] is { } foundation)
            card.AppendLine(CultureInfo.InvariantCulture, $"The adapters belong to the foundation model {Text(foundation)}.");

        Table(card, "Data", ["site", "rounds", "samples in the last"], report.Rounds
            .SelectMany(r => r.Accepted)
            .GroupBy(a => a.Client).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => (string[])[g.Key, g.Count().ToString(CultureInfo.InvariantCulture), g.Last().Samples.ToString(CultureInfo.InvariantCulture)]));
        Table(card, "Metrics", ["task", "kind", "method", "n", "accuracy", "F1", "AUROC", "BLEU"], report.Evaluation.Select(e => (string[])
            [e.Task, e.Kind, e.Method, e.N.ToString(CultureInfo.InvariantCulture), Share(e.Accuracy), Share(e.F1), Share(e.Auroc), Share(e.Bleu)]));
        Table(card, "Digests (SHA-256)", ["what", "digest"],
        [
            ["global model, as the federation knows it", report.Result?.GlobalSha256 ?? ""],
            ["adapters, as the federation knows them", report.Result?.AdapterSha256 ?? ""],
            .. files.Select(f => (string[])[$"`{f.Name}`", f.Sha256]),
        ]);
        card.AppendLine();
        card.AppendLine(peft
            ? "`peft/` holds one PEFT LoRA for each expert, with router and feature maps beside them."
            : "The adapters are in FedKim's own layout; `fedkim model adapter export` brings them into PEFT's.");
        card.AppendLine("`report.json` tells what happened round by round, `plan.json` what was agreed.");
        return card.ToString();
    }

    private static void Table(StringBuilder card, string title, string[] columns, IEnumerable<string[]> rows)
    {
        string[][] lines = [.. rows];
        if (lines.Length == 0)
            return;
        card.AppendLine();
        card.AppendLine(CultureInfo.InvariantCulture, $"## {title}");
        card.AppendLine();
        card.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", columns)} |");
        card.AppendLine(CultureInfo.InvariantCulture, $"|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (string[] line in lines)
            card.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", line)} |");
    }

    private static string Text(JsonNode? node) => node?.ToString() ?? "";

    private static string Share(double? share) => share?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";
}
