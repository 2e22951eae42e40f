using System.Globalization;
using System.Text;
using FedKim.Learning;

namespace FedKim.Experiments;

/// <summary>Results for readers.</summary>
public static class ResultsMarkdown
{
    private const string Missing = "–";

    private const string HowToRead = """
        Rates lie in 0 to 1: the mean over the seeds ± the sample's standard deviation between them. *95 %* is the bootstrap's interval of AUROC, of
        BLEU for generated answers, on the test samples; its ends are the means of the seeds' ends, so it tells what the choice of
        samples may change, and the deviation what the seed does. *Unparsed* is the share of outputs that were no answer.
        Under a method stand its small models alone, which answer without the foundation model; a task that none was trained on they answer by the
        decoder of the trained task that does best on development data, among those of the same modalities. Under each task stand the answers that are the
        same for every sample. A verdict compares by the table's first rate, on the same patients: the difference, and the interval that the
        bootstrap over patients gives it, so wide that all intervals of a table hold together. It tells what other patients may change, and
        not what other seeds may. *helps* and *hurts* mean that 0 lies outside; otherwise no difference is shown, which does not mean that there
        is none. – was not measured, or is a rate over nothing.
        """;

    private const string HowToReadGroups = """
        Rows *of it* are of a group of the same samples: their interval is of AUROC, or of BLEU, by the bootstrap over the group's patients, and there are rates where the
        group has ten patients and both answers. Groups have no verdicts: with so many comparisons some would differ by chance alone. What a group
        shows is to be asked again of others.
        """;

