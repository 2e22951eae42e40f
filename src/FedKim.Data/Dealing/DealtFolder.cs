using System.Collections.Immutable;

namespace FedKim.Data.Dealing;

/// <summary>
/// Deals the data sets that lie whole in one folder to the places of a federation: a folder a hospital and one a split of the server's, each
/// with a <see cref="DealtData"/> in it. Nothing is copied, and the folder appears whole or not at all.
/// </summary>
public static class DealtFolder
{
    /// <summary>
    /// Reads the whole sets, deals whom they have usable samples of, reads every place as its node will, and lets the folder appear if nobody
    /// stands in two places.
    /// </summary>
    /// <param name="from">The folder with the whole data sets.</param>
    /// <param name="folder">A new or empty folder, or one that was dealt the same before.</param>
    /// <param name="tasks">All of the federation's; their data must be there.</param>
    /// <param name="sites">Hospital → its weight; see <see cref="PatientDeal"/>.</param>
    /// <param name="seed">The same seed deals alike.</param>
    /// <returns>What lies in every place, after what lies in the whole sets, as the place <c>.</c>.</returns>
    /// <exception cref="DataException">Data are missing or cannot be used, or the folder holds something else.</exception>
    public static Inspection Write(string from, string folder, IReadOnlyList<DataTask> tasks, ImmutableSortedDictionary<string, double> sites, long seed)
    {
        from = Path.TrimEndingDirectorySeparator(Path.GetFullPath(from));
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(from))
            throw new DataException(from, "this folder with the data sets does not exist; mend its path.");
        string unfinished = folder + ".unfinished";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        var whole = tasks.Select(task => Whole(task, from)).ToArray();
        try
        {
            var published = whole.Where(found => found.Task.Source.Split == SplitBy.Published).GroupBy(found => found.Task.Source.Pool, StringComparer.Ordinal)
                .ToDictionary(pool => pool.Key, pool => Parts(pool.SelectMany(found => found.Parts)), StringComparer.Ordinal);
            foreach (var (place, patients) in PatientDeal.Of([.. whole.Select(found => (found.Task, found.Patients))], sites, seed, published))
                new DealtData { From = from, Sources = Sources(tasks, place), Patients = patients }.Write(Path.Combine(unfinished, place));
            var inspection = Inspection.Of(unfinished, tasks);
            if (inspection.Problems.Length > 0)
                throw new DataException(from, string.Join(" ", inspection.Problems));
            if (Appear(unfinished, folder))
                return inspection with { Counts = [.. whole.Select(found => found.Count), .. inspection.Counts] };
            throw new DataException(folder, "holds something else than these data dealt this way; name an empty or a new folder.");
        }
        finally
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
        }
    }

    private static (DataTask Task, IReadOnlySet<string> Patients, Dictionary<string, PublishedPart> Parts, TaskCount Count) Whole(DataTask task, string from)
    {
        var data = DataSet.Read(task.Source, from)
            ?? throw new DataException(Path.Combine(from, task.Source.Path), $"has no sample of {task.Name}; mend the task's path or put the data there.");
        var patients = data.Samples.Select(sample => sample.Patient).ToHashSet(StringComparer.Ordinal);
        var parts = task.Source.Split == SplitBy.Published
            ? Parts(data.Samples.Select(sample => KeyValuePair.Create(sample.Patient, sample.Part
                ?? throw new DataException(Path.Combine(from, task.Source.Path), $"holds a sample of {task.Name} of which the reader {task.Source.Reader} does not say in which published part it is."))))
            : [];
        return (task, patients, parts, TaskCount.Of(".", task.Name, data, patients.Count));
    }

    // Who has samples in several parts is kept for the latest.
    private static Dictionary<string, PublishedPart> Parts(IEnumerable<KeyValuePair<string, PublishedPart>> parts) =>
        parts.GroupBy(part => part.Key, part => part.Value, StringComparer.Ordinal).ToDictionary(patient => patient.Key, patient => patient.Max(), StringComparer.Ordinal);

    private static ImmutableArray<DealtSource> Sources(IReadOnlyList<DataTask> tasks, string place) =>
    [
        .. from task in tasks
           group task by (task.Source.Path, task.Source.Label, task.Source.Attribute, task.Source.Split) into same
           select new DealtSource(
               same.Key.Path, same.Key.Label, same.Key.Attribute,
               place == Split.Test.ServerFolder || place == Split.Development.ServerFolder || same.Any(task => !task.ZeroShot),
               same.Key.Split == SplitBy.Published ? PartOf(place) : null),
    ];

    private static PublishedPart PartOf(string place) => place == Split.Test.ServerFolder ? PublishedPart.Test
        : place == Split.Development.ServerFolder ? PublishedPart.Development : PublishedPart.Train;

    private static bool Appear(string unfinished, string folder)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            return Content(unfinished).SequenceEqual(Content(folder));
        if (Directory.Exists(folder))
            Directory.Delete(folder);
        Directory.Move(unfinished, folder);
        return true;
    }

    private static IEnumerable<(string, string)> Content(string folder) =>
        from file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        let name = Path.GetRelativePath(folder, file)
        orderby name
        select (name, Path.GetFileName(name) == DealtData.FileName ? File.ReadAllText(file) : "");
}
