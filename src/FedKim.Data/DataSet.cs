using System.Collections.Immutable;
using FedKim.Data.Clinical;
using FedKim.Data.Dealing;
using FedKim.Data.Files;
using FedKim.Data.Images;
using FedKim.Data.Questions;
using FedKim.Data.Signals;
using FedKim.Rounds;

namespace FedKim.Data;

/// <summary>The samples of one task at one place, in ordinal order of their ids.</summary>
/// <param name="Samples">The samples.</param>
public sealed record DataSet(ImmutableArray<Sample> Samples)
{
    /// <summary>The readers that a task's source may name; a package's own are added at the start of a process.</summary>
    public static NameTable<IReader> Readers { get; } = new(
        "reader",
        reader => reader.Name,
        new CheXpert(),
        new CovidRadiography(),
        new EcgQa(),
        new ImageFolder(),
        new MedMnist(),
        new PhysioNet2012(),
        new PtbXl(),
        new Rsna(),
        new Slake(),
        new VqaRad(),
        new Yaib());

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
    /// <param name="within">The folder out of which no link is followed; null for the same one.</param>
    /// <exception cref="DataException">
    /// The folder is missing, or a file is missing that another names, or is corrupt, truncated or mislabelled. Where the source says to skip
    /// bad samples: the fault is not one sample's, or no sample is left.
    /// </exception>
    public static DataSet? Read(TaskSource source, string folder, string? within = null)
    {
        if (!Directory.Exists(folder))
            throw new DataException(folder, "this data folder does not exist; mend its path or create it.");
        try
        {
            using var walls = Walls.Around(within ?? folder);
            if (Directory.Exists(SiteFile.Inside(folder, source.Path)))
                return Read(source, folder, _ => true, part: null);
            if (DealtData.Find(source, folder) is not { } dealt)
                return null;
            // Whoever dealt the data named the folder.
            using var there = Walls.Around(dealt.Folder);
            return Read(source, dealt.Folder, dealt.Patients.Contains, dealt.Part);
        }
        catch (Exception e) when (e is not DataException and not OutOfMemoryException)
        {
            // What a decoder throws that nobody thought of. Its words may quote a cell, so that only its name is passed on.
            throw new DataException(Path.Combine(folder, source.Path), $"cannot be read: the reader {source.Reader} ended with {e.GetType().Name}; a file of the data set is corrupt.", e);
        }
    }

    // Readers ask whether a patient is wanted before they decode the sample. Of somebody who stands in another place than all of their samples were
    // published for, a place reads those of its own part.
    private static DataSet? Read(TaskSource source, string folder, Func<string, bool> wanted, PublishedPart? part)
    {
        string path = SiteFile.Inside(folder, source.Path);
        Walls.Check(path);
        if (!Directory.Exists(path))
            throw new DataException(path, "this folder of a data set does not exist; mend its path or put the data there.");
        if (source.ImageSize < 1)
            throw new DataException(path, $"imageSize is {source.ImageSize}; it must be at least 1.");
        var samples = new DistinctSamples(path);
        if (Readers.Find(source.Reader) is not { } reader)
        {
            throw new DataException(
                path,
                $"unknown reader '{source.Reader}'; there are {string.Join(", ", Readers.Names)}. If a package of your own adds it, name its file in fedkim.extensions of this node's file.");
        }

        var reading = new Reading();
        var place = new DataPlace(source, path, wanted, reading) { Site = folder };
        DataException? firstFault = null;
        foreach (var read in reader.Read(place))
        {
            try
            {
                if (read() is not { } sample)
                    continue;
                if (part is null || sample.Part == part)
                    samples.Add(sample);
                else
                    reading.NotAsked("is of another part of its publisher's");
            }
            catch (DataException e) when (source.OnBadSample == BadSample.Skip)
            {
                firstFault ??= e;
                reading.LeftOut.Add(new LeftOut(e.File, e.Problem));
            }
        }

        var sorted = samples.InOrder();
        if (sorted.Length == 0 && firstFault is not null)
            throw new DataException(path, $"every sample had to be left out; the first: {firstFault.Message}", firstFault);
        if (sorted.Length == 0 && reading.LeftOut.Count == 0)
            return null;
        SampleGroup.Check(source, path, sorted);
        place.Ranges.Tell(reading);
        return reading.Of(sorted, place.Ranges.Ranges());
    }
}
