using System.Collections.Immutable;
using CsCheck;

namespace FedKim.Experiments.Tests;

public sealed class ResultTableTests
{
    [Fact]
    public void A_row_is_the_mean_of_its_seeds_beside_its_small_models_and_the_constant_answers()
    {
        var plan = Reports.Experiment(["kim"], [1, 2], [Reports.Pneumonia], "accuracy", "auroc");
        var table = Table(plan, new()
        {
            [new Cell("kim", 1)] = Reports.Completed("fedkim", Reports.Entry("pneumonia", "fedkim", 0.7, 0.8), Reports.Entry("pneumonia", "small-models", 0.9, 0.95)),
            [new Cell("kim", 2)] = Reports.Completed("fedkim", Reports.Entry("pneumonia", "fedkim", 0.8, 0.9), Reports.Entry("pneumonia", "small-models", 0.9, 0.95)),
        });

        Assert.Equal([ResultRow.OwnAnswers, ResultRow.SmallModels, ResultRow.Constant, ResultRow.Constant], table.Rows.Select(r => r.Answers));
        Assert.Equal("0.750 ± 0.071", table.Rows[0].Rates["accuracy"].ToString());
        Assert.Equal("0.850 ± 0.071", table.Rows[0].Rates["auroc"].ToString());
        Assert.Equal("0.900 ± 0.000", table.Rows[1].Rates["accuracy"].ToString());
        Assert.Equal((100, 2, 0.25, 0.5, 0.75), (table.Rows[0].N, table.Rows[0].Seeds, table.Rows[0].Unparsed, table.Rows[0].Low, table.Rows[0].High));
        Assert.Equal(["always-no", "always-yes"], table.Rows[2..].Select(r => r.Title));
    }

    [Fact]
    public void A_verdict_compares_by_the_first_rate_that_the_task_has()
    {
        int[] labels = [.. Enumerable.Range(0, 40).Select(i => i % 2)];
        var report = Reports.Scored(labels, [.. labels.Select((label, i) => label + (i / 40.0))]);

        Assert.Contains("; AUROC of 40 samples", Sentence("bleu", "auroc", "accuracy"));
        Assert.Contains("; accuracy of 40 samples", Sentence("bleu", "accuracy", "auroc"));

        string Sentence(params string[] rates) =>
            Table(Reports.Experiment(["kim"], [1], [Reports.Pneumonia], rates), new() { [new Cell("kim", 1)] = report }).Rows[0].Verdict!.Sentence;
    }

    [Fact]
    public void Rates_of_samples_stand_in_a_table_where_predictions_are_kept_and_constant_answers_have_them_too()
    {
        int[] labels = [.. Enumerable.Range(0, 40).Select(i => i % 4 == 0 ? 1 : 0)];
        var plan = Reports.Experiment(["kim"], [1], [Reports.Pneumonia], "auprc", "brier", "calibration-error", "sensitivity-at-0.9");
        var rows = Table(plan, new() { [new Cell("kim", 1)] = Reports.Scored(labels, [.. labels.Select(label => label == 1 ? 50.0 : -50)]) }).Rows;

        Assert.Equal([1, 0, 0, 1], plan.Tables[0].Rates.Select(rate => Math.Round(rows[0].Rates[rate].Mean, 6)));
        // A quarter is positive: always-no is wrong on it, and finds none of it.
        Assert.Equal([0.25, 0.25, 0.25, 0], plan.Tables[0].Rates.Select(rate => rows.Single(r => r.Title == "always-no").Rates[rate].Mean));
        Assert.Empty(Table(plan, new() { [new Cell("kim", 1)] = Reports.Completed("fedkim", Reports.Entry("pneumonia", "fedkim", 0.5)) }).Rows[0].Rates);
    }

    [Fact]
    public void Whatever_is_missing_every_task_has_a_row_of_every_method_and_what_was_not_measured_no_number()
    {
        string[] methods = ["a", "b", "c"];
        long[] seeds = [1, 2, 3];
        var plan = Reports.Experiment(methods, seeds, [Reports.Pneumonia, Reports.Effusion], "accuracy", "f1");
        var some = Gen.Select(Gen.Bool, Gen.Bool, Gen.Double[0.1, 0.9]);
        some.Array[plan.Cells.Length].Sample(there =>
        {
            // A cell without a report, or whose report lacks the second task.
            var reports = plan.Cells.Zip(there, (cell, drawn) => (Cell: cell, Drawn: drawn)).Where(c => c.Drawn.Item1).ToDictionary(c => c.Cell, c => Reports.Completed("fedkim",
            [
                Reports.Entry("pneumonia", "fedkim", c.Drawn.Item3),
                .. c.Drawn.Item2 ? [Reports.Entry("effusion", "fedkim", c.Drawn.Item3)] : Array.Empty<System.Text.Json.Nodes.JsonObject>(),
            ]));

            var rows = Table(plan, reports).Rows.Where(r => r.Answers == ResultRow.OwnAnswers).ToList();

            Assert.Equal(plan.Tables[0].Tasks.SelectMany(t => methods.Select(m => (t, m))), rows.Select(r => (r.Task, r.Method)));
            Assert.All(rows, row =>
            {
                double[] values = [.. seeds.Select(s => reports.GetValueOrDefault(new Cell(row.Method, s))?.Own(row.Task)).OfType<Measurement>().Select(m => m.Rates["accuracy"])];
                Assert.Equal(values.Length, row.Seeds);
                Assert.Equal(OverSeeds.Of(values), row.Rates.GetValueOrDefault("accuracy"));
                Assert.Equal(values.Length == 0, row.Verdict == Verdict.NotMeasured);
                Assert.Equal(values.Length == 0, row.N is null);
            });
        }, iter: 200);
    }

    [Fact]
    public void A_method_has_no_row_on_a_task_that_its_federation_does_not_have()
    {
        var plan = Reports.Experiment(["all", "one"], [1], [Reports.Pneumonia, Reports.Effusion], "accuracy");
        plan = plan with { Methods = [plan.Methods[0], plan.Methods[1] with { Without = [Reports.Effusion] }] };

        var rows = Table(plan, []).Rows;

        Assert.Equal([("pneumonia", "all"), ("pneumonia", "one"), ("effusion", "all")], rows.Select(row => (row.Task, row.Method)));
    }

    [Fact]
    public void Cells_come_seed_by_seed() =>
        Assert.Equal(
            ["a-seed1", "b-seed1", "a-seed2", "b-seed2"],
            Reports.Experiment(["a", "b"], [1, 2], [Reports.Pneumonia], "accuracy").Cells.Select(c => c.Name));

    private static ResultTable Table(ExperimentPlan plan, Dictionary<Cell, CellReport> reports) => ResultTable.Of(plan.Tables[0], plan, reports);
}
