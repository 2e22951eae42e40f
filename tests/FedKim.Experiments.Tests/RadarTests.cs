using FedKim.Learning;

namespace FedKim.Experiments.Tests;

public sealed class RadarTests
{
    private static readonly string[] Tasks = ["a", "b", "c", "d"];

    [Fact]
    public void A_line_has_a_value_for_every_task_and_the_best_constant_answers_stand_beside_it()
    {
        var radar = Of(("kim", ["a", "b", "c", "d"]), ("plug", ["a", "b", "c", "d"]));

        Assert.True(radar.CanBeDrawn);
        Assert.Equal(["KIM", "PLUG", Radar.BestConstant], radar.Lines.Select(l => l.Name));
        Assert.All(radar.Lines, line => Assert.Equal(4, line.Values.Length));
        Assert.All(radar.Lines[^1].Values, value => Assert.Equal(0.6, value));
        Assert.Empty(radar.LeftOut);
    }

    [Fact]
    public void What_lacks_a_number_is_left_out_and_named_and_never_drawn_as_0()
    {
        var radar = Of(("kim", ["a", "b", "c", "d"]), ("plug", ["a", "b", "c"]), ("gone", []));

        Assert.Equal(["a", "b", "c"], radar.Tasks);
        Assert.Equal(["gone", "d"], radar.LeftOut);
        Assert.All(radar.Lines, line => Assert.DoesNotContain(0, line.Values));
    }

    [Fact]
    public void A_spoke_shows_the_tables_first_rate_that_its_task_has()
    {
        var plan = Reports.Experiment(["kim"], [1], Tasks[..3], "accuracy", "auroc");
        var generated = Reports.Entry("b", "fedkim", 0.7, auroc: 0.9);
        generated["accuracy"] = null;
        foreach (var (_, constant) in generated["trivial"]!.AsObject())
            constant!["accuracy"] = null;
        var reports = new Dictionary<Cell, CellReport>
        {
            [new Cell("kim", 1)] = Reports.Completed("fedkim", Reports.Entry("a", "fedkim", 0.7), generated, Reports.Entry("c", "fedkim", 0.8)),
        };

        var radar = Radar.Of(ResultTable.Of(plan.Tables[0], plan, reports));

        Assert.Equal(["a", "b", "c"], radar.Tasks);
        Assert.Equal(["accuracy", "auroc", "accuracy"], radar.Rates);
        Assert.Equal([0.7, 0.9, 0.8], radar.Lines[0].Values);
    }

    [Fact]
    public void The_best_small_models_are_drawn_where_every_spoke_has_them_and_of_an_error_the_least_is_best()
    {
        int[] labels = [.. Enumerable.Range(0, 20).Select(i => i % 2)];
        double[] sure = [.. labels.Select(label => label == 1 ? 4.0 : -4)], unsure = new double[20];
        var plan = Reports.Experiment(["a", "b"], [1], [Reports.Pneumonia], "brier");
        var radar = Radar.Of(ResultTable.Of(plan.Tables[0], plan, new Dictionary<Cell, CellReport>
        {
            [new Cell("a", 1)] = Reports.Scored(labels, unsure, sure),
            [new Cell("b", 1)] = Reports.Scored(labels, unsure, unsure),
        }));

        Assert.Equal(["A", "B", Radar.BestSmallModels, Radar.BestConstant], radar.Lines.Select(line => line.Name));
        Assert.InRange(radar.Lines[2].Values[0], 0, 0.001);
        Assert.Equal([0.25, 0.25, 0.5], new[] { 0, 1, 3 }.Select(line => radar.Lines[line].Values[0]));
    }

    [Fact]
    public void The_foundation_model_as_it_came_is_drawn_where_it_was_measured()
    {
        int[] labels = [.. Enumerable.Range(0, 20).Select(i => i % 2)];
        double[] sure = [.. labels.Select(label => label == 1 ? 4.0 : -4)], unsure = new double[20];
        var plan = Reports.Experiment(["a"], [1], [Reports.Pneumonia], "auroc");
        var radar = Radar.Of(ResultTable.Of(plan.Tables[0], plan, new Dictionary<Cell, CellReport>
        {
            [new Cell("a", 1)] = Reports.Said(labels, [("fedkim", sure), (Control.BareModel, unsure), (Control.ShuffledFeatures, sure)]),
        }));

        Assert.Equal(["A", Verdicts.BareModel, Radar.BestConstant], radar.Lines.Select(line => line.Name));
        Assert.Equal([1, 0.5], radar.Lines.Take(2).Select(line => line.Values[0]));
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData]
    public void Fewer_than_three_tasks_span_no_area(params string[] tasks) => Assert.False(Of(("kim", tasks)).CanBeDrawn);

    private static Radar Of(params (string Method, string[] Tasks)[] methods)
    {
        var plan = Reports.Experiment([.. methods.Select(m => m.Method)], [1], Tasks, "accuracy");
        var reports = methods.ToDictionary(
            m => new Cell(m.Method, 1), m => Reports.Completed("fedkim", [.. m.Tasks.Select(t => Reports.Entry(t, "fedkim", 0.7))]));
        return Radar.Of(ResultTable.Of(plan.Tables[0], plan, reports));
    }
}
