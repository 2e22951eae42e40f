using System.Globalization;
using CsvHelper;

namespace FedKim.Experiments;

/// <summary>
/// Results for other programs: one line a table, task, row and rate (RFC 4180). What was not measured has empty fields. Where a table asks for groups,
/// the last field says of which one a line is; it is empty where a line is of all samples.
/// </summary>
public static class ResultsCsv
{
    private static readonly string[] Header =
    [
        "table", "task", "method", "title", "answers", "rate", "mean", "deviation", "seeds", "n", "low", "high", "unparsed", "beats", "verdict",
    ];

    /// <summary>All tables in one text.</summary>
    public static string Of(ExperimentResults results)
    {
        bool grouped = results.Plan.Tables.Any(table => table.Groups is not null);
        var lines =
            from table in results.Tables
            from row in table.Rows
            from rate in table.Plan.Rates
            let value = row.Rates.GetValueOrDefault(rate)
            select (string[])
            [
                table.Plan.Key, row.Task, row.Method, row.Title, row.Answers, rate, Text(value?.Mean), Text(value?.Deviation), Text(value?.Seeds ?? 0), Text(row.N),
                Text(row.Low), Text(row.High), Text(row.Unparsed), row.Verdict?.Beats is { } beats ? beats ? "true" : "false" : "", row.Verdict?.Sentence ?? "",
                .. grouped ? [row.Group ?? ""] : Array.Empty<string>(),
            ];
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = CsvWriter.Create(text, new CsvWriterOptions { NewLine = "\n" }))
        {
            foreach (string[] line in lines.Prepend(grouped ? [.. Header, "group"] : Header))
                csv.WriteRecord(line);
        }
        return text.ToString();
    }

    private static string Text(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture) ?? "";
}
