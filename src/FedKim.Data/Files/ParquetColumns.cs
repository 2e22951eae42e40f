using Parquet;
using Parquet.Schema;

namespace FedKim.Data.Files;

/// <summary>Writes columns as a flat Parquet file: whole numbers, numbers that may be missing, or texts.</summary>
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
