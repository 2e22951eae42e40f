using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace FedKim.Node.Reports;

/// <summary>A report's evaluation as a table for people: every task with the injected model, the small models alone, and constant answers.</summary>
internal static class EvaluationTable
{
    /// <summary>Prints the table.</summary>
    public static void Print(JsonObject report)
    {
        // Where there is no terminal there is no width to keep to, and a figure broken over lines is none.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(Of(report));
    }

    public static Table Of(JsonObject report)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (string words in (string[])["task", "kind", "method"])
            table.AddColumn(new TableColumn(words).NoWrap());
        foreach (string figure in (string[])["n", "acc.", "prec.", "recall", "F1", "AUROC", "95 %", "BLEU"])
            table.AddColumn(new TableColumn(figure).RightAligned().NoWrap());

        foreach (var task in report["evaluation"]!.AsArray().GroupBy(e => (string)e!["task"]!))
        {
            foreach (var e in task)
            {
                table.AddRow(
                    Markup.Escape(task.Key), (string)e!["kind"]!, Markup.Escape((string)e["method"]!), e["n"]!.ToString(), Share(e["accuracy"]), Share(e["precision"]),
                    Share(e["recall"]), Share(e["f1"]), Share(e["auroc"]), e["low"] is null ? "" : $"{Share(e["low"])}–{Share(e["high"])}", Share(e["bleu"]));
            }
            if (task.First()!["trivial"] is JsonObject trivial)
            {
                foreach (var (name, t) in trivial)
                {
                    table.AddRow(
                        "", "", $"[grey]{Markup.Escape(name)}[/]", "", Share(t!["accuracy"]), Share(t["precision"]), Share(t["recall"]), Share(t["f1"]), "", "", "");
                }
            }
        }
        return table;
    }

    private static string Share(JsonNode? share) => share is null ? "" : share.GetValue<double>().ToString("0.000", CultureInfo.InvariantCulture);
}
