using System.Collections.Immutable;
using System.Formats.Tar;
using System.Text;
using FedKim.Data.Files;

namespace FedKim.Data.Clinical;

/// <summary>
/// Reads the PhysioNet / Computing in Cardiology Challenge 2012 (Silva et al. 2012): for each set x an Outcomes-x.txt, and beside it set-x,
/// a folder or a tar.gz of it, with a text file a stay. Each modality is [hours, variables], standardised by the task's fixed constants;
/// several values of an hour are averaged, and -1 is a value that is not known. A stay is its own patient.
/// </summary>
/// <remarks>
/// Age, gender, height and ICU type stand once in a file, at its start. They hold for the whole stay, so they are entered at every hour:
/// an encoder then finds them wherever it looks. Weight stands at the start, too, but is measured again and read like any other series.
/// </remarks>
internal sealed class PhysioNet2012 : IReader
{
    // The longest of the challenge has 70,000.
    private const int MostBytes = 1 << 20;

    private const string Unknown = "-1", Unlabelled = "has no such outcome";

    /// <inheritdoc/>
    public string Name => "physionet2012";

    /// <inheritdoc/>
    public Modality Modality => Modality.Table;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["label", "group-column", "group-cuts"];

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Problem)> Problems(TaskSource source) => source.GroupColumn is { } column && !PhysioNetStay.Descriptors.Contains(column)
        ? [("group-column", $"is \"{column}\", which this set does not tell once of a stay; it tells {string.Join(", ", PhysioNetStay.Descriptors)}. Name one of these.")]
        : [];

    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        var (source, folder, wanted, reading) = place;
        HourlyGrid.Check(source, folder);
        if (source.Variables.Values.SelectMany(v => v).SelectMany(v => v.Columns).FirstOrDefault(column => !PhysioNetStay.Parameters.Contains(column)) is { } unknown)
        {
            throw new DataException(
                folder, $"this data set has no variable '{unknown}'; it has {string.Join(", ", PhysioNetStay.Parameters.Order(StringComparer.Ordinal))}.");
        }

        string[] outcomes = SiteFile.List(folder, path => Directory.EnumerateFiles(path, "Outcomes-*.txt"));
        if (outcomes.Length == 0)
            throw new DataException(folder, "has no outcomes; expected Outcomes-a.txt beside set-a or set-a.tar.gz.");
        return outcomes.SelectMany(file => Set(source, file, wanted, reading, place.Ranges));
    }

    private static IEnumerable<ListedSample> Set(TaskSource source, string outcomes, Func<string, bool> wanted, Reading reading, VariableRanges ranges)
    {
        var labels = Labels(outcomes, source.Label, wanted, reading);
        if (labels.Count == 0)
            yield break;
        string set = Path.Combine(Path.GetDirectoryName(outcomes)!, "set-" + Path.GetFileNameWithoutExtension(outcomes)["Outcomes-".Length..]);
        var stay = new PhysioNetStay(source, ranges);
        foreach (var (id, path, file) in Directory.Exists(set) ? Folder(set, labels) : Archive(set + ".tar.gz", labels))
        {
            if (labels.Remove(id, out var found))
            {
                yield return () =>
                {
                    var grid = stay.Read(path, id, Encoding.UTF8.GetString(TextFile.Checked(path, file).Span));
                    return new Sample(id, id, grid.Inputs(), found.Label) { Group = stay.Group };
                };
            }
        }

        foreach (var (_, line) in labels.Values)
        {
            yield return () => throw new DataException(
                outcomes, $"line {line}, column '{PhysioNetStay.Record}': the stay has no file in {set}; restore the set from its source.");
        }
    }

    private static Dictionary<string, (int Label, long Line)> Labels(string path, string label, Func<string, bool> wanted, Reading reading)
    {
        var csv = CsvTable.Read(path);
        int record = csv.Column(PhysioNetStay.Record), outcome = csv.Column(label);
        var labels = new Dictionary<string, (int, long)>(StringComparer.Ordinal);
        foreach (var row in csv.Rows)
        {
            string id = csv.Text(row, record);
            if (!wanted(id))
                continue;
            // What the set does not know has no label.
            if (row.Fields[outcome].Trim() is var text && text is "" or Unknown)
            {
                reading.NotAsked(Unlabelled);
                continue;
            }

            int positive = text switch { "0" => 0, "1" => 1, _ => throw csv.At(row, outcome, "expected a label: 0, 1, -1 or nothing.") };
            if (!labels.TryAdd(id, (positive, row.Line)))
                throw csv.At(row, record, "the stay was listed before; keep one of the lines.");
        }

        return labels;
    }

    private static IEnumerable<(string Id, string Path, byte[] File)> Folder(string folder, Dictionary<string, (int, long)> wanted) =>
        from id in wanted.Keys.ToArray()
        let path = Path.Combine(folder, id + ".txt")
        where File.Exists(path)
        select (id, path, SiteFile.Read(path));

    // One stay's text at a time is in memory, and stays that nobody asked for are never decoded.
    private static IEnumerable<(string Id, string Path, byte[] File)> Archive(string path, Dictionary<string, (int, long)> wanted)
    {
        using var plain = GzipFile.Open(path);
        using var tar = new TarReader(plain);
        while (GzipFile.Read(path, () => tar.GetNextEntry()) is { } entry)
        {
            string id = Path.GetFileNameWithoutExtension(entry.Name);
            if (entry.DataStream is null || !entry.Name.EndsWith(".txt", StringComparison.Ordinal) || !wanted.ContainsKey(id))
                continue;
            if (entry.Length > MostBytes)
                throw new DataException(path, $"{entry.Name} has {entry.Length} bytes, and no stay has more than {MostBytes}; restore the file from its source.");
            using var content = new MemoryStream();
            GzipFile.Read(path, () =>
            {
                entry.DataStream.CopyTo(content);
                return content.Length;
            });
            yield return (id, $"{path}/{entry.Name}", content.ToArray());
        }
    }
}
