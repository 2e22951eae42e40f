using Parquet;
using Parquet.Schema;

namespace FedKim.Data.Files;

/// <summary>Writes columns as a flat Parquet file and reads them back: whole numbers, numbers that may be missing, or texts.</summary>
public static class ParquetColumns
{
    /// <summary>The file.</summary>
    /// <param name="metadata">Stands beside the columns; null for none.</param>
    /// <param name="columns">Of one length, each of <c>sbyte</c>, <c>short</c>, <c>int</c>, <c>long</c>, <c>int?</c>, <c>double?</c> or <c>string</c>.</param>
    /// <exception cref="ArgumentException">A column is of something else.</exception>
    public static byte[] Of(IReadOnlyDictionary<string, string>? metadata, params (string Name, Array Cells)[] columns)
    {
        using var bytes = new MemoryStream();
        // Written to memory, so that this never waits for anything.
        WriteAsync(bytes, metadata, columns).GetAwaiter().GetResult();
        return bytes.ToArray();
    }

    /// <summary>Reads columns as they were written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Name and type of each: <c>long</c>, <c>int?</c>, <c>double?</c> or <c>string</c>.</param>
    /// <returns>Their cells, in the same order.</returns>
    /// <exception cref="DataException">The file is missing, damaged, or has no such columns.</exception>
    public static Array[] Read(string path, params (string Name, Type Type)[] columns) => Read(path, reader => ReadAsync(path, reader, columns));

    /// <summary>The names of a file's columns.</summary>
    /// <exception cref="DataException">The file is missing, damaged or no parquet file.</exception>
    public static string[] Names(string path) => Read(path, reader => Task.FromResult<string[]>([.. reader.Schema.DataFields.Select(field => field.Name)]));

    /// <summary>Reads a whole file, once its footer was gone through.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Reads what is wanted of it.</param>
    /// <exception cref="DataException">The file is missing, damaged or no parquet file.</exception>
    internal static T Read<T>(string path, Func<ParquetReader, Task<T>> read)
    {
        byte[] file = SiteFile.Read(path);
        if (ParquetFooter.Problem(file) is { } problem)
            throw new DataException(path, problem);
        try
        {
            // All of the file is in memory, so that this never waits for anything.
            return OpenedAsync().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not DataException and not OutOfMemoryException)
        {
            // A decoder fed with garbage fails in many ways; all of them mean the same to the reader of the message.
            throw new DataException(
                path, $"is no whole parquet file, or a corrupt one ({e.GetType().Name}: {e.Message}); restore it from its source.", e);
        }

        async Task<T> OpenedAsync()
        {
            using var bytes = new MemoryStream(file, writable: false);
            await using var reader = await ParquetReader.CreateAsync(bytes);
            return await read(reader);
        }
    }

    private static async Task<Array[]> ReadAsync(string path, ParquetReader reader, (string Name, Type Type)[] columns)
    {
        if (reader.RowGroupCount != 1)
            throw new DataException(path, $"has {reader.RowGroupCount} groups of rows, and was not written here.");
        using var rows = reader.OpenRowGroupReader(0);
        var read = new List<Array>();
        foreach (var (name, type) in columns)
        {
            var field = reader.Schema.DataFields.FirstOrDefault(field => field.Name == name) ?? throw new DataException(path, $"has no column '{name}'.");
            read.Add(type switch
            {
                _ when type == typeof(long) => await Filled(new long[rows.RowCount], cells => rows.ReadAsync<long>(field, cells.AsMemory())),
                _ when type == typeof(int?) => await Filled(new int?[rows.RowCount], cells => rows.ReadAsync<int>(field, cells.AsMemory())),
                _ when type == typeof(double?) => await Filled(new double?[rows.RowCount], cells => rows.ReadAsync<double>(field, cells.AsMemory())),
                _ when type == typeof(string) => await Filled(new string?[rows.RowCount], cells => rows.ReadAsync(field, cells.AsMemory())),
                _ => throw new ArgumentException($"Column '{name}' is asked for as {type.Name}.", nameof(columns)),
            });
        }

        return [.. read];

        static async Task<Array> Filled<T>(T[] cells, Func<T[], ValueTask> read)
        {
            await read(cells);
            return cells;
        }
    }

    private static async Task WriteAsync(MemoryStream bytes, IReadOnlyDictionary<string, string>? metadata, (string Name, Array Cells)[] columns)
    {
        DataField[] fields = [.. columns.Select(column => column.Cells switch
        {
            double?[] => new DataField<double?>(column.Name),
            int?[] => new DataField<int?>(column.Name),
            string[] => (DataField)new DataField<string>(column.Name),
            int[] or long[] or sbyte[] or short[] => new DataField(column.Name, column.Cells.GetType().GetElementType()!),
            _ => throw new ArgumentException($"Column '{column.Name}' holds {column.Cells.GetType().Name}.", nameof(columns)),
        })];
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), bytes);
        if (metadata is not null)
            writer.CustomMetadata = metadata;
        using var rows = writer.CreateRowGroup();
        foreach (var (field, (_, cells)) in fields.Zip(columns))
        {
            await (cells switch
            {
                double?[] doubles => rows.WriteAsync<double>(field, doubles.AsMemory()),
                int?[] ints => rows.WriteAsync<int>(field, ints.AsMemory()),
                int[] ints => rows.WriteAsync<int>(field, ints.AsMemory()),
                long[] longs => rows.WriteAsync<long>(field, longs.AsMemory()),
                sbyte[] bytes8 => rows.WriteAsync<sbyte>(field, bytes8.AsMemory()),
                short[] shorts => rows.WriteAsync<short>(field, shorts.AsMemory()),
                _ => rows.WriteAsync(field, (string[])cells),
            });
        }

        rows.CompleteValidate();
    }
}
