using FedKim.Learning;

namespace FedKim.Experiments.Tests;

public sealed class RoutingTableTests
{
    private static readonly double[] Alike = [0.5, 0.5], First = [0.9, 0.1], Second = [0.1, 0.9];

    [Fact]
    public void What_other_weights_cost_says_whether_tasks_are_told_apart()
    {
        string apart = RoutingTable.Verdict([Task("a", First, 0.9, 0.85, 0.4), Task("b", Second, 0.8, 0.8, 0.79)]);
        Assert.Equal("The router distinguishes the tasks: a loses 0.500 of AUROC with the weights of other.", apart);
    }

    [Fact]
    public void Weights_that_differ_and_cost_nothing_distinguish_nothing() => Assert.StartsWith(
        "The router does not distinguish the tasks",
        RoutingTable.Verdict([Task("a", First, 0.9, 0.9, 0.897), Task("b", Second, 0.8, 0.81, null)]), StringComparison.Ordinal);

    [Fact]
    public void Without_a_figure_nothing_is_said_of_it() =>
        Assert.Contains("is not measured", RoutingTable.Verdict([Task("a", Alike, null, null, null)]), StringComparison.Ordinal);

    [Fact]
    public void A_task_has_a_row_with_its_distance_to_each_other()
    {
        var table = RoutingTable.Of([Task("a", First, 0.9, 0.9, 0.9), Task("b", Second, null, null, null)]);
        Assert.Equal((2, 8), (table.Rows.Count, table.Columns.Count));
        Assert.Equal(0.8, TaskRouting.Distance(First, Second), 1e-12);
    }

    private static TaskRouting Task(string name, double[] weights, double? auroc, double? uniform, double? other) =>
        new(name, [.. weights], [.. Alike], 1.5, "other", auroc, uniform, other);
}
