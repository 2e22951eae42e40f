using System.Collections.Immutable;
using System.Globalization;
using FedKim.Data.Files;

namespace FedKim.Data.Signals;

/// <summary>
/// Reads PTB-XL's layout (Wagner et al. 2020, version 1.0.3): ptbxl_database.csv, scp_statements.csv and the 100 Hz records it names.
/// One modality, <c>signal</c>, [12, time], millivolts.
/// </summary>
internal static class PtbXl
{
    private const double Frequency = 100;

    public static IEnumerable<ListedSample> Read(TaskSource source, string folder, Func<string, bool> wanted)
    {
        if (source.Downsample < 1) throw new DataException(folder, $"downsample is {source.Downsample}; it must be at least 1.");
        var statements = ScpStatements.Read(Path.Combine(folder, "scp_statements.csv"));
        var isPositive = Label(source.Label, statements, folder);
        var csv = CsvTable.Read(Path.Combine(folder, "ptbxl_database.csv"));
        int patient = csv.Column("patient_id"), scp = csv.Column("scp_codes"), file = csv.Column("filename_lr");
        int? length = null;
        return csv.Rows.Select(row => (ListedSample)(() =>
        {
            string whose = Patient(csv, row, patient);
            if (!wanted(whose)) return null;
            var codes = ScpStatements.Parse(row.Fields[scp]) ?? throw csv.At(row, scp, "expected SCP codes as {'CODE': likelihood, …}.");
            if (codes.Find(code => !statements.Knows(code)) is { } unknown)
                throw csv.At(row, scp, $"scp_statements.csv does not list the code {unknown}.");
            string name = csv.Text(row, file);
            string path = Path.Combine(folder, name);
            var (header, values) = WfdbRecord.Read(path, source.Downsample);
            if (header.Frequency != Frequency)
                throw new DataException(path + ".hea", $"has {header.Frequency} samples a second; expected {Frequency}.");
            if ((length ??= header.Length) != header.Length)
                throw new DataException(path + ".hea", $"has {header.Length} samples a lead, the records before it have {length}.");
            ImmutableArray<int> shape = [WfdbRecord.Leads.Length, header.Length / source.Downsample];
            return new Sample(name, whose,
                ImmutableSortedDictionary<string, Values>.Empty.Add("signal", new Values(shape, values)), isPositive(codes) ? 1 : 0);
        }));
    }

    // "abnormal", or the codes of which one must be there.
    private static Func<List<string>, bool> Label(string label, ScpStatements statements, string folder)
    {
        if (label == "abnormal") return statements.IsAbnormal;
        string[] wanted = label.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (wanted.Length == 0) throw new DataException(folder, "the label is empty; expected 'abnormal' or SCP codes.");
        if (wanted.FirstOrDefault(code => !statements.Knows(code)) is { } unknown)
            throw new DataException(Path.Combine(folder, "scp_statements.csv"), $"does not list the code '{unknown}' of the label '{label}'.");
        return codes => codes.Exists(code => wanted.Contains(code));
    }

    // PTB-XL writes patient ids as decimals, "15709.0".
    private static string Patient(CsvTable csv, CsvTable.Row row, int column)
    {
        string text = csv.Text(row, column);
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal id) && id == decimal.Truncate(id)
            ? decimal.Truncate(id).ToString(CultureInfo.InvariantCulture)
            : throw csv.At(row, column, "expected a whole number.");
    }
}
