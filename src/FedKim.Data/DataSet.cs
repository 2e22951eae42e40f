using System.Collections.Immutable;
using FedKim.Data.Clinical;
using FedKim.Data.Dealing;
using FedKim.Data.Images;
using FedKim.Data.Signals;

namespace FedKim.Data;

/// <summary>The samples of one task at one place, in ordinal order of their ids.</summary>
/// <param name="Samples">The samples.</param>
public sealed record DataSet(ImmutableArray<Sample> Samples)
{
    /// <summary>What the files list and what is no sample all the same, in the order of the files.</summary>
    public ImmutableArray<LeftOut> LeftOut { get; init; } = [];

    /// <summary>
    /// Reads the samples of a task below <paramref name="folder"/>; null when the folder lacks the task's data altogether, because it has no
    /// such subfolder or no sample there carries the task's label (a site need not have every task). Where the folder holds no data of its
    /// own but was dealt its patients (<see cref="DealtData"/>), those are read from where their data lie.
    /// </summary>
    /// <param name="source">Where and how.</param>
    /// <param name="folder">A site's data folder, or one split of the server's.</param>
    /// <exception cref="DataException">The folder is missing, or a file is missing that another names, or is corrupt, truncated or mislabelled.</exception>
    public static DataSet? Read(TaskSource source, string folder)
    {
        if (!Directory.Exists(folder)) throw new DataException(folder, "this data folder does not exist; mend its path or create it.");
        if (Directory.Exists(Below(folder, source.Path))) return Read(source, folder, _ => true);
        return DealtData.Find(source, folder) is { } dealt ? Read(source, dealt.Folder, dealt.Patients.Contains) : null;
    }

    // Readers ask whether a patient is wanted before they decode the sample.
    private static DataSet? Read(TaskSource source, string folder, Func<string, bool> wanted)
    {
        var leftOut = new List<LeftOut>();
        Sample[] sorted = [.. Listed(source, folder, wanted, leftOut).Select(read => read()).OfType<Sample>()];
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Id, b.Id));
        for (int i = 1; i < sorted.Length; i++)
            if (sorted[i].Id == sorted[i - 1].Id)
                throw new DataException(Below(folder, source.Path), $"sample '{sorted[i].Id}' is listed twice; keep one of them.");
        return sorted.Length == 0 && leftOut.Count == 0 ? null : new DataSet(ImmutableArray.Create(sorted)) { LeftOut = [.. leftOut] };
    }

    private static IEnumerable<ListedSample> Listed(TaskSource source, string folder, Func<string, bool> wanted, ICollection<LeftOut> leftOut)
    {
        string path = Below(folder, source.Path);
        if (!Directory.Exists(path)) throw new DataException(path, "this folder of a data set does not exist; mend its path or put the data there.");
        return source.Reader switch
        {
            "ecg-qa" => EcgQa.Read(source, path, Below(folder, source.Records), wanted, leftOut),
            "image-folder" => ImageFolder.Read(source, path, wanted),
            "physionet2012" => PhysioNet2012.Read(source, path, wanted),
            "ptbxl" => PtbXl.Read(source, path, wanted),
            "yaib" => Whole(Yaib.Read(source, path, wanted)),
            _ => throw new DataException(path, $"unknown reader '{source.Reader}'; there are ecg-qa, image-folder, physionet2012, ptbxl and yaib."),
        };
    }

    // A table is read as a whole: its samples have no files of their own that could be bad.
    private static IEnumerable<ListedSample> Whole(List<Sample> samples) => samples.Select(sample => (ListedSample)(() => sample));

    // The path comes from the federation's file, from elsewhere; it opens no other folder of this site.
    private static string Below(string folder, string path)
    {
        string whole = Path.Combine(folder, path), root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return (Path.GetFullPath(whole) + Path.DirectorySeparatorChar).StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? whole
            : throw new DataException(whole, $"leads out of the data folder {folder}; a task's data lie below it.");
    }
}
