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
        string[] table = [.. RoutingTable.Of([Task("a", First, 0.9, 0.9, 0.9), Task("b", Second, null, null, null)], width: 80)];
        Assert.Equal(4, table.Length);
        Assert.Contains("to 2", table[0], StringComparison.Ordinal);
        Assert.Contains("0.800", table[2], StringComparison.Ordinal);
        Assert.Equal(0.8, TaskRouting.Distance(First, Second), 1e-12);
    }

    [Fact]
    public void Where_it_would_be_too_wide_all_distances_are_left_out()
    {
        string[] table = [.. RoutingTable.Of([Task("a", First, 0.9, 0.9, 0.9), Task("b", Second, 0.9, 0.9, 0.9)], width: 50)];
        Assert.DoesNotContain("to 1", table[0], StringComparison.Ordinal);
        Assert.DoesNotContain("to 2", table[0], StringComparison.Ordinal);
        Assert.EndsWith("farthest's", table[0], StringComparison.Ordinal);
        Assert.All(table, line => Assert.True(line.Length <= 50, line));
    }

    private static TaskRouting Task(string name, double[] weights, double? auroc, double? uniform, double? other) =>
        new(name, [.. weights], [.. Alike], 1.5, "other", auroc, uniform, other);
}
