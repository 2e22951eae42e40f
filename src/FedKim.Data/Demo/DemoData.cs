using System.Collections.Immutable;
using System.Text.Json;

namespace FedKim.Data.Demo;

/// <summary>
/// Makes the demonstration's data in the formats of the real data sets: every site's below <c>FOLDER/hospital-a</c> and so on, with the
/// folders <c>xray</c>, <c>ecg</c> and <c>icu</c>, and the server's below <c>FOLDER/server/public</c>, <c>development</c> and <c>test</c>.
/// About 2,000 pictures, 1,000 records and 1,200 stays over all places, however many hospitals there are. The last of several hospitals has no ECG.
/// What the tasks that nobody trains owe to the others is in <see cref="DemoTies"/>.
/// </summary>
public static class DemoData
{
    private const string Server = "server", Finished = "demo.json", Unfinished = "demo.unfinished";

    // Raise it whenever the same seed gives other data.
    private const int Version = 2;

    /// <summary>Bytes of a disk that a demonstration fits into, however many hospitals there are.</summary>
    public const long Room = 128L << 20;

    /// <summary>
    /// Task → its source: four that the hospitals train, and <c>pleural-effusion</c> and <c>ectopic-beats</c>, which nobody can train.
    /// </summary>
    public static ImmutableSortedDictionary<string, TaskSource> Sources { get; } = new Dictionary<string, TaskSource>
    {
        [DemoTasks.Pneumonia] = Picture(DemoTasks.Pneumonia),
        [DemoTasks.LungOpacity] = Picture(DemoTasks.LungOpacity),
        [DemoTasks.PleuralEffusion] = Picture(DemoTasks.PleuralEffusion),
        [DemoTasks.EcgAbnormal] = Record("abnormal"),
        [DemoTasks.EctopicBeats] = Record("PVC"),
        [DemoTasks.Mortality] = new()
        {
            Reader = "yaib",
            Path = DemoStays.Folder,
            Hours = DemoStays.Hours,
            Variables = DemoStays.Variables,
        },
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>
    /// Writes the data; does nothing if the folder holds them already. An interrupted or other demonstration in the folder is replaced.
    /// </summary>
    /// <param name="folder">Created where it does not exist.</param>
    /// <param name="hospitals">From 1.</param>
    /// <param name="seed">The same seed and number of hospitals give the same bytes.</param>
    /// <param name="cancel">Ends it; what was written counts as unfinished.</param>
    /// <exception cref="DataException">The folder holds something else than a demonstration.</exception>
    public static void Generate(string folder, int hospitals, long seed, CancellationToken cancel = default) =>
        Generate(folder, hospitals, seed, DemoSize.Full, cancel);

    internal static void Generate(string folder, int hospitals, long seed, DemoSize size, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(hospitals);
        string finished = Path.Combine(folder, Finished), unfinished = Path.Combine(folder, Unfinished);
        string content = JsonSerializer.Serialize(
            new { version = Version, seed, hospitals, pictures = size.Pictures, records = size.Records, stays = size.Stays }) + "\n";
        if (File.Exists(finished) && File.ReadAllText(finished) == content)
            return;

        Directory.CreateDirectory(folder);
        if (!File.Exists(finished) && !File.Exists(unfinished) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new DataException(folder, "holds other files than a demonstration's; name an empty or a new folder.");
        File.WriteAllText(unfinished, content);
        Clear(folder, finished);

        var places = new DemoPlaces(hospitals, seed);
        foreach (var place in places.Sites.Concat(places.Server))
            Directory.CreateDirectory(Path.Combine(folder, place.Folder));
        Task.WhenAll(
            Task.Run(() => DemoPictures.Write(folder, places, size.Pictures, seed, cancel), CancellationToken.None),
            Task.Run(() => DemoRecords.Write(folder, places, size.Records, seed, cancel), CancellationToken.None),
            Task.Run(() => DemoStays.Write(folder, places, size.Stays, seed, cancel), CancellationToken.None)).GetAwaiter().GetResult();

        // The finished marker appears whole and last; until then the folder counts as unfinished.
        using (var file = File.OpenHandle(unfinished, access: FileAccess.Write))
            RandomAccess.FlushToDisk(file);
        File.Move(unfinished, finished);
    }

    private static void Clear(string folder, string finished)
    {
        File.Delete(finished);
        foreach (string old in Directory.GetDirectories(folder))
        {
            string name = Path.GetFileName(old);
            if (name == Server || name.StartsWith("hospital-", StringComparison.Ordinal))
                Directory.Delete(old, recursive: true);
        }
    }

    private static TaskSource Picture(string label) => new()
    {
        Reader = "image-folder",
        Path = DemoPictures.Folder,
        Csv = DemoPictures.Csv,
        Images = DemoPictures.Images,
        Label = label,
        ImageSize = ChestPicture.Size,
    };

    // 25 Hz keep the shape of a beat and a quarter of the work.
    private static TaskSource Record(string label) => new() { Reader = "ptbxl", Path = DemoRecords.Folder, Label = label, Downsample = 4 };
}
