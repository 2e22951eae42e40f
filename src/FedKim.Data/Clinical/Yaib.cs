using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace FedKim.Data.Clinical;

/// <summary>
/// Reads YAIB's layout (van de Water et al. 2024): dyn.parquet (one row a stay and hour), outc.parquet (one label a stay, or one an hour, of
/// which <see cref="HourlyOutcome"/> asks) and sta.parquet (one row a stay, whose values hold for all its hours). Each modality is
/// [hours, variables], standardised by the task's fixed constants.
/// </summary>
/// <remarks>
/// Time is a duration where Arrow's schema in the file says so, in its unit; without it, seconds in 64-bit integers and hours in any other type
/// of number.
/// </remarks>
internal sealed class Yaib : IReader
{
    private const string Stay = "stay_id", Time = "time", Patient = "patient_id", Unlabelled = "has no such outcome";

    // No stay is longer than a year, and no table has only every 60th hour of so many, or every thousandth of however few: such times are of
    // another unit.
    private const int LongestStay = 366 * 24, CoarsestGrid = 60, FewestHours = 3, OtherUnit = 1000;

    /// <inheritdoc/>
    public string Name => "yaib";

    /// <inheritdoc/>
    public Modality Modality => Modality.Table;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["label", "gap", "horizon", "exclude-early-onset", "group-column", "group-cuts"];

