using CsvHelper;

namespace FedKim.Data.Files;

/// <summary>
/// A CSV file with a header line, whole in memory. Errors name file, line and column, never a cell's content: they leave the site.
/// </summary>
internal sealed class CsvTable
{
    private readonly string _path;
    private readonly string[] _header;

    private CsvTable(string path, string[] header, List<Row> rows) => (_path, _header, Rows) = (path, header, rows);

    /// <summary>The lines below the header.</summary>
    public List<Row> Rows { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">It is missing or no UTF-8, has no header, or a line has more or fewer fields than the header.</exception>
    public static CsvTable Read(string path)
    {
        try
        {
            using var csv = CsvReader.Create(TextFile.Read(path), new CsvReaderOptions
            {
                Separator = ',',
                HasHeader = false,
                TrackLineNumbers = true,
            });
            if (!csv.Read())
                throw new DataException(path, "this file is empty; expected a header line.");
            string[] header = csv.Current.ToArray();
            var rows = new List<Row>();
            while (csv.Read())
            {
                string[] fields = csv.Current.ToArray();
                if (fields.Length != header.Length)
                    throw new DataException(path, $"line {csv.LineNumber} has {fields.Length} fields, the header has {header.Length}.");
                rows.Add(new Row(csv.LineNumber, fields));
            }

            return new CsvTable(path, header, rows);
        }
        catch (CsvFormatException e)
        {
            throw new DataException(path, $"cannot be read as CSV: {e.Message}", e);
        }
    }

    /// <summary>Writes a file; the first row is the header.</summary>
    public static void Write(string path, IEnumerable<string[]> rows)
    {
        using var csv = CsvWriter.ToFile(path, new CsvWriterOptions { NewLine = "\n" });
        foreach (string[] row in rows)
            csv.WriteRecord(row);
    }

    /// <summary>The place of a column.</summary>
    /// <exception cref="DataException">There is no such column, or there are two.</exception>
    public int Column(string name) =>
        Find(name) ?? throw new DataException(_path, $"has no column '{name}'; its columns are {string.Join(", ", _header)}.");

    /// <summary>The place of a column; null where the file has none of this name.</summary>
    /// <exception cref="DataException">There are two: nothing says which one is meant.</exception>
    public int? Find(string name)
    {
        int first = Array.IndexOf(_header, name), last = Array.LastIndexOf(_header, name);
        if (first != last)
            throw new DataException(_path, $"has the column '{name}' twice, as column {first + 1} and {last + 1}; rename or remove one of them.");
        return first < 0 ? null : first;
    }

    /// <summary>An error of the file's.</summary>
    public DataException Fault(string problem) => new(_path, problem);

    /// <summary>An error at a field.</summary>
    public DataException At(Row row, int column, string problem) => new(_path, $"line {row.Line}, column '{_header[column]}': {problem}");

    /// <summary>A field that must not be empty, without blanks around it: "P1 " is the patient P1.</summary>
    public string Text(Row row, int column) => row.Fields[column].Trim() is { Length: > 0 } text ? text : throw At(row, column, "is empty.");

    /// <summary>A label, 0 or 1; null for an empty field, which says that the line is no sample of the task.</summary>
    public int? Label(Row row, int column) => row.Fields[column].Trim() switch
    {
        "" => null,
        "0" or "0.0" => 0,
        "1" or "1.0" => 1,
        _ => throw At(row, column, "expected a label: 0, 1 or nothing."),
    };

    /// <summary>The group of a line's sample; null for every line where the source names no column of groups.</summary>
    /// <exception cref="DataException">There is no such column, or, at a line, its cell names no group.</exception>
    public Func<Row, string?> Groups(TaskSource source)
    {
        if (source.GroupColumn is not { } name)
            return _ => null;
        int column = Column(name);
        return row => SampleGroup.Of(source, row.Fields[column], problem => At(row, column, problem));
    }

    /// <summary>A line.</summary>
    /// <param name="Line">Its number in the file, from 1.</param>
    /// <param name="Fields">As many as the header has.</param>
    internal readonly record struct Row(long Line, string[] Fields);
}
