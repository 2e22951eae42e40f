namespace FedKim.Learning.Metrics;

/// <summary>A metric that FedKim brings along, which has a place of its own in a report.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Figure">The figure of labels and scores.</param>
internal sealed record Metric(string Name, Func<IReadOnlyList<int>, IReadOnlyList<double>, double?> Figure) : IMetric
{
    /// <inheritdoc/>
    public double? Of(IReadOnlyList<int> labels, IReadOnlyList<double> scores) => Figure(labels, scores);
}
