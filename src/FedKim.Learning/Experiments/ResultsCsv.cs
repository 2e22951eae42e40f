using System.Globalization;
using CsvHelper;

namespace FedKim.Learning.Experiments;

/// <summary>Results for other programs: one line a table, task, row and rate (RFC 4180). What was not measured has empty fields.</summary>
public static class ResultsCsv
{
    /// <summary>All tables in one text.</summary>
    public static string Of(ExperimentResults results)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using (var csv = new CsvWriter(text, new CsvHelper.Configuration.CsvConfiguration(CultureInfo.InvariantCulture) { NewLine = "\n" }))
        {
            csv.WriteRecords(
                from table in results.Tables
                from row in table.Rows
                from rate in table.Plan.Rates
                let value = row.Rates.GetValueOrDefault(rate)
                select new
                {
                    table = table.Plan.Key,
                    task = row.Task,
                    method = row.Method,
                    title = row.Title,
                    answers = row.Answers,
                    rate,
                    mean = value?.Mean,
                    deviation = value?.Deviation,
                    seeds = value?.Seeds ?? 0,
                    n = row.N,
                    low = row.Low,
                    high = row.High,
                    unparsed = row.Unparsed,
                    beats = row.Verdict?.Beats,
                    verdict = row.Verdict?.Sentence,
                });
        }
        return text.ToString();
    }
}
