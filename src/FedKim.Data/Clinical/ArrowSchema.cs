using System.Buffers.Binary;
using System.Text;

namespace FedKim.Data.Clinical;

/// <summary>How many of a duration's units make an hour.</summary>
internal enum ArrowDuration : long
{
    Second = 3600,
    Millisecond = 3_600_000,
    Microsecond = 3_600_000_000,
    Nanosecond = 3_600_000_000_000,
}

/// <summary>
/// The units of the durations in a parquet file that Arrow wrote: the file itself has bare integers for them, and the unit stands only in
/// Arrow's own schema, which it keeps under <see cref="Key"/> as an encapsulated IPC message in base64 (Arrow columnar format, Schema.fbs).
/// </summary>
/// <remarks>Only as much of FlatBuffers is read as this takes. Every offset is checked against the buffer.</remarks>
internal static class ArrowSchema
{
    /// <summary>Where Arrow keeps its schema among a file's metadata.</summary>
    public const string Key = "ARROW:schema";

    private const byte SchemaHeader = 1, DurationType = 18;
    private const uint Continuation = 0xFFFFFFFF;

    /// <summary>The columns that are durations, by name.</summary>
    /// <exception cref="FormatException">The text is no such schema.</exception>
    public static Dictionary<string, ArrowDuration> Durations(string schema)
    {
        var durations = new Dictionary<string, ArrowDuration>(StringComparer.Ordinal);
        byte[] buffer = Convert.FromBase64String(schema);
        try
        {
            int start = Read32(buffer, 0) == Continuation ? 8 : 4;
            // Message: version, header_type, header. Schema: endianness, fields. Field: name, nullable, type_type, type.
            int message = Follow(buffer, start);
            if (Field(buffer, message, 1) is not { } kind || buffer[kind] != SchemaHeader || Table(buffer, message, 2) is not { } header
                || Table(buffer, header, 1) is not { } fields)
            {
                throw new FormatException("it holds no schema");
            }

            for (int i = 0; i < Read32(buffer, fields); i++)
            {
                int field = Follow(buffer, fields + 4 + (4 * i));
                if (Field(buffer, field, 2) is not { } type || buffer[type] != DurationType || Table(buffer, field, 0) is not { } name)
                    continue;
                // Schema.fbs: a duration's unit is milliseconds where it is not written.
                int? unit = Table(buffer, field, 3) is { } duration ? Field(buffer, duration, 0) : null;
                durations[Encoding.UTF8.GetString(buffer, name + 4, (int)Read32(buffer, name))] =
                    (unit is { } at ? BinaryPrimitives.ReadInt16LittleEndian(buffer.AsSpan(at)) : 1) switch
                    {
                        0 => ArrowDuration.Second,
                        1 => ArrowDuration.Millisecond,
                        2 => ArrowDuration.Microsecond,
                        3 => ArrowDuration.Nanosecond,
                        _ => throw new FormatException("a duration has an unknown unit"),
                    };
            }
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new FormatException("it is cut off or corrupt", e);
        }

        return durations;
    }

    private static uint Read32(byte[] buffer, int at) => BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(at));

    // Where an offset leads, counted from itself.
    private static int Follow(byte[] buffer, int at) => checked(at + (int)Read32(buffer, at));

    // Place of a table's field; null where it has its default. The table starts with the way back to its vtable.
    private static int? Field(byte[] buffer, int table, int field)
    {
        int vtable = checked(table - BinaryPrimitives.ReadInt32LittleEndian(buffer.AsSpan(table)));
        int entry = 4 + (2 * field);
        if (entry >= BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(vtable)))
            return null;
        int offset = BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(vtable + entry));
        return offset == 0 ? null : table + offset;
    }

    // What a field leads to: another table, a text or a vector.
    private static int? Table(byte[] buffer, int table, int field) => Field(buffer, table, field) is { } at ? Follow(buffer, at) : null;
}
