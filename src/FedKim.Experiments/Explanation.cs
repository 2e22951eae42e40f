using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace FedKim.Experiments;

/// <summary>An experiment in words, before anything of it is run.</summary>
public static class Explanation
{
    private const string Prefix = "federation.";

    /// <summary>What will be run, what each table compares and stands for, and what is done otherwise than there.</summary>
    public static string Of(Experiment experiment)
    {
        var plan = experiment.Plan;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{plan.Name}: {Count(plan.Cells.Length, "federation")}, {Count(plan.Methods.Length, "method")} under ");
        text.Append(CultureInfo.InvariantCulture, $"{(plan.Seeds.Length == 1 ? "the seed" : "the seeds")} {string.Join(", ", plan.Seeds)}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Methods, with what each sets in place of {experiment.Federation}\n");
        foreach (var method in plan.Methods)
            text.Append(CultureInfo.InvariantCulture, $"  {Named(method.Key, method.Title)}: {Settings(experiment, method)}\n");
        text.Append("\nTables\n");
        foreach (var table in plan.Tables)
            Append(text, plan, table);
        if (plan.Deviations is { } deviations)
            text.Append(CultureInfo.InvariantCulture, $"\nOtherwise than what its tables stand for\n{string.Concat(deviations.Select(deviation => $"  - {deviation}\n"))}");
        return text.ToString();
    }

    private static void Append(StringBuilder text, ExperimentPlan plan, TablePlan table)
    {
        string by = Rate.Title(table.Rates[0]);
        ImmutableArray<string> others = [.. table.Rates.Skip(1).Select(Rate.Title)];
        text.Append(CultureInfo.InvariantCulture, $"  {Named(table.Key, table.Title)}\n");
        if (table.StandsFor is { } published)
            text.Append(CultureInfo.InvariantCulture, $"    stands for: {published}\n");
        text.Append(CultureInfo.InvariantCulture, $"    tasks: {string.Join(", ", table.Tasks)}\n");
        text.Append(CultureInfo.InvariantCulture, $"    compares: {string.Join(", ", table.Methods.Select(Method))}\n");
        text.Append("    beside: the small models of each, and constant answers\n");
        text.Append(CultureInfo.InvariantCulture, $"    by: {by}{(others.IsEmpty ? "" : $", or the first that the task has of {string.Join(", ", others)}")}{(table.Radar ? "; drawn as a radar" : "")}\n");
        if (table.Rival is { } rival)
            text.Append(CultureInfo.InvariantCulture, $"    each with: {rival}, patient by patient\n");
        if (table.Groups is { } groups)
            text.Append(CultureInfo.InvariantCulture, $"    in groups: {string.Join(", ", groups.Select(task => $"{task.Key} by {task.Value}"))}\n");

        // Where it is in the table for some of its tasks alone, for which.
        string Method(string key)
        {
            var method = plan.Methods.First(m => m.Key == key);
            return table.Tasks.All(method.Has) ? key : $"{key} (on {string.Join(", ", table.Tasks.Where(method.Has))})";
        }
    }

    private static string Settings(Experiment experiment, ComparedMethod method)
    {
        var settings = experiment.Settings[method.Key];
        return settings.IsEmpty ? "nothing" : string.Join(", ", settings.Select(s => $"{s.Key[Prefix.Length..]} = {s.Value}"));
    }

    private static string Named(string key, string title) => key == title ? key : $"{key} ({title})";

    private static string Count(int number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
