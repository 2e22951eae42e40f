using System.Collections.Immutable;
using System.Globalization;
using FedKim.Learning;

namespace FedKim.Experiments;

/// <summary>How a router weighs the experts for each task, and what that is worth, as a table for people and a sentence.</summary>
public static class RoutingTable
{
    // Less is what a single answer of two hundred moves.
    private const double Least = 0.005;

    /// <summary>
    /// The table's lines: how many experts a task makes use of, how far its weights have moved, how far they are from each other task's, and AUROC with
    /// them, with all experts alike, and with the weights of the farthest task. Where it would be too wide, the distances are left out.
    /// </summary>
    /// <param name="routing">The tasks.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static IEnumerable<string> Of(ImmutableArray<TaskRouting> routing, int width) => FigureTable.Lines(
        [
            new FigureColumn("router", [.. routing.Select((task, place) => $"{place + 1} {task.Task}")], IsText: true),
            new FigureColumn("experts", [.. routing.Select(task => task.EffectiveExperts.ToString("0.0", CultureInfo.InvariantCulture))]),
            new FigureColumn("moved", [.. routing.Select(task => Share(TaskRouting.Distance(task.Alpha, task.AlphaStart)))]),
            .. routing.Select((other, place) => new FigureColumn(
                $"to {place + 1}", [.. routing.Select((task, at) => at == place ? "" : Share(TaskRouting.Distance(task.Alpha, other.Alpha)))], Dispensable: 1)),
            new FigureColumn("AUROC", [.. routing.Select(task => Share(task.Auroc))]),
            new FigureColumn("alike", [.. routing.Select(task => Share(task.AurocUniform))]),
            new FigureColumn("farthest's", [.. routing.Select(task => Share(task.AurocOther))]),
        ],
        width);

    /// <summary>Whether the router tells the tasks apart: by what it costs to weigh otherwise, however different the weights look.</summary>
    public static string Verdict(ImmutableArray<TaskRouting> routing)
    {
        var costs = routing.SelectMany(task => new (string Task, string With, double? Cost)[]
        {
            (task.Task, "all experts alike", task.Auroc - task.AurocUniform), (task.Task, $"the weights of {task.Other}", task.Auroc - task.AurocOther),
        }).Where(cost => cost.Cost is not null).OrderByDescending(cost => cost.Cost).ToArray();
        if (costs.Length == 0)
            return "Whether the router tells the tasks apart is not measured: no task has an AUROC.";
        var (name, with, most) = costs[0];
        return most < Least
            ? $"The router does not distinguish the tasks: no other weights cost one of them {Share(Least)} of AUROC."
            : $"The router distinguishes the tasks: {name} loses {Share(most)} of AUROC with {with}.";
    }

    private static string Share(double? share) => share is { } some ? Rate.Text(some) : "";
}
