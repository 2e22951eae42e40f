using System.Collections.Immutable;
using System.Globalization;
using FedKim.Learning;
using Spectre.Console;

namespace FedKim.Experiments;

/// <summary>A report's evaluation as a table for people: every task with the injected model, the small models alone, and constant answers.</summary>
public static class EvaluationTable
{
    /// <summary>Prints the table, and below it what is to be said of the router, where there is one.</summary>
    public static void Print(ImmutableArray<TaskEvaluation> evaluation, ImmutableArray<TaskRouting> routing)
    {
        // Where there is no terminal there is no width to keep to, and a figure broken over lines is none.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 160;
        AnsiConsole.Write(Of(evaluation));
        if (routing.IsEmpty)
            return;
        AnsiConsole.Write(RoutingTable.Of(routing));
        Console.WriteLine(RoutingTable.Verdict(routing));
    }

    /// <summary>The table.</summary>
    public static Table Of(ImmutableArray<TaskEvaluation> evaluation)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (string words in (string[])["task", "kind", "method"])
            table.AddColumn(new TableColumn(words).NoWrap());
        foreach (string figure in (string[])["n", "acc.", "prec.", "recall", "F1", "AUROC", "95 %", "BLEU"])
            table.AddColumn(new TableColumn(figure).RightAligned().NoWrap());

        foreach (var task in evaluation.GroupBy(e => e.Task))
        {
            foreach (var e in task)
            {
                string who = e.Decoder is null ? e.Method : $"{e.Method} ({e.Decoder})";
                table.AddRow(
                    Markup.Escape(task.Key), e.Kind, Markup.Escape(who), e.N.ToString(CultureInfo.InvariantCulture), Share(e.Accuracy), Share(e.Precision),
                    Share(e.Recall), Share(e.F1), Share(e.Auroc), e.Low is null ? "" : $"{Share(e.Low)}–{Share(e.High)}", Share(e.Bleu));
            }
            foreach (var (name, t) in task.First().Trivial)
                table.AddRow("", "", $"[grey]{Markup.Escape(name)}[/]", "", Share(t.Accuracy), Share(t.Precision), Share(t.Recall), Share(t.F1), "", "", "");
        }
        return table;
    }

    private static string Share(double? share) => share is { } some ? Rate.Text(some) : "";
}
