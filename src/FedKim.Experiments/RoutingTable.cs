using System.Collections.Immutable;
using System.Globalization;
using FedKim.Learning;
using Spectre.Console;

namespace FedKim.Experiments;

/// <summary>How a router weighs the experts for each task, and what that is worth, as a table for people and a sentence.</summary>
public static class RoutingTable
{
    // Less is what a single answer of two hundred moves.
    private const double Least = 0.005;

    /// <summary>
    /// The table: how many experts a task makes use of, how far its weights have moved, how far they are from each other task's, and AUROC with
    /// them, with all experts alike, and with the weights of the farthest task.
    /// </summary>
    public static Table Of(ImmutableArray<TaskRouting> routing)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("router").NoWrap());
        foreach (string figure in (string[])["experts", "moved", .. Enumerable.Range(1, routing.Length).Select(place => $"to {place}"), "AUROC", "alike", "farthest's"])
            table.AddColumn(new TableColumn(figure).RightAligned().NoWrap());
        for (int place = 0; place < routing.Length; place++)
        {
            var task = routing[place];
            table.AddRow(
            [
                Markup.Escape($"{place + 1} {task.Task}"), task.EffectiveExperts.ToString("0.0", CultureInfo.InvariantCulture), Share(TaskRouting.Distance(task.Alpha, task.AlphaStart)),
                .. routing.Select((other, at) => at == place ? "" : Share(TaskRouting.Distance(task.Alpha, other.Alpha))),
                Share(task.Auroc), Share(task.AurocUniform), Share(task.AurocOther),
            ]);
        }
        return table;
    }

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
