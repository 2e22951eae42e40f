namespace FedKim.Learning.Metrics;

/// <summary>
/// A figure of what a method's answers to a task's yes-or-no questions are worth. A package adds one by a public class with a constructor without
/// parameters; it stands in a report's evaluation under <c>metrics</c>, by its name.
/// </summary>
public interface IMetric
{
    /// <summary>Its name in a report: lower-case letters, digits and hyphens.</summary>
    string Name { get; }

    /// <summary>The figure, a finite number; null where these samples have none. The same samples give the same figure, always.</summary>
    /// <param name="labels">0 or 1, at least one.</param>
    /// <param name="scores">As many; higher means rather positive, and above 0 the answer is yes.</param>
    double? Of(IReadOnlyList<int> labels, IReadOnlyList<double> scores);
}
