using System.Globalization;
using FedKim.Data.Files;
using Parquet;
using Parquet.Schema;

namespace FedKim.Data.Clinical;

/// <summary>Columns of numbers of a flat parquet file; an empty cell is NaN. Every error names the file.</summary>
internal sealed class ParquetTable
{
    // Between two neighbouring doubles beyond it lie whole numbers: ids there would fall together.
    private const double LastExact = 1L << 53;

    private readonly string _path;
    private readonly Dictionary<string, double[]> _columns;
    private readonly Dictionary<string, long[]> _whole;
    private readonly Dictionary<string, ArrowDuration> _durations;

    private ParquetTable(
        string path, Dictionary<string, double[]> columns, Dictionary<string, long[]> whole, Dictionary<string, ArrowDuration> durations) =>
        (_path, _columns, _whole, _durations) = (path, columns, whole, durations);

    /// <summary>The names of all numeric columns that were read.</summary>
    public bool Has(string column) => _columns.ContainsKey(column);

    /// <summary>Whether the column holds 64-bit integers.</summary>
    public bool IsLong(string column) => _whole.ContainsKey(column);

    /// <summary>The unit of a column that Arrow wrote as durations; null for any other.</summary>
    public ArrowDuration? Duration(string column) => _durations.TryGetValue(column, out var unit) ? unit : null;

    /// <summary>A column of whole numbers, to the last digit.</summary>
    /// <exception cref="DataException">There is no such column, or a cell is empty, no whole number, or larger than its type tells apart.</exception>
    public long[] Ids(string column)
    {
        double[] cells = this[column];
        int bad = Array.FindIndex(cells, cell => double.IsNaN(cell) || cell != Math.Truncate(cell));
        if (bad >= 0)
            throw new DataException(_path, $"column '{column}', row {bad} is empty or no whole number.");
        if (_whole.TryGetValue(column, out long[]? whole))
            return whole;
        int large = Array.FindIndex(cells, cell => Math.Abs(cell) > LastExact);
        if (large >= 0)
        {
            throw new DataException(
                _path, $"column '{column}', row {large}: an id above 2^53 in a column of type double, which does not tell such ids apart; save the column as 64-bit integers.");
        }

        return Array.ConvertAll(cells, cell => (long)cell);
    }

    /// <summary>A column's cells.</summary>
    /// <exception cref="DataException">There is no such column.</exception>
    public double[] this[string column] => _columns.TryGetValue(column, out double[]? cells)
        ? cells
        : throw new DataException(_path, $"has no column of numbers '{column}'.");

    /// <summary>Reads those of the wanted columns that the file has.</summary>
    /// <exception cref="DataException">The file is missing, truncated or no parquet file, or a wanted column holds no numbers.</exception>
    public static ParquetTable Read(string path, params IEnumerable<string> wanted) => ParquetColumns.Read(path, reader => ReadAsync(path, reader, [.. wanted]));

    /// <summary>A column's cells as texts, be they texts or numbers; an empty cell is an empty text.</summary>
    /// <exception cref="DataException">The file is missing, truncated or no parquet file, or has no such column, or has it twice.</exception>
    public static string[] Texts(string path, string column) =>
        ParquetColumns.Read(path, reader => TextsAsync(path, reader, column))
        ?? Array.ConvertAll(Read(path, column)[column], cell => double.IsNaN(cell) ? "" : cell.ToString(CultureInfo.InvariantCulture));

    /// <summary>Writes a file of these columns: numbers that may be missing, whole numbers or texts.</summary>
    public static void Write(string path, params (string Name, Array Cells)[] columns) => Write(path, null, columns);

    /// <summary>Writes such a file with metadata beside its columns.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, string>? metadata, params (string Name, Array Cells)[] columns) =>
        File.WriteAllBytes(path, ParquetColumns.Of(metadata, columns));

