using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters.PyTorch;

/// <summary>
/// Where a zip archive's entries stand in its file, read from its central directory (APPNOTE 6.3, with ZIP64). The framework's own reader
/// does not tell, and tensors are read at their place. Nothing is ever extracted.
/// </summary>
internal sealed class ZipDirectory
{
    private const int EndBytes = 22, LocatorBytes = 20, End64Bytes = 56, EntryBytes = 46, LocalBytes = 30, LongestComment = ushort.MaxValue;
    private const uint EndMark = 0x06054b50, LocatorMark = 0x07064b50, End64Mark = 0x06064b50, EntryMark = 0x02014b50, LocalMark = 0x04034b50;
    private const int LongestDirectory = 64 << 20;
    private const ushort Sizes64 = 1;

    private readonly SafeFileHandle _handle;
    private readonly string _file;
    private readonly long _length;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <exception cref="PyTorchException">The file is no zip archive, or a broken one.</exception>
    internal ZipDirectory(SafeFileHandle handle, string file)
    {
        (_handle, _file, _length) = (handle, file, RandomAccess.GetLength(handle));
        var (start, length) = Place();
        if (start < 0 || length is < 0 or > LongestDirectory || start > _length - length)
            throw Fault("its directory lies outside the file");
        for (var rest = Bytes(start, (int)length).AsSpan(); !rest.IsEmpty;)
        {
            if (rest.Length < EntryBytes || UInt32(rest, 0) != EntryMark)
                throw Fault("its directory is malformed");
            int name = UInt16(rest, 28), extra = UInt16(rest, 30), whole = EntryBytes + name + extra + UInt16(rest, 32);
            if (rest.Length < whole)
                throw Fault("its directory is truncated");
            string text = Encoding.UTF8.GetString(rest.Slice(EntryBytes, name));
            if (!_entries.TryAdd(text, EntryOf(rest, rest.Slice(EntryBytes + name, extra))))
                throw Fault($"it holds '{text}' twice");
            rest = rest[whole..];
        }
    }

    /// <summary>Names of the entries.</summary>
    internal IEnumerable<string> Names => _entries.Keys;

    /// <summary>The range of an entry's bytes in the file; null when there is no such entry.</summary>
    /// <exception cref="PyTorchException">It is compressed, encrypted, or leaves the file.</exception>
    internal (long Offset, long Length)? Find(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
            return null;
        if (entry.Method != 0)
            throw Fault($"its entry '{name}' is compressed (method {entry.Method}); PyTorch stores entries as they are. Save the checkpoint again with torch.save");
        if (entry.Encrypted)
            throw Fault($"its entry '{name}' is encrypted");
        if (entry.Start < 0 || entry.Start > _length - LocalBytes)
            throw Fault($"its entry '{name}' lies outside the file");
        byte[] local = Bytes(entry.Start, LocalBytes);
        if (UInt32(local, 0) != LocalMark)
            throw Fault($"its entry '{name}' does not stand where the directory says");
        long offset = entry.Start + LocalBytes + UInt16(local, 26) + UInt16(local, 28);
        if (entry.Length < 0 || offset > _length - entry.Length)
            throw Fault($"its entry '{name}' lies outside the file");
        return (offset, entry.Length);
    }

    // The end record is the last thing in the file but for a comment.
    private (long Start, long Length) Place()
    {
        long tailStart = Math.Max(0, _length - EndBytes - LongestComment);
        var tail = Bytes(tailStart, (int)(_length - tailStart)).AsSpan();
        int end = tail.Length - EndBytes;
        while (end >= 0 && UInt32(tail, end) != EndMark)
            end--;
        if (end < 0)
            throw Fault("it is no zip archive, or truncated. PyTorch before 1.6 wrote another format: load such a file there and save it again with torch.save");
        long locator = tailStart + end - LocatorBytes;
        if (locator < 0 || Bytes(locator, LocatorBytes) is var found && UInt32(found, 0) != LocatorMark)
            return (UInt32(tail, end + 16), UInt32(tail, end + 12));
        long end64 = Int64(found, 8);
        if (end64 < 0 || end64 > _length - End64Bytes || Bytes(end64, End64Bytes) is var record && UInt32(record, 0) != End64Mark)
            throw Fault("its ZIP64 end record is missing");
        return (Int64(record, 48), Int64(record, 40));
    }

    private Entry EntryOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> extra)
    {
        long stored = UInt32(head, 20), length = UInt32(head, 24), start = UInt32(head, 42);
        while (extra.Length >= 4 && extra.Length - 4 >= UInt16(extra, 2))
        {
            var field = extra.Slice(4, UInt16(extra, 2));
            if (UInt16(extra, 0) == Sizes64)
            {
                // Only what does not fit 32 bits stands here, in this order.
                length = Wide(length, ref field);
                stored = Wide(stored, ref field);
                start = Wide(start, ref field);
            }

            extra = extra[(4 + UInt16(extra, 2))..];
        }

        int method = UInt16(head, 10);
        if (method == 0 && stored != length)
            throw Fault("an entry's two lengths differ, though it is not compressed");
        return new Entry(start, length, method, (UInt16(head, 8) & 1) != 0);
    }

    private long Wide(long narrow, ref ReadOnlySpan<byte> field)
    {
        if (narrow != uint.MaxValue)
            return narrow;
        if (field.Length < 8)
            throw Fault("its ZIP64 sizes are truncated");
        narrow = Int64(field, 0);
        field = field[8..];
        return narrow;
    }

    private byte[] Bytes(long offset, int count)
    {
        byte[] bytes = new byte[count];
        return _handle.ReadFully(bytes, offset) ? bytes : throw Fault("it is truncated");
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private PyTorchException Fault(string problem) => new(problem, _file);

    private sealed record Entry(long Start, long Length, int Method, bool Encrypted);
}
