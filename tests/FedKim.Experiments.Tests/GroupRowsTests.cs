using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Learning;

namespace FedKim.Experiments.Tests;

/// <summary>Rows of groups of the samples, below those of all.</summary>
public sealed class GroupRowsTests
{
    private static readonly int[] Labels = [.. Enumerable.Range(0, 80).Select(i => i % 2)];

    // Right of every second pair of samples alone.
    private static readonly double[] Scores = [.. Labels.Select((label, i) => i / 2 % 2 == 0 ? label - 0.5 + (i / 1000.0) : 0.5 - label)];

    // Every second pair of patients.
    private static string Sex(int sample) => sample / 2 % 2 == 0 ? "F" : "M";

    [Fact]
    public void Each_group_has_a_row_below_the_model_s_and_below_the_small_models_and_rates_of_its_own_samples()
    {
        var table = Table(Sex, small: true);

        Assert.Equal(
            [("model", null), ("model", "sex F"), ("model", "sex M"), ("small-models", null), ("small-models", "sex F"), ("small-models", "sex M"), ("constant", null), ("constant", null)],
            table.Rows.Select(row => (row.Answers, row.Group)));
        var (all, women, men) = (table.Rows[0], table.Rows[1], table.Rows[2]);
        Assert.Equal((1, 1), (women.Rates["accuracy"].Mean, women.Rates["auroc"].Mean));
        Assert.Equal((0, 0), (men.Rates["accuracy"].Mean, men.Rates["auroc"].Mean));
        Assert.Equal((80, 40, 40), (all.N, women.N, men.N));
        Assert.Equal((1.0, 1.0, 0.0, 0.0), (women.Low, women.High, men.Low, men.High));
        Assert.NotNull(all.Verdict);
        Assert.All(table.Rows.Where(row => row.Group is not null), row => Assert.Null(row.Verdict));
        // The small models are right the other way round.
        Assert.Equal((0, 1), (table.Rows[4].Rates["auroc"].Mean, table.Rows[5].Rates["auroc"].Mean));
    }

    [Fact]
    public void The_interval_is_of_the_group_s_patients_whatever_others_there_are()
    {
        double[] noisy = [.. Labels.Select((label, i) => label + (i * 37 % 80 / 40.0))];
        var alone = Table(sample => Sex(sample) == "F" ? "F" : null, scores: noisy).Rows[1];
        var beside = Table(Sex, scores: noisy).Rows[1];
        Assert.Equal((alone.Low, alone.High, alone.Rates["auroc"]), (beside.Low, beside.High, beside.Rates["auroc"]));
        Assert.True(alone.Low < alone.Rates["auroc"].Mean && alone.Rates["auroc"].Mean < alone.High);
        // Many samples of a patient say no more than one.
        var together = Table(Sex, scores: noisy, samplesOfPatient: 4).Rows[1];
        Assert.True(together.High - together.Low > 0);
        Assert.NotEqual((alone.Low, alone.High), (together.Low, together.High));
    }

    [Theory]
    [InlineData(9, true, 0)]
    [InlineData(10, true, 2)]
    [InlineData(10, false, 0)]
    public void A_few_patients_or_one_answer_alone_have_no_rates(int patients, bool both, int rates)
    {
        var row = Table(sample => (both ? sample : sample / 2) < patients && (both || sample % 2 == 0) ? "few" : "others").Rows[1];
        Assert.Equal(("sex few", patients, rates), (row.Group, row.N, row.Rates.Count));
        Assert.Equal(rates > 0, row.Low is not null);
    }

    [Fact]
    public void Groups_come_as_numbers_follow_each_other_then_names_then_who_is_not_known()
    {
        string[] names = ["unknown", "b", "9", "10 to 64", "a", "65 or more", "below 9"];
        var rows = Table(sample => names[sample % names.Length]).Rows.Where(row => row.Group is not null);
        Assert.Equal(["below 9", "9", "10 to 64", "65 or more", "a", "b", "unknown"], rows.Select(row => row.Group!["sex ".Length..]));
    }

    [Fact]
    public void A_row_is_the_mean_of_the_seeds_that_have_the_group()
    {
        var plan = Plan([1, 2, 3]);
        CellReport[] reports = [Report(Scores, Sex), Report([.. Scores.Select(score => -score)], Sex), Report(Scores, _ => null)];
        var rows = ResultTable.Of(plan.Tables[0], plan, plan.Cells.Zip(reports, KeyValuePair.Create).ToDictionary()).Rows;
        Assert.Equal((2, 0.5), (rows[1].Seeds, rows[1].Rates["auroc"].Mean));
    }

    [Fact]
    public void Without_groups_or_predictions_nothing_is_said_of_them()
    {
        Assert.All(Table(_ => null).Rows, row => Assert.Null(row.Group));
        var plan = Plan([1]);
        var table = ResultTable.Of(plan.Tables[0], plan, new Dictionary<Cell, CellReport> { [plan.Cells[0]] = Reports.Completed("fedkim", Reports.Entry(Reports.Pneumonia, "fedkim", 0.5)) });
        Assert.All(table.Rows, row => Assert.Null(row.Group));
        // A table that does not ask has none, though the predictions do.
        Assert.All(Table(Sex, Off).Rows, row => Assert.Null(row.Group));
    }

