using System.Collections.Immutable;

namespace FedKim.Learning;

/// <summary>How the router weighs the experts for one task (method §4, eq. 4), and what that is worth. Weights add up to 1.</summary>
/// <param name="Task">The task.</param>
/// <param name="Alpha">The experts' weights of the finished model.</param>
/// <param name="AlphaStart">The weights of the router that the seed draws, before anything is learned.</param>
/// <param name="EffectiveExperts">How many experts, weighed alike, would be as many: exp of the weights' entropy, 1 to P.</param>
/// <param name="Other">The task whose weights are farthest from this one's; empty where there is none.</param>
/// <param name="Auroc">The injected model's, with the task's own weights; null where it has none.</param>
/// <param name="AurocUniform">The same with all experts weighed alike.</param>
/// <param name="AurocOther">The same with the weights of <paramref name="Other"/>.</param>
public sealed record TaskRouting(
    string Task, ImmutableArray<double> Alpha, ImmutableArray<double> AlphaStart, double EffectiveExperts, string Other,
    double? Auroc = null, double? AurocUniform = null, double? AurocOther = null)
{
    /// <summary>How far the weights of two tasks are from each other: total variation, 0 (the same) to 1 (no expert in common).</summary>
    public static double Distance(IEnumerable<double> one, IEnumerable<double> other) => one.Zip(other, (a, b) => Math.Abs(a - b)).Sum() / 2;

    /// <summary>The routing of the tasks that were measured, in their order.</summary>
    public static ImmutableArray<TaskRouting> Of(IEnumerable<TaskEvaluation> measured) => [.. measured.Select(task => task.Routing).OfType<TaskRouting>()];

    /// <summary>The routing of one task beside the others.</summary>
    /// <param name="task">The task.</param>
    /// <param name="start">Each task's weights at the start.</param>
    /// <param name="end">Each task's weights at the end.</param>
    internal static TaskRouting Of(string task, IReadOnlyDictionary<string, double[]> start, IReadOnlyDictionary<string, double[]> end)
    {
        double[] own = end[task];
        string other = end.Keys.Where(name => name != task).Order(StringComparer.Ordinal).MaxBy(name => Distance(own, end[name])) ?? "";
        double entropy = -own.Where(weight => weight > 0).Sum(weight => weight * Math.Log(weight));
        return new TaskRouting(task, [.. own], [.. start[task]], Math.Exp(entropy), other);
    }
}
