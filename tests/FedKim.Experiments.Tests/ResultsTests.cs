using System.Text.Json.Nodes;
using FedKim.Learning;

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
            | pneumonia | **KIM** | 0.750 ± 0.071 | 0.000 ± 0.000 | 0.500–0.750 | 0.250 | 100 | 2 | no verdict: no predictions kept |
            |  | its small models alone | 0.900 | 0.000 | 0.500–0.750 | 0.250 | 100 | 1 of 2 |  |
            |  | **PLUG** | – | – | – | – | – | 0 of 2 | not measured |
            |  | *always-no* | 0.600 | 0.000 | | | | | |
            |  | *always-yes* | 0.400 | 0.570 | | | | | |
            | effusion | **KIM** | 0.650 | 0.000 | 0.500–0.750 | 0.250 | 100 | 1 of 2 | no verdict: no predictions kept |
            |  | **PLUG** | – | – | – | – | – | 0 of 2 | not measured |
            |  | *always-no* | 0.600 | 0.000 | | | | | |
            |  | *always-yes* | 0.400 | 0.570 | | | | | |

            Nothing was measured that could be compared.

            Not in the figure, for want of a number: plug.

            ## How the experts are weighed

            ![fedkim, seed 1](router-fedkim.png)

            fedkim, seed 1: It tells.

            """;

        string text = ResultsMarkdown.Of(Results, new Dictionary<string, string> { ["table"] = "table.png" }, [("fedkim, seed 1", "router-fedkim.png", "It tells.")]);

        Assert.Equal(Expected, text[text.IndexOf("## A table", StringComparison.Ordinal)..]);
    }

    [Fact]
    public void Controls_stand_below_the_model_that_they_are_of_and_say_what_they_lack()
    {
        int[] labels = [.. Enumerable.Range(0, 60).Select(i => i % 2)];
        double[] good = [.. labels.Select((label, i) => label + (i * 7 % 60 / 120.0))], bad = [.. labels.Select((_, i) => (double)(i * 7 % 60))];
        var plan = Reports.Experiment(["kim"], [1], [Reports.Pneumonia], "auroc");
        string[] methods = [Learning.Method.SmallModels, Control.BareModel, Control.ShuffledFeatures, Control.PromptOf("lung-opacity"), Control.Shortcut];
        var report = Reports.Said(labels, [("fedkim", good), .. methods.Select(method => (method, bad))]);

        string text = ResultsMarkdown.Of(ExperimentResults.Of(plan, [new CellOutcome(plan.Cells[0], CellState.Done, Report: report)]), new Dictionary<string, string>(), []);

        string[] rows = [.. text.Split('\n').Where(line => line.StartsWith("|", StringComparison.Ordinal)).Skip(2).Select(line => line.Split('|')[2].Trim())];
        Assert.Equal(
            ["**KIM**", "its small models alone", "the foundation model as it came, by the question alone", "its model, with other samples' features",
                "its model, by the question of lung-opacity", "a regression on mean and deviation, or on hours and cells", "*always-no*", "*always-yes*"], rows);
        Assert.Contains(
            "Against the bare foundation model, 1 of 1 model is shown to help (KIM on pneumonia), 0 to hurt. Against a shortcut, 1 of 1 model is shown to help (KIM on pneumonia), 0 to hurt. Against every constant answer,", text);
    }

    [Fact]
    public void Readers_are_told_of_each_kind_of_rival_how_many_of_those_who_have_one_are_better()
    {
        int[] labels = [.. Enumerable.Range(0, 60).Select(i => i % 2)];
        double[] good = [.. labels.Select((label, i) => label + (i * 7 % 60 / 120.0))], bad = [.. labels.Select((_, i) => (double)(i * 7 % 60))];
        var plan = Reports.Experiment(["kim", "plug", "pub", "plain"], [1], [Reports.Pneumonia], "auroc");
        CellReport[] reports = [Reports.Scored(labels, good, bad), Reports.Scored(labels, bad, good), Reports.Scored(labels, good), Reports.Scored(labels, bad, bad)];
        var results = ExperimentResults.Of(plan, plan.Cells.Zip(reports, (cell, report) => new CellOutcome(cell, CellState.Done, Report: report)));

        Assert.Contains(
            """
            Against their small models, 1 of 3 models is shown to help (KIM on pneumonia), 1 to hurt (PLUG on pneumonia). Against every constant answer, 2 of 4 models are shown to help (KIM and PUB on pneumonia), 0 to hurt. The 7 intervals are, all together, of 95 % (Bonferroni).
            """,
            ResultsMarkdown.Of(results, new Dictionary<string, string>(), []));
    }

    [Fact]
    public void Readers_are_told_who_has_no_predictions_and_which_rate_some_seeds_lack()
    {
        var plan = Reports.Experiment(["kim"], [1, 2], [Reports.Pneumonia], "precision");
        var first = Reports.Entry("pneumonia", "fedkim", 0.5);
        first["precision"] = null;
        var results = ExperimentResults.Of(plan,
        [
            new CellOutcome(plan.Cells[0], CellState.Done, Report: Reports.Completed("fedkim", first) with { Unkept = "its files\nare gone" }),
            new CellOutcome(plan.Cells[1], CellState.Done, Report: Reports.Completed("fedkim", Reports.Entry("pneumonia", "fedkim", 0.5))),
        ]);

        string text = ResultsMarkdown.Of(results, new Dictionary<string, string>(), []);

        Assert.Contains("\n- kim-seed1 has no predictions, and no verdict: its files are gone\n", text);
        Assert.Contains("| **KIM** | 0.500 (1 of 2) |", text);
    }

    [Fact]
    public void A_rate_without_positive_samples_is_a_dash_and_an_empty_field_and_never_0()
    {
        int[] labels = new int[40];
        string[] rates = ["recall", "auroc", "auprc", "sensitivity-at-0.9"];
        var plan = Reports.Experiment(["kim"], [1], [Reports.Pneumonia], rates);
        double?[] made = [.. rates.Select(rate => SampleRate.Once(rate, [.. Reports.Said("fedkim", labels, new double[40])]))];
        var entry = Reports.Entry("pneumonia", "fedkim", 1, auroc: made[1]);
        (entry["recall"], entry["n"]) = (made[0], 40);
        var report = Reports.Completed("fedkim", entry).With(KeptPredictions.Of(Reports.Said("fedkim", labels, new double[40]), "p.parquet"));
        var results = ExperimentResults.Of(plan, [new CellOutcome(plan.Cells[0], CellState.Done, Report: report)]);

        Assert.Equal("", report.Unkept);
        Assert.Contains("| pneumonia | **KIM** | – | – | – | – |", ResultsMarkdown.Of(results, new Dictionary<string, string>(), []));
        Assert.All(Csv.Lines(ResultsCsv.Of(results)).Where(line => line["answers"] == "model"), line => Assert.Equal(("", "0"), (line["mean"], line["seeds"])));
    }

    [Fact]
    public void Readers_are_told_what_a_table_stands_for_and_what_was_done_otherwise()
    {
        var plan = Results.Plan with { Deviations = ["Fewer rounds.", "Others'\ndata."], Tables = [Results.Plan.Tables[0] with { StandsFor = "Table 3" }] };
        var results = ExperimentResults.Of(plan, Results.Cells);

        string text = ResultsMarkdown.Of(results, new Dictionary<string, string>(), []);

        Assert.Contains("## A table\n\nStands for: Table 3\n\n| task |", text);
        Assert.EndsWith("## Otherwise than what the tables stand for\n\n- Fewer rounds.\n- Others' data.\n", text);
        var json = JsonNode.Parse(ResultsJson.Of(results))!;
        Assert.Equal(("Table 3", 2), ((string?)json["tables"]![0]!["standsFor"], json["deviations"]!.AsArray().Count));
    }

    [Fact]
    public void Readers_are_told_which_federations_failed_and_why()
    {
        string text = ResultsMarkdown.Of(Results, new Dictionary<string, string>(), []);
        Assert.Contains("2 of 4 federations are done: 2 methods under the seeds 1, 2. 1 has not run to its end.\n- plug-seed1 failed: Round 1 failed: no quorum.\n", text);
    }

    [Fact]
    public void Programs_read_one_line_a_rate_with_empty_fields_for_what_is_missing()
    {
        var lines = Csv.Lines(ResultsCsv.Of(Results));

        Assert.Equal(Results.Tables[0].Rows.Length * 2, lines.Count);
        var kim = lines.First(l => l["method"] == "kim" && l["task"] == "pneumonia" && l["rate"] == "accuracy");
        Assert.Equal(("0.75", "2", "100", ""), (kim["mean"], kim["seeds"], kim["n"], kim["beats"]));
        Assert.Equal(Results.Tables[0].Rows[0].Verdict!.Sentence, kim["verdict"]);
        Assert.All(lines.Where(l => l["method"] == "plug"), l => Assert.Equal(("", "", "0", "not measured"), (l["mean"], l["low"], l["seeds"], l["verdict"])));
    }

    [Fact]
    public void Json_gives_the_same_numbers()
    {
        var json = JsonNode.Parse(ResultsJson.Of(Results))!;

        Assert.Equal(["done", "failed", "done", "open"], json["cells"]!.AsArray().Select(c => (string)c!["state"]!));
        var kim = json["tables"]![0]!["rows"]![0]!;
        Assert.Equal((0.75, 2), ((double)kim["rates"]!["accuracy"]!["mean"]!, (int)kim["rates"]!["accuracy"]!["seeds"]!));
        Assert.Equal((100, 0.5), ((int)kim["n"]!, (double)kim["low"]!));
        Assert.Equal("no verdict: no predictions kept", (string?)kim["verdict"]);
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