    [Fact]
    public void Generated_answers_are_told_of_groups_by_their_words()
    {
        string[] wanted = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? "left lung" : "right lung")];
        var said = wanted.Select((words, i) => new Prediction($"s{i}", $"p{i}", Reports.Pneumonia, "fedkim", 1, "test", null, null, i < 20 ? words : "heart", words) { Group = i < 20 ? "F" : "M" });
        var entry = Reports.Entry(Reports.Pneumonia, "fedkim", 0.5);
        (entry["n"], entry["bleu"]) = (40, SampleRate.Once("bleu", [.. said]));
        var plan = Plan([1], "bleu");
        var report = Reports.Completed("fedkim", entry).With(KeptPredictions.Of(said, "p.parquet"));
        var rows = ResultTable.Of(plan.Tables[0], plan, new Dictionary<Cell, CellReport> { [plan.Cells[0]] = report }).Rows;
        Assert.Equal((1, 0), (rows[1].Rates["bleu"].Mean, rows[2].Rates["bleu"].Mean));
        Assert.Equal((1.0, 0.0), (rows[1].Low, rows[2].High));
    }

    [Fact]
    public void Readers_are_told_of_groups_and_why_they_have_no_verdict()
    {
        string text = ResultsMarkdown.Of(Results(Sex), new Dictionary<string, string>(), []);
        Assert.Contains("|  | … of it: sex F | 1.000 | 1.000 | 1.000–1.000 | – | 40 | 1 |  |\n|  | … of it: sex M | 0.000 | 0.000 | 0.000–0.000 | – | 40 | 1 |  |\n", text);
        Assert.Contains("Groups have no verdicts", text);
        Assert.Contains("| … of it: sex a\\|b | – |", ResultsMarkdown.Of(Results(sample => sample < 3 ? "a|b" : "c"), new Dictionary<string, string>(), []));
        Assert.DoesNotContain("roups", ResultsMarkdown.Of(Results(Sex, Off), new Dictionary<string, string>(), []));
    }

    [Fact]
    public void Programs_find_the_group_in_a_field_of_its_own_and_none_where_no_table_asks()
    {
        var lines = Csv.Lines(ResultsCsv.Of(Results(Sex)));
        Assert.Equal(["", "", "sex F", "sex F", "sex M", "sex M", "", "", "", ""], lines.Select(line => line["group"]));
        Assert.Equal("1", lines.Single(line => line["group"] == "sex F" && line["rate"] == "auroc")["mean"]);
        var rows = JsonNode.Parse(ResultsJson.Of(Results(Sex)))!["tables"]![0]!["rows"]!.AsArray();
        Assert.Equal([null, "sex F", "sex M", null, null], rows.Select(row => (string?)row!["group"]));
        Assert.False(rows[0]!.AsObject().ContainsKey("group"));
        Assert.DoesNotContain("group", Csv.Lines(ResultsCsv.Of(Results(Sex, Off)))[0].Keys);
        Assert.DoesNotContain("\"group\"", ResultsJson.Of(Results(Sex, Off)));
    }

    [Fact]
    public void A_radar_draws_what_is_said_of_all()
    {
        var table = Table(Sex, small: true);
        Assert.Equal(Radar.Of(Table(Sex, Off, small: true)).Lines.Select(line => (line.Name, line.Values[0])), Radar.Of(table).Lines.Select(line => (line.Name, line.Values[0])));
    }

    [Fact]
    public void A_plan_keeps_what_is_asked_and_is_what_it_was_where_nothing_is()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        var plan = Plan([1]);
        string text = JsonSerializer.Serialize(plan, options);
        Assert.Equal("sex", JsonSerializer.Deserialize<ExperimentPlan>(text, options)!.Tables[0].Groups![Reports.Pneumonia]);
        Assert.DoesNotContain("groups", JsonSerializer.Serialize(Off(plan), options), StringComparison.OrdinalIgnoreCase);
    }

    private static ExperimentPlan Off(ExperimentPlan plan) => plan with { Tables = [plan.Tables[0] with { Groups = null }] };

    private static ExperimentPlan Plan(long[] seeds, params string[] rates)
    {
        var plan = Reports.Experiment(["kim"], seeds, [Reports.Pneumonia], rates is [] ? ["auroc", "accuracy"] : rates);
        return plan with { Tables = [plan.Tables[0] with { Groups = ImmutableSortedDictionary<string, string>.Empty.Add(Reports.Pneumonia, "sex") }] };
    }

    private static ResultTable Table(
        Func<int, string?> group, Func<ExperimentPlan, ExperimentPlan>? change = null, bool small = false, double[]? scores = null, int samplesOfPatient = 1) =>
        Results(group, change, small, scores, samplesOfPatient).Tables[0];

    private static ExperimentResults Results(
        Func<int, string?> group, Func<ExperimentPlan, ExperimentPlan>? change = null, bool small = false, double[]? scores = null, int samplesOfPatient = 1)
    {
        var plan = (change ?? (p => p))(Plan([1]));
        return ExperimentResults.Of(plan, [new CellOutcome(plan.Cells[0], CellState.Done, Report: Report(scores ?? Scores, group, small, samplesOfPatient))]);
    }

    private static CellReport Report(double[] scores, Func<int, string?> group, bool small = false, int samplesOfPatient = 1)
    {
        double[] other = [.. scores.Select(score => -score)];
        var report = Reports.Said(Labels, small ? [("fedkim", scores), (Method.SmallModels, other)] : [("fedkim", scores)], samplesOfPatient);
        IEnumerable<Prediction> Grouped(string method) => report.Predictions!.Of(Reports.Pneumonia, method).Select((p, i) => p with { Group = group(i) });
        return report.With(KeptPredictions.Of([.. Grouped("fedkim"), .. Grouped(Method.SmallModels)], "p.parquet"));
    }
}
