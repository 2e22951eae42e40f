using System.Collections.Immutable;
using FedKim.Data.Files;

namespace FedKim.Data;

/// <summary>What lies in the places of a data folder.</summary>
/// <param name="Counts">By place and task; none where a place has no data of a task.</param>
/// <param name="Problems">Who, or which picture, stands in two places; empty when nobody does.</param>
public sealed record Inspection(ImmutableArray<TaskCount> Counts, ImmutableArray<string> Problems)
{
    private const string Server = "server";

    /// <summary>How many people of each pool, all tasks together, stand in each place.</summary>
    public ImmutableArray<PoolCount> Pools { get; init; } = [];

    /// <summary>Reads every task in every place.</summary>
    /// <param name="folder">
    /// A folder with one folder a site, of which <c>server</c> holds the splits; or a single place, or a folder with whole data sets.
    /// </param>
    /// <param name="tasks">The tasks to look for.</param>
    /// <exception cref="DataException">The folder is missing, or data in it cannot be read.</exception>
    public static Inspection Of(string folder, IReadOnlyList<DataTask> tasks)
    {
        if (!Directory.Exists(folder))
            throw new DataException(folder, "there is no such folder.");
        var counts = ImmutableArray.CreateBuilder<TaskCount>();
        var pictures = new PicturePlaces();
        var pools = new SortedDictionary<string, List<KeyValuePair<string, IEnumerable<string>>>>(StringComparer.Ordinal);
        foreach (string place in Places(folder, tasks))
        {
            foreach (var task in tasks)
            {
                if (DataSet.Read(IsHospital(place) ? task.Source.WithoutGroups() : task.Source, Path.Combine(folder, place), DataFolderOf(folder, place)) is not { } data)
                    continue;
                string[] patients = [.. data.Samples.Select(sample => sample.Patient).Distinct(StringComparer.Ordinal)];
                counts.Add(TaskCount.Of(place, task.Name, data, patients.Length));
                if (!pools.TryGetValue(task.Source.Pool, out var pool))
                    pools.Add(task.Source.Pool, pool = []);
                pool.Add(KeyValuePair.Create(place, patients.AsEnumerable()));
                pictures.Add(place, task.Name, data);
            }
        }

        return new Inspection(counts.ToImmutable(), [.. pools.Values.Select(Splits.Crossing).OfType<string>(), .. pictures.Problems])
        {
            Pools =
            [
                .. from pool in pools
                   from place in pool.Value.GroupBy(task => task.Key, StringComparer.Ordinal)
                   select new PoolCount(pool.Key, place.Key, place.SelectMany(task => task.Value).Distinct(StringComparer.Ordinal).Count()),
            ],
        };
    }

    // It reads no groups, and need not have their column. A single place may be anybody's.
    private static bool IsHospital(string place) => place != "." && !IsServer(place);

    private static bool IsServer(string place) => place.StartsWith(Server + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // The injector's data folder holds all of its splits.
    private static string DataFolderOf(string folder, string place) =>
        Path.Combine(folder, IsServer(place) ? Server : place);

    private static IEnumerable<string> Places(string folder, IReadOnlyList<DataTask> tasks)
    {
        if (Dealing.DealtData.Lies(folder) || tasks.Any(task => Directory.Exists(Path.Combine(folder, task.Source.Path))))
            return ["."];
        string server = Path.Combine(folder, Server);
        return SiteFile.List(folder, Directory.EnumerateDirectories).Where(place => place != server)
            .Concat(Directory.Exists(server) ? SiteFile.List(server, Directory.EnumerateDirectories) : [])
            .Select(place => Path.GetRelativePath(folder, place)).Order(StringComparer.Ordinal);
    }
}

/// <summary>The people of one pool in one place.</summary>
/// <param name="Pool">The pool: see <see cref="TaskSource.Pool"/>.</param>
/// <param name="Folder">The place, below the inspected folder.</param>
/// <param name="People">Those with a sample of any task.</param>
public sealed record PoolCount(string Pool, string Folder, int People);

/// <summary>A task's data in one place.</summary>
/// <param name="Folder">The place, below the inspected folder.</param>
/// <param name="Task">The task's name.</param>
/// <param name="Samples">Number of samples.</param>
/// <param name="Patients">Number of people they are of.</param>
/// <param name="Positive">Number of samples with the label 1.</param>
/// <param name="Unmeasured">Modality in which values can be missing → share of its cells without one, 0 to 1.</param>
/// <param name="LeftOut">Reason → how much of what the files list is no sample for it, be it unusable or not asked for.</param>
public sealed record TaskCount(
    string Folder, string Task, int Samples, int Patients, int Positive,
    ImmutableSortedDictionary<string, double> Unmeasured, ImmutableSortedDictionary<string, int> LeftOut)
{
    /// <summary>How far values reach: see <see cref="DataSet.Ranges"/>.</summary>
    public ImmutableSortedDictionary<string, ValueRange> Ranges { get; init; } = ImmutableSortedDictionary<string, ValueRange>.Empty;

    /// <summary>How files are stored and what was done to read them → how many.</summary>
    public ImmutableSortedDictionary<string, int> Seen { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>What can be read and is not plausible.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>Share of samples with the label 1; 0 without samples.</summary>
    public double PositiveShare => Samples == 0 ? 0 : (double)Positive / Samples;

    internal static TaskCount Of(string place, string task, DataSet data, int patients) => new(
        place, task, data.Samples.Length, patients, data.Samples.Count(sample => sample.Label == 1),
        data.Samples.SelectMany(sample => sample.Inputs).Where(input => input.Value.Mask is not null)
            .GroupBy(input => input.Key, input => input.Value.Mask!, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(
                m => m.Key, m => m.Sum(mask => (double)mask.Count(measured => !measured)) / m.Sum(mask => (double)mask.Length), StringComparer.Ordinal),
        data.LeftOut.Select(left => KeyValuePair.Create(left.Reason, 1)).Concat(data.NotAsked).GroupBy(reason => reason.Key, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(reason => reason.Key, reason => reason.Sum(count => count.Value), StringComparer.Ordinal))
    {
        Ranges = data.Ranges,
        Seen = data.Seen,
        Remarks = data.Remarks,
    };
}
