using System.Collections.Immutable;

namespace FedKim.Data;

/// <summary>The samples of one task at one place, in ordinal order of their ids.</summary>
/// <param name="Samples">The samples.</param>
public sealed record DataSet(ImmutableArray<Sample> Samples)
{
    /// <summary>
    /// Reads the samples of a task below <paramref name="folder"/>; null when the folder lacks the task's data altogether
    /// (a site need not have every task).
    /// </summary>
    /// <param name="source">Where and how.</param>
    /// <param name="folder">A site's data folder, or one split of the server's.</param>
    /// <exception cref="DataException">A file is missing that another names, or is corrupt, truncated or mislabelled.</exception>
    public static DataSet? Read(TaskSource source, string folder) => throw new NotImplementedException();
}
