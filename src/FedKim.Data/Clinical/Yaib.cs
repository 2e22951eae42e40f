using System.Collections.Immutable;
using System.Globalization;

namespace FedKim.Data.Clinical;

/// <summary>
/// Reads YAIB's layout (van de Water et al. 2024): dyn.parquet (one row a stay and hour), outc.parquet (one label a stay, or one an hour, of
/// which the highest counts) and sta.parquet. Each modality is [hours, variables], standardised by the task's fixed constants.
/// </summary>
/// <remarks>Time is seconds in 64-bit integers (as Arrow writes durations) and hours in any other type of number.</remarks>
internal static class Yaib
{
    private const string Stay = "stay_id", Time = "time", Patient = "patient_id";

    public static List<Sample> Read(TaskSource source, string folder)
    {
        if (source.Hours < 1) throw new DataException(folder, $"hours is {source.Hours}; it must be at least 1.");
        if (source.Variables.IsEmpty)
            throw new DataException(folder, "the task names no variables; name the columns of dyn.parquet by modality.");
        string dynPath = Path.Combine(folder, "dyn.parquet");
        var labels = Labels(Path.Combine(folder, "outc.parquet"), source.Label);
        var patients = Patients(Path.Combine(folder, "sta.parquet"));
        var dyn = ParquetTable.Read(dynPath, [Stay, Time, .. source.Variables.Values.SelectMany(v => v).Select(v => v.Column)]);

        var grids = labels.Keys.ToDictionary(stay => stay, _ => new Grid(source));
        long[] stays = Ids(dynPath, dyn);
        int[] hours = Hours(dynPath, dyn);
        var columns = source.Variables.Select(m => m.Value.Select(v => (Variable: v, Cells: dyn[v.Column])).ToArray()).ToArray();
        for (int row = 0; row < stays.Length; row++)
        {
            // Stays without an outcome are not part of the task.
            if (!grids.TryGetValue(stays[row], out var grid)) continue;
            grid.HasRows = true;
            if (hours[row] < 0 || hours[row] >= source.Hours) continue;
            for (int m = 0; m < columns.Length; m++) grid.Fill(m, hours[row], row, columns[m]);
        }

        var samples = new List<Sample>(labels.Count);
        foreach (var (stay, (label, row)) in labels)
        {
            if (!grids[stay].HasRows) throw new DataException(dynPath, $"lacks the stay that row {row} of outc.parquet lists.");
            string id = stay.ToString(CultureInfo.InvariantCulture);
            string patient = patients is null ? id
                : patients.TryGetValue(stay, out string? known) ? known
                : throw new DataException(Path.Combine(folder, "sta.parquet"), $"lacks the stay that row {row} of outc.parquet lists.");
            samples.Add(new Sample(id, patient, grids[stay].Inputs(), label));
        }

        return samples;
    }

    private static Dictionary<long, (int Label, int Row)> Labels(string path, string column)
    {
        var table = ParquetTable.Read(path, Stay, Time, column);
        bool hourly = table.Has(Time);
        long[] stays = Ids(path, table);
        double[] cells = table[column];
        var labels = new Dictionary<long, (int Label, int Row)>();
        for (int row = 0; row < stays.Length; row++)
        {
            if (double.IsNaN(cells[row])) continue;
            if (cells[row] is not 0 and not 1) throw new DataException(path, $"column '{column}', row {row}: expected a label, 0 or 1.");
            int label = (int)cells[row];
            if (labels.TryAdd(stays[row], (label, row))) continue;
            if (!hourly) throw new DataException(path, $"row {row}: its stay was listed before; keep one of them.");
            if (label == 1) labels[stays[row]] = (1, row);
        }

        return labels;
    }

    // Null when the file does not say whose the stays are: then every stay is its own patient.
    private static Dictionary<long, string>? Patients(string path)
    {
        var table = ParquetTable.Read(path, Stay, Patient);
        long[] stays = Ids(path, table);
        if (!table.Has(Patient)) return null;
        double[] patients = table[Patient];
        var byStay = new Dictionary<long, string>();
        for (int row = 0; row < stays.Length; row++)
        {
            if (double.IsNaN(patients[row])) throw new DataException(path, $"column '{Patient}', row {row} is empty.");
            if (!byStay.TryAdd(stays[row], patients[row].ToString("R", CultureInfo.InvariantCulture)))
                throw new DataException(path, $"row {row}: its stay was listed before; keep one of them.");
        }

        return byStay;
    }

    private static long[] Ids(string path, ParquetTable table)
    {
        double[] cells = table[Stay];
        int bad = Array.FindIndex(cells, cell => double.IsNaN(cell) || cell != Math.Truncate(cell));
        if (bad >= 0) throw new DataException(path, $"column '{Stay}', row {bad} is empty or no whole number.");
        return Array.ConvertAll(cells, cell => (long)cell);
    }

    private static int[] Hours(string path, ParquetTable table)
    {
        double unit = table.IsLong(Time) ? 3600 : 1;
        double[] cells = table[Time];
        int bad = Array.FindIndex(cells, cell => double.IsNaN(cell) || cell % unit != 0 || Math.Abs(cell) > 1e9);
        if (bad >= 0)
        {
            string how = unit == 1 ? "in hours" : "in seconds, as 64-bit integers are read";
            throw new DataException(path, $"column '{Time}', row {bad}: expected a whole hour ({how}).");
        }

        return Array.ConvertAll(cells, cell => (int)(cell / unit));
    }

    /// <summary>One stay's values while they are read.</summary>
    private sealed class Grid(TaskSource source)
    {
        private readonly Values[] _values = [.. source.Variables.Values.Select(variables => new Values(
            [source.Hours, variables.Length], new float[source.Hours * variables.Length], new bool[source.Hours * variables.Length]))];

        public bool HasRows { get; set; }

        public void Fill(int modality, int hour, int row, (Variable Variable, double[] Cells)[] columns)
        {
            var values = _values[modality];
            for (int v = 0; v < columns.Length; v++)
            {
                double cell = columns[v].Cells[row];
                if (!double.IsFinite(cell)) continue;
                int at = (hour * columns.Length) + v;
                values.Data[at] = (float)((cell - columns[v].Variable.Mean) / columns[v].Variable.Deviation);
                values.Mask![at] = true;
            }
        }

        public ImmutableSortedDictionary<string, Values> Inputs() => source.Variables.Keys.Zip(_values).ToImmutableSortedDictionary(
            pair => pair.First, pair => pair.Second, source.Variables.KeyComparer);
    }
}
