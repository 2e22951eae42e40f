using System.Collections.Immutable;
using FedKim.Data.Clinical;
using FedKim.Data.Dealing;
using FedKim.Data.Files;
using FedKim.Data.Images;
using FedKim.Data.Questions;
using FedKim.Data.Signals;

namespace FedKim.Data;

/// <summary>The samples of one task at one place, in ordinal order of their ids.</summary>
/// <param name="Samples">The samples.</param>
public sealed record DataSet(ImmutableArray<Sample> Samples)
{
    /// <summary>
    /// What the task's data list and what is no sample all the same, in the order of reading: what its reader cannot ask about, and, where
    /// the source says to skip them, bad samples.
    /// </summary>
    public ImmutableArray<LeftOut> LeftOut { get; init; } = [];

    /// <summary>
    /// Reason → how much of what the files list is sound and no sample of this task, because its label is another's or the source asks for others.
    /// </summary>
    public ImmutableSortedDictionary<string, int> NotAsked { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>How files are stored and what was done to read them → how many, such as pictures that were turned upright.</summary>
    public ImmutableSortedDictionary<string, int> Seen { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>
    /// How far measured values reach: a modality's as samples have them (<see cref="Values"/>), and a clinical variable's, as modality.variable, in
    /// its data set's unit.
    /// </summary>
    public ImmutableSortedDictionary<string, ValueRange> Ranges { get; init; } = ImmutableSortedDictionary<string, ValueRange>.Empty;

    /// <summary>What can be read and is not plausible, in words for the person who can look at it.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>
    /// Reads the samples of a task below <paramref name="folder"/>; null when the folder lacks the task's data altogether, because it has no
    /// such subfolder or no sample there carries the task's label (a site need not have every task). Where the folder holds no data of its
    /// own but was dealt its patients (<see cref="DealtData"/>), those are read from where their data lie.
    /// </summary>
    /// <param name="source">Where and how.</param>
    /// <param name="folder">A site's data folder, or one split of the server's.</param>
    /// <exception cref="DataException">
    /// The folder is missing, or a file is missing that another names, or is corrupt, truncated or mislabelled. Where the source says to skip
    /// bad samples: the fault is not one sample's, or no sample is left.
    /// </exception>
    public static DataSet? Read(TaskSource source, string folder)
    {
        if (!Directory.Exists(folder)) throw new DataException(folder, "this data folder does not exist; mend its path or create it.");
        try
        {
            if (Directory.Exists(SiteFile.Inside(folder, source.Path))) return Read(source, folder, _ => true);
            return DealtData.Find(source, folder) is { } dealt ? Read(source, dealt.Folder, dealt.Patients.Contains) : null;
        }
        catch (Exception e) when (e is not DataException and not OutOfMemoryException)
        {
            // What a decoder throws that nobody thought of. Its words may quote a cell, so that only its name is passed on.
            throw new DataException(Path.Combine(folder, source.Path), $"cannot be read: the reader {source.Reader} ended with {e.GetType().Name}; a file of the data set is corrupt.", e);
        }
    }

    // Readers ask whether a patient is wanted before they decode the sample.
    private static DataSet? Read(TaskSource source, string folder, Func<string, bool> wanted)
    {
        string path = SiteFile.Inside(folder, source.Path);
        if (!Directory.Exists(path)) throw new DataException(path, "this folder of a data set does not exist; mend its path or put the data there.");
        if (source.ImageSize < 1) throw new DataException(path, $"imageSize is {source.ImageSize}; it must be at least 1.");
        var samples = new DistinctSamples(path);
        var reading = new Reading();
        var variables = new VariableRanges(source);
        DataException? firstFault = null;
        foreach (var read in Listed(source, folder, path, wanted, reading, variables))
        {
            try
            {
                if (read() is { } sample) samples.Add(sample);
            }
            catch (DataException e) when (source.OnBadSample == BadSample.Skip)
            {
                firstFault ??= e;
                reading.LeftOut.Add(new LeftOut(e.File, e.Problem));
            }
        }

        Sample[] sorted = samples.InOrder();
        if (sorted.Length == 0 && firstFault is not null)
            throw new DataException(path, $"every sample had to be left out; the first: {firstFault.Message}", firstFault);
        if (sorted.Length == 0 && reading.LeftOut.Count == 0) return null;
        variables.Tell(reading);
        return reading.Of(sorted, variables.Ranges());
    }

    private static IEnumerable<ListedSample> Listed(
        TaskSource source, string folder, string path, Func<string, bool> wanted, Reading reading, VariableRanges variables) => source.Reader switch
        {
            "chexpert" => CheXpert.Read(source, path, wanted, reading),
            "covid-radiography" => CovidRadiography.Read(source, path, wanted, reading),
            "ecg-qa" => EcgQa.Read(source, path, SiteFile.Inside(folder, source.Records), wanted, reading),
            "image-folder" => ImageFolder.Read(source, path, wanted, reading),
            "medmnist" => MedMnist.Read(source, path, wanted),
            "physionet2012" => PhysioNet2012.Read(source, path, wanted, reading, variables),
            "ptbxl" => PtbXl.Read(source, path, wanted),
            "rsna" => Rsna.Read(source, path, wanted, reading),
            "slake" => Slake.Read(source, path, wanted, reading),
            "vqa-rad" => VqaRad.Read(source, path, wanted, reading),
            "yaib" => Whole(Yaib.Read(source, path, wanted, reading, variables)),
            _ => throw new DataException(path, $"unknown reader '{source.Reader}'; there are {string.Join(", ", TaskSource.Readers)}."),
        };

    // A table is read as a whole: its samples have no files of their own that could be bad.
    private static IEnumerable<ListedSample> Whole(List<Sample> samples) => samples.Select(sample => (ListedSample)(() => sample));
}
