using System.Collections.Immutable;
using FedKim.Learning;

namespace FedKim.Experiments;

/// <summary>
/// A table as a radar: a spoke a task, of the table's first rate that the task has, and a line a method. A missing number is never drawn as 0:
/// its method or task is left out.
/// </summary>
/// <param name="Title">The table's title.</param>
/// <param name="Tasks">The spokes.</param>
/// <param name="Rates">The rate of each spoke.</param>
/// <param name="Lines">
/// A value for each spoke, by the method's title; last the best small models, the bare foundation model and the best constant answers, where every spoke has them.
/// </param>
/// <param name="LeftOut">Methods and tasks that some number is missing for.</param>
public sealed record Radar(
    string Title, ImmutableArray<string> Tasks, ImmutableArray<string> Rates, ImmutableArray<(string Name, ImmutableArray<double> Values)> Lines, ImmutableArray<string> LeftOut)
{
    /// <summary>The fewest spokes that span an area.</summary>
    public const int LeastTasks = 3;

    /// <summary>The name of the line of small models alone.</summary>
    public const string BestSmallModels = "best small models";

    /// <summary>The name of the line of constant answers.</summary>
    public const string BestConstant = "best constant answer";

    /// <summary>The radar of a table; one with fewer than <see cref="LeastTasks"/> tasks cannot be drawn.</summary>
    public static Radar Of(ResultTable table)
    {
        // It draws what is said of all samples.
        var rows = table.Rows.Where(row => row.Group is null).ToList();
        var rates = table.Plan.Tasks.ToDictionary(
            task => task, task => table.Plan.Rates.FirstOrDefault(rate => rows.Exists(row => row.Task == task && row.Rates.ContainsKey(rate))) ?? table.Plan.Rates[0]);
        var own = rows.Where(row => row.Answers == ResultRow.OwnAnswers && row.Rates.ContainsKey(rates[row.Task]))
            .ToDictionary(row => (row.Task, row.Method), row => row.Rates[rates[row.Task]].Mean);
        string[] methods = [.. table.Plan.Methods.Where(m => table.Plan.Tasks.Any(t => own.ContainsKey((t, m))))];
        ImmutableArray<string> tasks = methods.Length == 0 ? [] : [.. table.Plan.Tasks.Where(t => methods.All(m => own.ContainsKey((t, m))))];
        var lines = methods.Select(m => (Name: rows.First(row => row.Method == m).Title, Values: tasks.Select(t => own[(t, m)]).ToImmutableArray())).ToList();

        AddBest(BestSmallModels, row => row.Answers == ResultRow.SmallModels);
        AddBest(Verdicts.BareModel, row => row is { Answers: ResultRow.Control, Title: Control.BareModel });
        AddBest(BestConstant, row => row.Answers == ResultRow.Constant);
        return new Radar(
            table.Plan.Title, tasks, [.. tasks.Select(t => rates[t])], [.. lines], [.. table.Plan.Methods.Except(methods).Concat(table.Plan.Tasks.Except(tasks))]);

        void AddBest(string name, Func<ResultRow, bool> isOne)
        {
            var best = rows.Where(row => isOne(row) && row.Rates.ContainsKey(rates[row.Task])).GroupBy(row => row.Task, row => row.Rates[rates[row.Task]].Mean)
                .ToDictionary(g => g.Key, g => Rate.LessIsBetter(rates[g.Key]) ? g.Min() : g.Max());
            if (tasks.Length > 0 && tasks.All(best.ContainsKey))
                lines.Add((name, [.. tasks.Select(t => best[t])]));
        }
    }

    /// <summary>Whether there is enough to draw.</summary>
    public bool CanBeDrawn => Tasks.Length >= LeastTasks;
}