    // A table is read as a whole: its samples have no files of their own that could be bad.
    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place) =>
        Samples(place.Source, place.Folder, place.Wanted, place.Reading, place.Ranges).Select(sample => (ListedSample)(() => sample));

    private static List<Sample> Samples(TaskSource source, string folder, Func<string, bool> wanted, Reading reading, VariableRanges ranges)
    {
        HourlyGrid.Check(source, folder);
        string dynPath = Path.Combine(folder, "dyn.parquet"), staPath = Path.Combine(folder, "sta.parquet");
        var patients = Patients(staPath);
        var labels = Labels(Path.Combine(folder, "outc.parquet"), source, stay => Whose(stay) is not { } patient || wanted(patient), reading);
        var stays = new List<(long Stay, string Patient, int Label, int Row)>(labels.Count);
        foreach (var (stay, (label, row)) in labels)
        {
            string patient = Whose(stay) ?? throw new DataException(staPath, $"lacks the stay that row {row} of outc.parquet lists.");
            if (wanted(patient))
                stays.Add((stay, patient, label, row));
        }

        if (stays.Count == 0)
            return [];
        var grids = Grids(source, dynPath, staPath, stays.Select(s => s.Stay), reading, ranges);
        var group = Groups(staPath, source);
        return
        [
            .. stays.Select(s => new Sample(s.Stay.ToString(CultureInfo.InvariantCulture), s.Patient,
                grids[s.Stay]?.Inputs() ?? throw new DataException(dynPath, $"lacks the stay that row {s.Row} of outc.parquet lists."), s.Label)
            {
                Group = group(s.Stay),
            }),
        ];

        string? Whose(long stay) => patients is null ? stay.ToString(CultureInfo.InvariantCulture) : patients.GetValueOrDefault(stay);
    }

    // Null for a stay without a row, even one outside of the hours that are read.
    private static Dictionary<long, HourlyGrid?> Grids(
        TaskSource source, string path, string staPath, IEnumerable<long> stays, Reading reading, VariableRanges ranges)
    {
        var grids = stays.ToDictionary(stay => stay, _ => (HourlyGrid?)null);
        string[] names = [.. source.Variables.Values.SelectMany(v => v).SelectMany(v => v.Columns)];
        var dyn = ParquetTable.Read(path, [Stay, Time, .. names]);
        var sta = ParquetTable.Read(staPath, [Stay, .. names.Where(name => !dyn.Has(name))]);
        long[] ids = dyn.Ids(Stay);
        var (hours, how) = Hours(path, dyn);
        reading.See($"table of hours {how}");
        var columns = source.Variables.Select(m => m.Value.Select(v => v.Columns
            .Select(column => sta.Has(column) ? (Stays: true, Cells: sta[column]) : (Stays: false, Cells: dyn[column])).ToArray()).ToArray()).ToArray();
        var described = new Dictionary<long, int>();
        foreach (var (row, stay) in sta.Ids(Stay).Index())
            described[stay] = row;
        int beyond = 0;
        for (int row = 0; row < ids.Length; row++)
        {
            // Stays without an outcome are not part of the task.
            if (!grids.TryGetValue(ids[row], out var grid))
                continue;
            int? whole = described.TryGetValue(ids[row], out int at) ? at : null;
            if (grid is null)
            {
                grid = grids[ids[row]] = new HourlyGrid(source, ranges);
                for (int hour = 0; hour < source.Hours; hour++)
                    Enter(grid, hour, null, whole);
            }

            if (hours[row] >= 0 && hours[row] < source.Hours)
                Enter(grid, hours[row], row, whole);
            else
                beyond++;
        }

        if (beyond > 0)
            reading.See($"hours of a stay outside of the {source.Hours} that are read", beyond);

        return grids;

        // The first column with a value in the hour counts, be it the hour's or the stay's.
        void Enter(HourlyGrid grid, int hour, int? hourly, int? whole)
        {
            for (int m = 0; m < columns.Length; m++)
            {
                for (int v = 0; v < columns[m].Length; v++)
                {
                    foreach (var (stays, cells) in columns[m][v])
                    {
                        if ((stays ? whole : hourly) is { } row && grid.Enter(m, v, hour, cells[row]))
                            break;
                    }
                }
            }
        }
    }

    private static Dictionary<long, (int Label, int Row)> Labels(string path, TaskSource source, Func<long, bool> wanted, Reading reading)
    {
        var table = ParquetTable.Read(path, Stay, Time, source.Label);
        long[] stays = table.Ids(Stay);
        double[] cells = table[source.Label];
        int bad = Array.FindIndex(cells, cell => !double.IsNaN(cell) && cell is not 0 and not 1);
        if (bad >= 0)
            throw new DataException(path, $"column '{source.Label}', row {bad}: expected a label, 0 or 1.");
        if (table.Has(Time) && stays.Distinct().Count() < stays.Length)
            return ByHour(source, stays, Hours(path, table).Hours, cells, wanted, reading);
        if (source.Gap != 0 || source.Horizon != 0 || source.ExcludeEarlyOnset is not null)
            throw new DataException(path, $"'{source.Label}' is one label a stay, of which no hour can be asked; take gap, horizon and exclude-early-onset out of the task's source.");
        var labels = new Dictionary<long, (int Label, int Row)>();
        for (int row = 0; row < stays.Length; row++)
        {
            if (double.IsNaN(cells[row]))
            {
                if (wanted(stays[row]))
                    reading.NotAsked(Unlabelled);
                continue;
            }

            if (!labels.TryAdd(stays[row], ((int)cells[row], row)))
                throw new DataException(path, $"row {row}: its stay was listed before; keep one of them.");
        }

        return labels;
    }

    private static Dictionary<long, (int Label, int Row)> ByHour(
        TaskSource source, long[] stays, int[] hours, double[] cells, Func<long, bool> wanted, Reading reading)
    {
        var told = new Dictionary<long, (int Row, int? Onset, int Last, bool Labelled)>();
        for (int row = 0; row < stays.Length; row++)
        {
            var (first, onset, last, labelled) = told.GetValueOrDefault(stays[row], (row, null, hours[row], false));
            told[stays[row]] = (first, cells[row] == 1 ? Math.Min(onset ?? hours[row], hours[row]) : onset, Math.Max(last, hours[row]), labelled || !double.IsNaN(cells[row]));
        }

        // Whose stays are not read here is not counted here either.
        var here = told.Where(stay => wanted(stay.Key)).ToLookup(stay => stay.Value.Labelled);
        if (here[false].Count() is > 0 and var without)
            reading.NotAsked(Unlabelled, without);
        return HourlyOutcome.Ask(source, [.. here[true].Select(stay => (stay.Key, stay.Value.Onset, stay.Value.Last))], reading)
            .ToDictionary(asked => asked.Key, asked => (asked.Value, told[asked.Key].Row));
    }

    // Of a stay that the file does not have nothing is known.
    private static Func<long, string?> Groups(string path, TaskSource source)
    {
        if (source.GroupColumn is not { } column)
            return _ => null;
        string[] cells = ParquetTable.Texts(path, column);
        var rows = ParquetTable.Read(path, Stay).Ids(Stay).Index().ToDictionary(stay => stay.Item, stay => stay.Index);
        return stay => rows.TryGetValue(stay, out int row)
            ? SampleGroup.Of(source, cells[row], problem => new DataException(path, $"column '{column}', row {row}: {problem}"))
            : SampleGroup.Unknown;
    }

    // Null when the file does not say whose the stays are: then every stay is its own patient.
    private static Dictionary<long, string>? Patients(string path)
    {
        var table = ParquetTable.Read(path, Stay, Patient);
        long[] stays = table.Ids(Stay);
        if (!table.Has(Patient))
            return null;
        double[] patients = table[Patient];
        long[]? whole = patients.All(patient => patient == Math.Truncate(patient)) ? table.Ids(Patient) : null;
        var byStay = new Dictionary<long, string>();
        for (int row = 0; row < stays.Length; row++)
        {
            if (double.IsNaN(patients[row]))
                throw new DataException(path, $"column '{Patient}', row {row} is empty.");
            if (!byStay.TryAdd(stays[row], whole?[row].ToString(CultureInfo.InvariantCulture) ?? patients[row].ToString("R", CultureInfo.InvariantCulture)))
                throw new DataException(path, $"row {row}: its stay was listed before; keep one of them.");
        }

        return byStay;
    }

    private static (int[] Hours, string How) Hours(string path, ParquetTable table)
    {
        double unit = table.Duration(Time) is { } duration ? (long)duration : table.IsLong(Time) ? (long)ArrowDuration.Second : 1;
        string how = table.Duration(Time) is { } said ? $"in {said.ToString().ToLowerInvariant()}s, as {ArrowSchema.Key} says"
            : unit == 1 ? "in hours" : "in seconds, as 64-bit integers are read";
        double[] cells = table[Time];
        int bad = Array.FindIndex(cells, cell => double.IsNaN(cell) || cell % unit != 0);
        if (bad >= 0)
            throw new DataException(path, $"column '{Time}', row {bad}: expected a whole hour ({how}).");
        int far = Array.FindIndex(cells, cell => Math.Abs(cell / unit) > LongestStay);
        if (far >= 0)
        {
            throw new DataException(path, string.Create(CultureInfo.InvariantCulture,
                $"column '{Time}', row {far}: read {how}, this is hour {cells[far] / unit:0}, far beyond any stay. Write the file with Arrow's schema, or '{Time}' in seconds."));
        }

        int[] hours = Array.ConvertAll(cells, cell => (int)(cell / unit));
        int[] distinct = [.. hours.Where(hour => hour != 0).Distinct()];
        long step = distinct.Aggregate(0L, (divisor, hour) => (long)BigInteger.GreatestCommonDivisor(divisor, hour));
        if ((distinct.Length >= FewestHours && step >= CoarsestGrid) || (step > 0 && step % OtherUnit == 0))
            throw new DataException(path, $"column '{Time}': read {how}, every hour is a multiple of {step}. Write the file with Arrow's schema, or '{Time}' in seconds.");
        return (hours, how);
    }
}
