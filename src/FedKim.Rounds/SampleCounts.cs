using System.Collections.Immutable;

namespace FedKim.Rounds;

/// <summary>How many samples a client trained on, by task. A task the client has no data for is absent.</summary>
/// <param name="ByTask">Task name → number of samples, each above 0; in ordinal order of the names.</param>
public sealed record SampleCounts(ImmutableSortedDictionary<string, long> ByTask)
{
    /// <summary>No samples at all.</summary>
    public static SampleCounts None { get; } = new(ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));

    /// <summary>The counts of these tasks.</summary>
    public static SampleCounts Of(params IEnumerable<(string Task, long Samples)> counts) =>
        new(counts.ToImmutableSortedDictionary(c => c.Task, c => c.Samples, StringComparer.Ordinal));

    /// <summary>Samples over all tasks.</summary>
    public long Total => ByTask.Values.Sum();

    /// <inheritdoc/>
    public bool Equals(SampleCounts? other) => other is not null && ByTask.SequenceEqual(other.ByTask);

    /// <inheritdoc/>
    public override int GetHashCode() => ByTask.Aggregate(0, (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value));
}