    private static async Task<ParquetTable> ReadAsync(string path, ParquetReader reader, string[] wanted)
    {
        var fields = reader.Schema.DataFields.Where(field => wanted.Contains(field.Name)).ToList();
        if (fields.CountBy(field => field.Name, StringComparer.Ordinal).FirstOrDefault(column => column.Value > 1) is { Key: not null } twice)
            throw new DataException(path, $"has the column '{twice.Key}' {twice.Value} times; rename or remove the others.");
        var parts = fields.ToDictionary(field => field.Name, _ => new List<(double[] Cells, long[]? Whole)>(), StringComparer.Ordinal);
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            foreach (var field in fields)
                parts[field.Name].Add(await Column(path, rows, field));
        }

        return new ParquetTable(
            path,
            parts.ToDictionary(part => part.Key, part => part.Value.SelectMany(cells => cells.Cells).ToArray(), StringComparer.Ordinal),
            fields.Where(field => IsLong(field.ClrType))
                .ToDictionary(field => field.Name, field => parts[field.Name].SelectMany(cells => cells.Whole!).ToArray(), StringComparer.Ordinal),
            Durations(path, reader.CustomMetadata));
    }

    // Null for a column that holds something else.
    private static async Task<string[]?> TextsAsync(string path, ParquetReader reader, string column)
    {
        if (reader.Schema.DataFields.FirstOrDefault(field => field.Name == column) is not { } field)
            throw new DataException(path, $"has no column '{column}'; its columns are {string.Join(", ", reader.Schema.DataFields.Select(field => field.Name))}.");
        if (field.ClrType != typeof(ReadOnlyMemory<char>))
            return null;
        var texts = new List<string>();
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            string?[] cells = new string?[rows.RowCount];
            await rows.ReadAsync(field, cells.AsMemory());
            texts.AddRange(cells.Select(cell => cell ?? ""));
        }

        return [.. texts];
    }

    private static Dictionary<string, ArrowDuration> Durations(string path, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null || !metadata.TryGetValue(ArrowSchema.Key, out string? schema))
            return [];
        try
        {
            return ArrowSchema.Durations(schema);
        }
        catch (FormatException e)
        {
            throw new DataException(path, $"its metadata {ArrowSchema.Key}, which has the units of durations, cannot be read: {e.Message}; write the file again.", e);
        }
    }

    private static bool IsLong(Type type) => type == typeof(long) || type == typeof(ulong);

    private static async Task<(double[] Cells, long[]? Whole)> Column(string path, ParquetRowGroupReader rows, DataField field) => field.ClrType switch
    {
        var type when type == typeof(double) => await Cells<double>(rows, field, x => x),
        var type when type == typeof(float) => await Cells<float>(rows, field, x => x),
        var type when type == typeof(int) => await Cells<int>(rows, field, x => x),
        var type when type == typeof(long) => await Cells<long>(rows, field, x => x, x => x),
        var type when type == typeof(sbyte) => await Cells<sbyte>(rows, field, x => x),
        var type when type == typeof(short) => await Cells<short>(rows, field, x => x),
        var type when type == typeof(byte) => await Cells<byte>(rows, field, x => x),
        var type when type == typeof(ushort) => await Cells<ushort>(rows, field, x => x),
        var type when type == typeof(uint) => await Cells<uint>(rows, field, x => x),
        var type when type == typeof(ulong) => await Cells<ulong>(rows, field, x => x, x => unchecked((long)x)),
        var type when type == typeof(bool) => await Cells<bool>(rows, field, x => x ? 1 : 0),
        _ => throw new DataException(path, $"column '{field.Name}' holds {field.ClrType.Name}; expected numbers."),
    };

    private static async Task<(double[] Cells, long[]? Whole)> Cells<T>(
        ParquetRowGroupReader rows, DataField field, Func<T, double> number, Func<T, long>? whole = null) where T : struct
    {
        if (field.IsNullable)
        {
            var cells = new T?[rows.RowCount];
            await rows.ReadAsync<T>(field, cells.AsMemory());
            return (Array.ConvertAll(cells, cell => cell is { } value ? number(value) : double.NaN),
                whole is null ? null : Array.ConvertAll(cells, cell => cell is { } value ? whole(value) : 0));
        }

        var full = new T[rows.RowCount];
        await rows.ReadAsync<T>(field, full.AsMemory());
        return (Array.ConvertAll(full, value => number(value)), whole is null ? null : Array.ConvertAll(full, value => whole(value)));
    }
}
