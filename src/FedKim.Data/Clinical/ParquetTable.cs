using FedKim.Data.Files;
using Parquet;
using Parquet.Schema;

namespace FedKim.Data.Clinical;

/// <summary>Columns of numbers of a flat parquet file; an empty cell is NaN. Every error names the file.</summary>
internal sealed class ParquetTable
{
    private readonly string _path;
    private readonly HashSet<string> _integers;
    private readonly Dictionary<string, double[]> _columns;

    private ParquetTable(string path, HashSet<string> integers, Dictionary<string, double[]> columns) =>
        (_path, _integers, _columns) = (path, integers, columns);

    /// <summary>The names of all numeric columns that were read.</summary>
    public bool Has(string column) => _columns.ContainsKey(column);

    /// <summary>Whether the column holds 64-bit integers.</summary>
    public bool IsLong(string column) => _integers.Contains(column);

    /// <summary>A column's cells.</summary>
    /// <exception cref="DataException">There is no such column.</exception>
    public double[] this[string column] => _columns.TryGetValue(column, out double[]? cells)
        ? cells
        : throw new DataException(_path, $"has no column of numbers '{column}'.");

    /// <summary>Reads those of the wanted columns that the file has.</summary>
    /// <exception cref="DataException">The file is missing, truncated or no parquet file, or a wanted column holds no numbers.</exception>
    public static ParquetTable Read(string path, params IEnumerable<string> wanted)
    {
        byte[] file = SiteFile.Read(path);
        try
        {
            using var bytes = new MemoryStream(file, writable: false);
            // All of the file is in memory, so that this never waits for anything.
            return ReadAsync(path, bytes, [.. wanted]).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not DataException and not OutOfMemoryException)
        {
            // A decoder fed with garbage fails in many ways; all of them mean the same to the reader of the message.
            throw new DataException(
                path, $"is no whole parquet file, or a corrupt one ({e.GetType().Name}: {e.Message}); restore it from its source.", e);
        }
    }

    /// <summary>Writes a file of these columns: numbers that may be missing, whole numbers or texts.</summary>
    public static void Write(string path, params (string Name, Array Cells)[] columns)
    {
        using var bytes = new MemoryStream();
        // Written to memory, so that this never waits for anything.
        WriteAsync(bytes, columns).GetAwaiter().GetResult();
        File.WriteAllBytes(path, bytes.ToArray());
    }

    private static async Task WriteAsync(MemoryStream bytes, (string Name, Array Cells)[] columns)
    {
        DataField[] fields = [.. columns.Select(column => column.Cells switch
        {
            double?[] => new DataField<double?>(column.Name),
            int[] => new DataField<int>(column.Name),
            long[] => new DataField<long>(column.Name),
            string[] => (DataField)new DataField<string>(column.Name),
            _ => throw new ArgumentException($"Column '{column.Name}' holds {column.Cells.GetType().Name}.", nameof(columns)),
        })];
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), bytes);
        using var rows = writer.CreateRowGroup();
        foreach (var (field, (_, cells)) in fields.Zip(columns))
        {
            if (cells is double?[] doubles) await rows.WriteAsync<double>(field, doubles.AsMemory());
            else if (cells is int[] ints) await rows.WriteAsync<int>(field, ints.AsMemory());
            else if (cells is long[] longs) await rows.WriteAsync<long>(field, longs.AsMemory());
            else await rows.WriteAsync(field, (string[])cells);
        }

        rows.CompleteValidate();
    }

    private static async Task<ParquetTable> ReadAsync(string path, MemoryStream bytes, string[] wanted)
    {
        await using var reader = await ParquetReader.CreateAsync(bytes);
        var fields = reader.Schema.DataFields.Where(field => wanted.Contains(field.Name)).ToList();
        var parts = fields.ToDictionary(field => field.Name, _ => new List<double[]>(), StringComparer.Ordinal);
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            foreach (var field in fields) parts[field.Name].Add(await Column(path, rows, field));
        }

        return new ParquetTable(path, [.. fields.Where(f => f.ClrType == typeof(long)).Select(f => f.Name)],
            parts.ToDictionary(part => part.Key, part => part.Value.SelectMany(cells => cells).ToArray(), StringComparer.Ordinal));
    }

    private static async Task<double[]> Column(string path, ParquetRowGroupReader rows, DataField field) => field.ClrType switch
    {
        var type when type == typeof(double) => await Cells<double>(rows, field, x => x),
        var type when type == typeof(float) => await Cells<float>(rows, field, x => x),
        var type when type == typeof(int) => await Cells<int>(rows, field, x => x),
        var type when type == typeof(long) => await Cells<long>(rows, field, x => x),
        var type when type == typeof(bool) => await Cells<bool>(rows, field, x => x ? 1 : 0),
        _ => throw new DataException(path, $"column '{field.Name}' holds {field.ClrType.Name}; expected numbers."),
    };

    private static async Task<double[]> Cells<T>(ParquetRowGroupReader rows, DataField field, Func<T, double> number) where T : struct
    {
        if (field.IsNullable)
        {
            var cells = new T?[rows.RowCount];
            await rows.ReadAsync<T>(field, cells.AsMemory());
            return Array.ConvertAll(cells, cell => cell is { } value ? number(value) : double.NaN);
        }

        var full = new T[rows.RowCount];
        await rows.ReadAsync<T>(field, full.AsMemory());
        return Array.ConvertAll(full, value => number(value));
    }
}