    /// <summary>Everything in one text.</summary>
    /// <param name="results">The results.</param>
    /// <param name="figures">Table → the file name of its figure, where one was drawn.</param>
    /// <param name="routers">Each method's router: whose, the file name of its figure, and whether it tells the tasks apart.</param>
    public static string Of(ExperimentResults results, IReadOnlyDictionary<string, string> figures, IReadOnlyList<(string Title, string File, string Verdict)> routers)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {results.Plan.Name}\n\n{Cells(results)}\n\n{HowToRead.ReplaceLineEndings("\n")}\n");
        if (results.Plan.Tables.Any(table => table.Groups is not null))
            text.Append(CultureInfo.InvariantCulture, $"\n{HowToReadGroups.ReplaceLineEndings("\n")}\n");
        foreach (var table in results.Tables)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {table.Plan.Title}\n\n");
            if (table.Plan.StandsFor is { } published)
                text.Append(CultureInfo.InvariantCulture, $"Stands for: {published}\n\n");
            if (figures.TryGetValue(table.Plan.Key, out string? figure))
                text.Append(CultureInfo.InvariantCulture, $"![{table.Plan.Title}]({figure})\n\n");
            Append(text, table);
            if (figure is not null && Radar.Of(table) is { LeftOut: not [] } radar)
                text.Append(CultureInfo.InvariantCulture, $"\nNot in the figure, for want of a number: {string.Join(", ", radar.LeftOut)}.\n");
        }
        if (routers.Count > 0)
            text.Append("\n## How the experts are weighed\n");
        foreach (var (title, file, verdict) in routers)
            text.Append(CultureInfo.InvariantCulture, $"\n![{title}]({file})\n\n{title}: {verdict}\n");
        if (results.Plan.Deviations is { } deviations)
            text.Append(CultureInfo.InvariantCulture, $"\n## Otherwise than what the tables stand for\n\n{string.Concat(deviations.Select(deviation => $"- {Line(deviation)}\n"))}");
        return text.ToString();
    }

    private static string Cells(ExperimentResults results)
    {
        int done = results.Cells.Count(c => c.State == CellState.Done), open = results.Cells.Count(c => c.State == CellState.Open);
        var failed = results.Cells.Where(c => c.State == CellState.Failed).Select(c => $"\n- {c.Cell} failed: {Line(c.Cause)}");
        var unkept = results.Cells.Where(c => c.Report is { Unkept: not "" }).Select(c => $"\n- {c.Cell} has no predictions, and no verdict: {Line(c.Report!.Unkept)}");
        return $"{done} of {results.Cells.Length} federations are done: {results.Plan.Methods.Length} methods under the seeds {string.Join(", ", results.Plan.Seeds)}."
            + (open > 0 ? $" {open} {(open == 1 ? "has" : "have")} not run to {(open == 1 ? "its" : "their")} end." : "") + string.Concat(failed) + string.Concat(unkept);
    }

    private static void Append(StringBuilder text, ResultTable table)
    {
        text.Append(CultureInfo.InvariantCulture, $"| task | method | {string.Join(" | ", table.Plan.Rates.Select(Rate.Title))} | 95 % | unparsed | n | seeds | verdict |\n");
        text.Append(CultureInfo.InvariantCulture, $"|---|---|{string.Concat(table.Plan.Rates.Select(_ => "---:|"))}---:|---:|---:|---:|---|\n");
        string task = "";
        foreach (var row in table.Rows)
        {
            string title = row.Group is { } group ? $"… of it: {group}" : row.Answers switch
            {
                ResultRow.SmallModels when row.Decoders.Length > 0 => $"its small models alone, by the decoder of {string.Join(" or ", row.Decoders)}",
                ResultRow.SmallModels => "its small models alone",
                ResultRow.Control => Controlled(row.Title),
                ResultRow.Constant => $"*{row.Title}*",
                _ => $"**{row.Title}**",
            };
            var rates = table.Plan.Rates.Select(rate => row.Rates.GetValueOrDefault(rate) switch
            {
                null => Missing,
                // The same on the same samples, whatever the seed.
                { } value when row.Answers == ResultRow.Constant => Rate.Text(value.Mean),
                // A seed under which it is a rate over nothing has none.
                { } value when value.Seeds < row.Seeds => $"{value} ({value.Seeds} of {row.Seeds})",
                { } value => value.ToString(),
            });
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(row.Task == task ? "" : row.Task)} | {Cell(title)} | {string.Join(" | ", rates)} | ");
            text.Append(row.Answers == ResultRow.Constant
                ? "| | | | |\n"
                : string.Create(CultureInfo.InvariantCulture, $"{Interval(row)} | {Share(row.Unparsed)} | {row.N?.ToString(CultureInfo.InvariantCulture) ?? Missing} | {Seeds(row, table)} | {Cell(row.Verdict?.Sentence ?? "")} |\n"));
            task = row.Task;
        }
        text.Append(CultureInfo.InvariantCulture, $"\n{Summary(table)}\n");
    }

    private static string Controlled(string control) => control switch
    {
        Control.BareModel => "the foundation model as it came, by the question alone",
        Control.ShuffledFeatures => "its model, with other samples' features",
        Control.Shortcut => "a regression on mean and deviation, or on hours and cells",
        _ => $"its model, by the question of {Control.AskerOf(control)}",
    };

    private static string Summary(ResultTable table)
    {
        var judged = table.Rows.Where(row => row.Verdict is { Comparisons.IsEmpty: false }).ToList();
        int comparisons = judged.Sum(row => row.Verdict!.Comparisons.Length);
        // Each counts only the models that were compared with such a rival.
        string[] named = [.. judged.SelectMany(row => row.Verdict!.Comparisons.Select(c => c.Against)).Where(Verdicts.IsNamed).Distinct(StringComparer.Ordinal)];
        string[] told = [.. named.Select(rival => Told(rival == Verdicts.SmallModels ? "their small models" : rival, c => c.Against == rival)), Told("every constant answer", c => !Verdicts.IsNamed(c.Against))];
        return comparisons == 0 ? "Nothing was measured that could be compared."
            : $"{string.Join(" ", told.Where(words => words.Length > 0))} The {(comparisons == 1 ? "interval is" : $"{comparisons} intervals are, all together,")} of 95 % (Bonferroni).";

        string Told(string rivals, Func<Comparison, bool> isOne)
        {
            var models = judged.Select(row => (row.Task, row.Title, Words: row.Verdict!.Comparisons.Where(isOne).Select(c => c.Word).ToList()))
                .Where(model => model.Words.Count > 0).ToList();
            if (models.Count == 0)
                return "";
            var hurt = models.Where(model => model.Words.Contains(Comparison.Hurts)).ToList();
            var helped = models.Where(model => model.Words.All(word => word == Comparison.Helps)).ToList();
            return $"Against {rivals}, {helped.Count} of {models.Count} {(models.Count == 1 ? "model" : "models")} "
                + $"{(helped.Count == 1 ? "is" : "are")} shown to help{Names(helped)}, {hurt.Count} to hurt{Names(hurt)}.";

            string Names(List<(string Task, string Title, List<string> Words)> some) => some.Count == 0 ? "" : $" ({string.Join("; ", some.GroupBy(model => model.Task).Select(OnTask))})";

            string OnTask(IGrouping<string, (string Task, string Title, List<string> Words)> task) =>
                task.Count() is > 1 and var all && all == models.Count(model => model.Task == task.Key)
                    ? $"all on {task.Key}"
                    : $"{string.Join(" and ", task.Select(model => model.Title))} on {task.Key}";
        }
    }

    private static string Interval(ResultRow row) => row is { Low: { } low, High: { } high } ? $"{Rate.Text(low)}–{Rate.Text(high)}" : Missing;

    private static string Share(double? share) => share is { } value ? Rate.Text(value) : Missing;

    private static string Seeds(ResultRow row, ResultTable table) =>
        row.Seeds == table.Seeds ? row.Seeds.ToString(CultureInfo.InvariantCulture) : $"{row.Seeds} of {table.Seeds}";

    private static string Cell(string text) => Line(text).Replace("|", "\\|", StringComparison.Ordinal);

    private static string Line(string text) => text.ReplaceLineEndings(" ").Trim();
}
