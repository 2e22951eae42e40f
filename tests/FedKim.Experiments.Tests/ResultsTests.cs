using System.Text.Json.Nodes;
using CsvHelper;

namespace FedKim.Experiments.Tests;

public sealed class ResultsTests
{
    // Two methods under two seeds: one cell failed, one did not run, and nobody measured the second task under the second method.
    private static readonly ExperimentResults Results = Of();

    [Fact]
    public void Readers_see_every_number_with_its_spread_what_is_missing_and_what_it_is_worth()
    {
        const string Expected = """
            ## A table

            ![A table](table.png)

            | task | method | accuracy | F1 | 95 % | unparsed | n | seeds | verdict |
            |---|---|---:|---:|---:|---:|---:|---:|---|
            | pneumonia | **KIM** | 0.750 ± 0.071 | 0.000 ± 0.000 | 0.500–0.750 | 0.250 | 100 | 2 | does not beat the small models (0.900); beats always-no, the best constant answer (0.600) |
            |  | its small models alone | 0.900 | 0.000 | 0.500–0.750 | 0.250 | 100 | 1 of 2 |  |
            |  | **PLUG** | – | – | – | – | – | 0 of 2 | not measured |
            |  | *always-no* | 0.600 | 0.000 | | | | | |
            |  | *always-yes* | 0.400 | 0.570 | | | | | |
            | effusion | **KIM** | 0.650 | 0.000 | 0.500–0.750 | 0.250 | 100 | 1 of 2 | beats always-no, the best constant answer (0.600) |
            |  | **PLUG** | – | – | – | – | – | 0 of 2 | not measured |
            |  | *always-no* | 0.600 | 0.000 | | | | | |
            |  | *always-yes* | 0.400 | 0.570 | | | | | |

            1 of 2 models beat their small models and every constant answer. Not so: KIM on pneumonia.

            Not in the figure, for want of a number: plug.

            ## How the experts are weighed

            ![fedkim, seed 1](router-fedkim.png)

            fedkim, seed 1: It tells.

            """;

        string text = ResultsMarkdown.Of(Results, new Dictionary<string, string> { ["table"] = "table.png" }, [("fedkim, seed 1", "router-fedkim.png", "It tells.")]);

        Assert.Equal(Expected, text[text.IndexOf("## A table", StringComparison.Ordinal)..]);
    }

    [Fact]
    public void Readers_are_told_task_by_task_who_beats_nothing()
    {
        var plan = Reports.Experiment(["kim", "plug"], [1], [Reports.Pneumonia, Reports.Effusion], "accuracy");
        var results = ExperimentResults.Of(plan, plan.Cells.Select(cell => new CellOutcome(cell, CellState.Done, Report: Reports.Completed(
            "fedkim", Reports.Entry("pneumonia", "fedkim", 0.5), Reports.Entry("effusion", "fedkim", cell.Method == "kim" ? 0.7 : 0.5)))));

        Assert.Contains(
            "1 of 4 models beat their small models and every constant answer. Not so: none on pneumonia; PLUG on effusion.",
            ResultsMarkdown.Of(results, new Dictionary<string, string>(), []));
    }

    [Fact]
    public void Readers_are_told_which_federations_failed_and_why()
    {
        string text = ResultsMarkdown.Of(Results, new Dictionary<string, string>(), []);
        Assert.Contains("2 of 4 federations are done: 2 methods under the seeds 1, 2. 1 have not run to their end.\n- plug-seed1 failed: Round 1 failed: no quorum.\n", text);
    }

    [Fact]
    public void Programs_read_one_line_a_rate_with_empty_fields_for_what_is_missing()
    {
        var lines = Lines(ResultsCsv.Of(Results));

        Assert.Equal(Results.Tables[0].Rows.Length * 2, lines.Count);
        var kim = lines.First(l => l["method"] == "kim" && l["task"] == "pneumonia" && l["rate"] == "accuracy");
        Assert.Equal(("0.75", "2", "100", "false"), (kim["mean"], kim["seeds"], kim["n"], kim["beats"]));
        Assert.Equal(Results.Tables[0].Rows[0].Verdict!.Sentence, kim["verdict"]);
        Assert.All(lines.Where(l => l["method"] == "plug"), l => Assert.Equal(("", "", "0", "not measured"), (l["mean"], l["low"], l["seeds"], l["verdict"])));
    }

    private static List<Dictionary<string, string>> Lines(string text)
    {
        using var csv = CsvReader.Create(new StringReader(text), new CsvReaderOptions { HasHeader = false });
        var lines = new List<string[]>();
        while (csv.Read())
            lines.Add(csv.Current.ToArray());
        return [.. lines.Skip(1).Select(line => lines[0].Zip(line, KeyValuePair.Create).ToDictionary())];
    }

    [Fact]
    public void Json_gives_the_same_numbers()
    {
        var json = JsonNode.Parse(ResultsJson.Of(Results))!;

        Assert.Equal(["done", "failed", "done", "open"], json["cells"]!.AsArray().Select(c => (string)c!["state"]!));
        var kim = json["tables"]![0]!["rows"]![0]!;
        Assert.Equal((0.75, 2), ((double)kim["rates"]!["accuracy"]!["mean"]!, (int)kim["rates"]!["accuracy"]!["seeds"]!));
        Assert.Equal((100, 0.5, false), ((int)kim["n"]!, (double)kim["low"]!, (bool)kim["beats"]!));
        Assert.Empty(json["tables"]![0]!["rows"]![2]!["rates"]!.AsObject());
    }

    private static ExperimentResults Of()
    {
        var plan = Reports.Experiment(["kim", "plug"], [1, 2], [Reports.Pneumonia, Reports.Effusion], "accuracy", "f1");
        var first = Reports.Completed("fedkim", Reports.Entry("pneumonia", "fedkim", 0.7), Reports.Entry("pneumonia", "small-models", 0.9), Reports.Entry("effusion", "fedkim", 0.65));
        var second = Reports.Completed("fedkim", Reports.Entry("pneumonia", "fedkim", 0.8));
        return ExperimentResults.Of(plan,
        [
            new CellOutcome(plan.Cells[0], CellState.Done, Report: first),
            new CellOutcome(plan.Cells[1], CellState.Failed, "Round 1 failed:\nno quorum."),
            new CellOutcome(plan.Cells[2], CellState.Done, Report: second),
            new CellOutcome(plan.Cells[3], CellState.Open),
        ]);
    }
}
