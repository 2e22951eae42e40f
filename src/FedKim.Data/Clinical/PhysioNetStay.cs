using System.Globalization;

namespace FedKim.Data.Clinical;

/// <summary>One stay's hourly means while its file is read; used for one stay after another.</summary>
internal sealed class PhysioNetStay
{
    /// <summary>The line that says whose file it is.</summary>
    public const string Record = "RecordID";

    // Every file tells the first 48 hours of a stay.
    private const int MostHours = 96;

    /// <summary>What is told once of a stay, at its start.</summary>
    public static readonly string[] Descriptors = ["Age", "Gender", "Height", "ICUType"];

    /// <summary>What a file can say of a stay: the descriptors and the time series (physionet.org/content/challenge-2012).</summary>
    public static readonly HashSet<string> Parameters =
    [
        .. Descriptors, "Weight", "Albumin", "ALP", "ALT", "AST", "Bilirubin", "BUN", "Cholesterol", "Creatinine", "DiasABP", "FiO2", "GCS",
        "Glucose", "HCO3", "HCT", "HR", "K", "Lactate", "Mg", "MAP", "MechVent", "Na", "NIDiasABP", "NIMAP", "NISysABP", "PaCO2", "PaO2",
        "pH", "Platelets", "RespRate", "SaO2", "SysABP", "Temp", "TroponinI", "TroponinT", "Urine", "WBC",
    ];

    private readonly TaskSource _source;
    private readonly VariableRanges _ranges;
    private readonly Slot[][][] _slots;
    private readonly Dictionary<string, Slot[]> _byColumn;
    private bool _named;
    private string? _group;

    /// <param name="source">The task's source.</param>
    /// <param name="ranges">Told of every value.</param>
    public PhysioNetStay(TaskSource source, VariableRanges ranges)
    {
        (_source, _ranges) = (source, ranges);
        _slots = [.. source.Variables.Values.Select((m, at) =>
            m.Select((v, place) => v.Columns.Select(column => new Slot(v, column, source.Hours, () => ranges.Outside(at, place))).ToArray()).ToArray())];
        _byColumn = _slots.SelectMany(m => m).SelectMany(v => v).GroupBy(slot => slot.Column).ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
    }

    /// <summary>The group of the stay that was read last; null where the source names no column of groups.</summary>
    public string? Group => _source.GroupColumn is null ? null : _group ?? SampleGroup.Unknown;

    /// <summary>Reads a file: a header, then a line a value as <c>hh:mm,parameter,value</c>.</summary>
    /// <returns>The stay's hours as the task wants them.</returns>
    /// <exception cref="DataException">It has another header or is another stay's, or a line cannot be read; the message names it.</exception>
    public HourlyGrid Read(string path, string id, ReadOnlySpan<char> text)
    {
        if (!text.EndsWith("\n"))
            throw new DataException(path, "ends within a line; it is truncated: restore it from its source.");
        foreach (var slots in _byColumn.Values)
        {
            foreach (var slot in slots)
                slot.Clear();
        }

        (_named, _group) = (false, null);
        int number = 0;
        foreach (var line in text.EnumerateLines())
        {
            if (++number > 1 && !line.IsEmpty)
                Enter(path, id, number, line);
            else if (number == 1 && !line.SequenceEqual("Time,Parameter,Value"))
                throw new DataException(path, "line 1: expected the header Time,Parameter,Value.");
        }

        return _named ? Grid() : throw new DataException(path, $"has no line with its {Record}; it is truncated or no file of this data set.");
    }

    private void Enter(string path, string id, int number, ReadOnlySpan<char> line)
    {
        Span<Range> fields = stackalloc Range[4];
        if (line.Split(fields, ',') != 3)
            throw new DataException(path, $"line {number}: expected three fields, Time,Parameter,Value.");
        ReadOnlySpan<char> time = line[fields[0]], parameter = line[fields[1]], text = line[fields[2]];
        if (parameter.SequenceEqual(Record))
        {
            _named = text.SequenceEqual(id) ? true : throw new DataException(path, $"line {number}: is another stay's than the file's name says.");
            return;
        }

        if (_source.GroupColumn is { } group && _group is null && parameter.SequenceEqual(group))
            _group = SampleGroup.Of(_source, text.SequenceEqual("-1") ? "" : text.ToString(), problem => new DataException(path, $"line {number}, field Value: {problem}"));
        if (!_byColumn.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(parameter, out var slots))
        {
            if (!Parameters.GetAlternateLookup<ReadOnlySpan<char>>().Contains(parameter))
                throw new DataException(path, $"line {number}, field Parameter: the data set knows no such variable.");
            return;
        }

        int hour = Hour(path, number, time);
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !double.IsFinite(value))
            throw new DataException(path, $"line {number}, field Value: is no number.");
        // Nothing that is measured here is below 0, so that -1 can only say that a value is not known.
        if (value == -1 || hour >= _source.Hours)
            return;
        foreach (var slot in slots)
            slot.Add(hour, value);
    }

    private HourlyGrid Grid()
    {
        var grid = new HourlyGrid(_source, _ranges);
        for (int m = 0; m < _slots.Length; m++)
        {
            for (int v = 0; v < _slots[m].Length; v++)
            {
                for (int hour = 0; hour < _source.Hours; hour++)
                {
                    foreach (var slot in _slots[m][v])
                    {
                        if (slot.Mean(hour) is { } mean && grid.Enter(m, v, hour, mean))
                            break;
                    }
                }
            }
        }

        return grid;
    }

    private static int Hour(string path, int line, ReadOnlySpan<char> time)
    {
        int colon = time.IndexOf(':');
        if (colon < 1 || !int.TryParse(time[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out int hour)
            || !int.TryParse(time[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int minute) || minute > 59)
        {
            throw new DataException(path, $"line {line}, field Time: expected hours and minutes as 07:30.");
        }

        if (hour > MostHours)
            throw new DataException(path, $"line {line}, field Time: hour {hour} lies far beyond a stay of this data set, which is {MostHours / 2} hours long.");
        return hour;
    }

    /// <summary>The values of one column for one variable, by hour.</summary>
    private sealed class Slot(Variable variable, string column, int hours, Action outside)
    {
        private readonly double[] _sums = new double[hours];
        private readonly int[] _counts = new int[hours];
        private readonly bool _holds = Descriptors.Contains(column);

        public string Column => column;

        public void Clear()
        {
            Array.Clear(_sums);
            Array.Clear(_counts);
        }

        // A slip is left out before it can spoil the mean of its hour.
        public void Add(int hour, double value)
        {
            if (value < variable.Least || value > variable.Most)
            {
                outside();
                return;
            }

            _sums[hour] += value;
            _counts[hour]++;
        }

        public double? Mean(int hour) => _counts[_holds ? 0 : hour] is > 0 and var count ? _sums[_holds ? 0 : hour] / count : null;
    }
}
