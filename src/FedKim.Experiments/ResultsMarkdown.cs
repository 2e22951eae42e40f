using System.Globalization;
using System.Text;

namespace FedKim.Experiments;

/// <summary>Results for readers.</summary>
public static class ResultsMarkdown
{
    private const string Missing = "–";

    private const string HowToRead = """
        Rates lie in 0 to 1: the mean over the seeds ± the sample's standard deviation between them. *95 %* is the bootstrap's interval of AUROC, of
        BLEU for generated answers, on the test samples; its ends are the means of the seeds' ends, so it tells what the choice of
        samples may change, and the deviation what the seed does. *Unparsed* is the share of outputs that were no answer.
        Under a method stand its small models alone, which answer without the foundation model, and under each task the answers that are the
        same for every sample. A verdict compares by the table's first rate. – was not measured.
        """;

    /// <summary>Everything in one text.</summary>
    /// <param name="results">The results.</param>
    /// <param name="figures">Table → the file name of its figure, where one was drawn.</param>
    /// <param name="routers">Each method's router: whose, the file name of its figure, and whether it tells the tasks apart.</param>
    public static string Of(ExperimentResults results, IReadOnlyDictionary<string, string> figures, IReadOnlyList<(string Title, string File, string Verdict)> routers)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {results.Plan.Name}\n\n{Cells(results)}\n\n{HowToRead.ReplaceLineEndings("\n")}\n");
        foreach (var table in results.Tables)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {table.Plan.Title}\n\n");
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
        return text.ToString();
    }

    private static string Cells(ExperimentResults results)
    {
        int done = results.Cells.Count(c => c.State == CellState.Done), open = results.Cells.Count(c => c.State == CellState.Open);
        var failed = results.Cells.Where(c => c.State == CellState.Failed).Select(c => $"\n- {c.Cell} failed: {Line(c.Cause)}");
        return $"{done} of {results.Cells.Length} federations are done: {results.Plan.Methods.Length} methods under the seeds {string.Join(", ", results.Plan.Seeds)}."
            + (open > 0 ? $" {open} have not run to their end." : "") + string.Concat(failed);
    }

    private static void Append(StringBuilder text, ResultTable table)
    {
        text.Append(CultureInfo.InvariantCulture, $"| task | method | {string.Join(" | ", table.Plan.Rates.Select(Rate.Title))} | 95 % | unparsed | n | seeds | verdict |\n");
        text.Append(CultureInfo.InvariantCulture, $"|---|---|{string.Concat(table.Plan.Rates.Select(_ => "---:|"))}---:|---:|---:|---:|---|\n");
        string task = "";
        foreach (var row in table.Rows)
        {
            string title = row.Answers switch
            {
                ResultRow.SmallModels => "its small models alone",
                ResultRow.Constant => $"*{row.Title}*",
                _ => $"**{row.Title}**",
            };
            var rates = table.Plan.Rates.Select(rate => row.Rates.GetValueOrDefault(rate) switch
            {
                null => Missing,
                // The same on the same samples, whatever the seed.
                { } value when row.Answers == ResultRow.Constant => Rate.Text(value.Mean),
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

    private static string Summary(ResultTable table)
    {
        var judged = table.Rows.Where(row => row.Verdict?.Beats is not null).ToList();
        var behind = judged.Where(row => row.Verdict!.Beats == false).ToList();
        var tasks = behind.GroupBy(row => row.Task)
            .Select(task => task.Count() is > 1 and var all && all == judged.Count(row => row.Task == task.Key) ? $"none on {task.Key}" : $"{string.Join(" and ", task.Select(row => row.Title))} on {task.Key}");
        return (judged.Count, behind.Count) switch
        {
            (0, _) => "Nothing was measured that could be compared.",
            (_, 0) => "Every model beats its small models and every constant answer.",
            _ => $"{judged.Count - behind.Count} of {judged.Count} models beat their small models and every constant answer. Not so: {string.Join("; ", tasks)}.",
        };
    }

    private static string Interval(ResultRow row) => row is { Low: { } low, High: { } high } ? $"{Rate.Text(low)}–{Rate.Text(high)}" : Missing;

    private static string Share(double? share) => share is { } value ? Rate.Text(value) : Missing;

    private static string Seeds(ResultRow row, ResultTable table) =>
        row.Seeds == table.Seeds ? row.Seeds.ToString(CultureInfo.InvariantCulture) : $"{row.Seeds} of {table.Seeds}";

    private static string Cell(string text) => Line(text).Replace("|", "\\|", StringComparison.Ordinal);

    private static string Line(string text) => text.ReplaceLineEndings(" ").Trim();
}
