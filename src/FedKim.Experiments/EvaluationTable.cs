using System.Collections.Immutable;
using System.Globalization;
using FedKim.Learning;
using Spectre.Console;

namespace FedKim.Experiments;

/// <summary>A report's evaluation as a table for people: a row a task and method, beside it the best that an answer which is always the same reaches.</summary>
public static class EvaluationTable
{
    // Where there is no terminal there is no width to keep to, and a figure broken over lines is none.
    private const int WithoutTerminal = 160;

    /// <summary>Prints the table, below it what it shows of each task, and what is to be said of the router, where there is one.</summary>
    public static void Print(ImmutableArray<TaskEvaluation> evaluation, ImmutableArray<TaskRouting> routing)
    {
        int width = Console.IsOutputRedirected ? WithoutTerminal : AnsiConsole.Profile.Width;
        string[] router = routing.IsEmpty ? [] : [.. RoutingTable.Of(routing, width), RoutingTable.Verdict(routing), ""];
        foreach (string line in (string[])["", .. Of(evaluation, width), "", .. EvaluationSentences.Of(evaluation), "", .. router])
            Console.WriteLine(line);
    }

    /// <summary>The table's lines, without the columns that say least where it would be wider than it may be.</summary>
    /// <param name="evaluation">What was measured.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static IEnumerable<string> Of(ImmutableArray<TaskEvaluation> evaluation, int width) => FigureTable.Lines(Columns(evaluation), width);

    private static IEnumerable<FigureColumn> Columns(ImmutableArray<TaskEvaluation> evaluation)
    {
        // A task's name stands before its first row.
        yield return new FigureColumn("task", [.. evaluation.Select((e, i) => i > 0 && evaluation[i - 1].Task == e.Task ? "" : e.Task)], IsText: true);
        yield return new FigureColumn("kind", [.. evaluation.Select((e, i) => i > 0 && evaluation[i - 1].Task == e.Task ? "" : e.Kind)], 5, IsText: true);
        yield return new FigureColumn("method", Cells(e => e.Method), IsText: true);
        yield return new FigureColumn("n", Cells(e => e.N.ToString(CultureInfo.InvariantCulture)), 2);
        yield return new FigureColumn("acc.", Cells(e => Share(e.Accuracy)));
        yield return new FigureColumn("prec.", Cells(e => Share(e.Precision)), 4);
        yield return new FigureColumn("recall", Cells(e => Share(e.Recall)), 3);
        yield return new FigureColumn("F1", Cells(e => Share(e.F1)), 1);
        yield return new FigureColumn("AUROC", Cells(e => Share(e.Auroc)));
        yield return new FigureColumn("95 %", Cells(e => e.Low is null ? "" : $"{Share(e.Low)}–{Share(e.High)}"));
        yield return new FigureColumn("BLEU", Cells(e => Share(e.Bleu)));
        yield return new FigureColumn("constant", Cells(Constant));

        ImmutableArray<string> Cells(Func<TaskEvaluation, string> cell) => [.. evaluation.Select(cell)];
    }

    // By the first of its figures: of a decision the accuracy, of what is generated BLEU.
    private static string Constant(TaskEvaluation e) => e.Trivial.IsEmpty ? "" : Share(e.Trivial.Values.Max(answer => answer.Accuracy ?? answer.Bleu));

    private static string Share(double? share) => share is { } some ? Rate.Text(some) : "";
}
