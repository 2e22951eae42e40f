using System.Collections.Immutable;
using FedKim.Data.Clinical;
using FedKim.Data.Images;
using FedKim.Data.Signals;

namespace FedKim.Data;

/// <summary>The samples of one task at one place, in ordinal order of their ids.</summary>
/// <param name="Samples">The samples.</param>
public sealed record DataSet(ImmutableArray<Sample> Samples)
{
    /// <summary>
    /// Reads the samples of a task below <paramref name="folder"/>; null when the folder lacks the task's data altogether, because it has no
    /// such subfolder or no sample there carries the task's label (a site need not have every task).
    /// </summary>
    /// <param name="source">Where and how.</param>
    /// <param name="folder">A site's data folder, or one split of the server's.</param>
    /// <exception cref="DataException">The folder is missing, or a file is missing that another names, or is corrupt, truncated or mislabelled.</exception>
    public static DataSet? Read(TaskSource source, string folder)
    {
        if (!Directory.Exists(folder)) throw new DataException(folder, "this data folder does not exist; mend its path or create it.");
        string path = Path.Combine(folder, source.Path);
        if (!Directory.Exists(path)) return null;
        var samples = source.Reader switch
        {
            "image-folder" => ImageFolder.Read(source, path),
            "ptbxl" => PtbXl.Read(source, path),
            "yaib" => Yaib.Read(source, path),
            _ => throw new DataException(path, $"unknown reader '{source.Reader}'; there are image-folder, ptbxl and yaib."),
        };
        Sample[] sorted = [.. samples];
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Id, b.Id));
        for (int i = 1; i < sorted.Length; i++)
            if (sorted[i].Id == sorted[i - 1].Id)
                throw new DataException(path, $"sample '{sorted[i].Id}' is listed twice; keep one of them.");
        return sorted.Length == 0 ? null : new DataSet(ImmutableArray.Create(sorted));
    }
}
