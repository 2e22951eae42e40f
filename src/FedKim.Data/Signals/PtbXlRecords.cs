using System.Collections.Immutable;
using System.Globalization;
using FedKim.Data.Files;

namespace FedKim.Data.Signals;

/// <summary>The records of a folder in PTB-XL's layout: what ptbxl_database.csv says of them, and their 100 Hz signals.</summary>
internal sealed class PtbXlRecords
{
    private const double Frequency = 100;

    private readonly string _folder;
    private readonly int _downsample;
    private readonly CsvTable _csv;
    private readonly int _id, _patient, _codes, _file;
    private int? _length;

    /// <exception cref="DataException">There is no such folder, or its ptbxl_database.csv cannot be read.</exception>
    public PtbXlRecords(string folder, int downsample)
    {
        if (downsample < 1)
            throw new DataException(folder, $"downsample is {downsample}; it must be at least 1.");
        (_folder, _downsample) = (folder, downsample);
        _csv = CsvTable.Read(Path.Combine(folder, "ptbxl_database.csv"));
        (_id, _patient, _codes, _file) = (_csv.Column("ecg_id"), _csv.Column("patient_id"), _csv.Column("scp_codes"), _csv.Column("filename_lr"));
    }

    /// <summary>The lines of the file, one a record.</summary>
    public IReadOnlyList<CsvTable.Row> Rows => _csv.Rows;

    /// <summary>The lines by their records' numbers.</summary>
    /// <exception cref="DataException">A line lacks its number, or two have the same.</exception>
    public Dictionary<string, CsvTable.Row> ById()
    {
        var rows = new Dictionary<string, CsvTable.Row>(StringComparer.Ordinal);
        foreach (var row in Rows)
        {
            if (!rows.TryAdd(Whole(row, _id), row))
                throw _csv.At(row, _id, $"line {rows[Whole(row, _id)].Line} lists the same record; keep one of them.");
        }

        return rows;
    }

    /// <summary>The record that a line lists.</summary>
    /// <exception cref="DataException">The line lacks its number, its file or its patient.</exception>
    public PtbXlRecord At(CsvTable.Row row) => new(row, Whole(row, _id), _csv.Text(row, _file), Whole(row, _patient));

    /// <summary>The place of a further column in a record's line.</summary>
    /// <exception cref="DataException">ptbxl_database.csv has no such column.</exception>
    public int Column(string name) => _csv.Column(name);

    /// <inheritdoc cref="CsvTable.Groups"/>
    public Func<CsvTable.Row, string?> Groups(TaskSource source) => _csv.Groups(source);

    /// <summary>The SCP codes of a record.</summary>
    /// <exception cref="DataException">The cell cannot be read, or has a code that the statements do not list.</exception>
    public List<string> Codes(PtbXlRecord record, ScpStatements statements)
    {
        var codes = ScpStatements.Parse(record.Row.Fields[_codes])
            ?? throw _csv.At(record.Row, _codes, "expected SCP codes as {'CODE': likelihood, …}.");
        return codes.Find(code => !statements.Knows(code)) is { } unknown
            ? throw _csv.At(record.Row, _codes, $"scp_statements.csv does not list the code {unknown}.")
            : codes;
    }

    /// <summary>The part that a record's fold belongs to, as PTB-XL's authors say: folds 9 and 10 were validated by people, 9 to choose by and 10 to test with.</summary>
    /// <exception cref="DataException">The cell has no fold, 1 to 10.</exception>
    public PublishedPart Part(PtbXlRecord record, int column) => Whole(record.Row, column) switch
    {
        "1" or "2" or "3" or "4" or "5" or "6" or "7" or "8" => PublishedPart.Train,
        "9" => PublishedPart.Development,
        "10" => PublishedPart.Test,
        _ => throw _csv.At(record.Row, column, "expected a fold, 1 to 10."),
    };

    /// <summary>Whether the folder has the record's signal; an excerpt of PTB-XL need not have all.</summary>
    public bool Has(PtbXlRecord record) => File.Exists(SiteFile.Inside(_folder, record.File + ".hea"));

    /// <summary>The record's signal, [12, time], millivolts; all records of a folder are equally long.</summary>
    /// <exception cref="DataException">It is missing, truncated or corrupt, or of another frequency or length.</exception>
    public ImmutableSortedDictionary<string, Values> Read(PtbXlRecord record)
    {
        string path = SiteFile.Inside(_folder, record.File);
        var (header, values) = WfdbRecord.Read(path, _downsample);
        if (header.Frequency != Frequency)
            throw new DataException(path + ".hea", $"has {header.Frequency} samples a second; expected {Frequency}.");
        if ((_length ??= header.Length) != header.Length)
            throw new DataException(path + ".hea", $"has {header.Length} samples a lead, the records before it have {_length}.");
        if (header.Length < _downsample)
            throw new DataException(path + ".hea", $"has {header.Length} samples a lead, fewer than the {_downsample} that downsample averages.");
        return ImmutableSortedDictionary<string, Values>.Empty.Add(
            Modality.Signal.Kind, new Values([WfdbRecord.Leads.Length, header.Length / _downsample], values));
    }

    // PTB-XL writes patient ids as decimals, "15709.0".
    private string Whole(CsvTable.Row row, int column)
    {
        string text = _csv.Text(row, column);
        return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal id) && id == decimal.Truncate(id)
            ? decimal.Truncate(id).ToString(CultureInfo.InvariantCulture)
            : throw _csv.At(row, column, "expected a whole number.");
    }
}

/// <summary>One record that ptbxl_database.csv lists.</summary>
/// <param name="Row">Its line.</param>
/// <param name="Id">Its number, as questions name it.</param>
/// <param name="File">Its 100 Hz signal below the folder, without an extension.</param>
/// <param name="Patient">Whose it is.</param>
internal sealed record PtbXlRecord(CsvTable.Row Row, string Id, string File, string Patient);
