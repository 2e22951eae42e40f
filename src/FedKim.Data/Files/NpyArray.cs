using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;

namespace FedKim.Data.Files;

/// <summary>
/// An array of unsigned bytes in C order, as numpy.lib.format versions 1.0 and 2.0 write it, inside a ZIP. It is read value after value, and
/// the ZIP's checksum is compared when the last value was read.
/// </summary>
internal sealed partial class NpyArray : IDisposable
{
    // Deflate makes no more of a byte.
    private const long MostTimes = 1032;

    private readonly string _path;
    private readonly ZipArchiveEntry _entry;
    private readonly Stream _bytes;
    private readonly Crc32 _crc = new();
    private long _left;

    private NpyArray(string path, ZipArchiveEntry entry)
    {
        (_path, _entry) = (path, entry);
        _bytes = entry.Open();
        Shape = [];
    }

    /// <summary>Its lengths, outermost first.</summary>
    public ImmutableArray<int> Shape { get; private set; }

    /// <summary>Its shape as people write it.</summary>
    public string ShapeText => string.Join("×", Shape);

    /// <summary>Opens an array and reads its header.</summary>
    /// <exception cref="DataException">It is corrupt, of another type or order, or as long as its shape does not say.</exception>
    public static NpyArray Open(string path, ZipArchiveEntry entry)
    {
        NpyArray? array = null;
        try
        {
            array = new NpyArray(path, entry);
            array.ReadHeader();
            return array;
        }
        catch (InvalidDataException e)
        {
            array?.Dispose();
            throw new DataException(path, $"array {entry.FullName} cannot be opened; the archive is corrupt.", e);
        }
        catch (DataException)
        {
            array?.Dispose();
            throw;
        }
    }

    /// <summary>The next values.</summary>
    /// <exception cref="DataException">The array is truncated, or the last value was read and the checksum is wrong.</exception>
    public byte[] Next(int count)
    {
        byte[] values = Take(count);
        _left -= count;
        if (_left == 0 && _crc.GetCurrentHashAsUInt32() != _entry.Crc32)
            throw At("has another checksum than the archive says; the file is corrupt.");
        return values;
    }

    /// <summary>An error in this array.</summary>
    public DataException At(string problem) => new(_path, $"array {_entry.FullName} {problem}");

    public void Dispose() => _bytes.Dispose();

    private void ReadHeader()
    {
        byte[] start = Take(8);
        if (!start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']))
            throw At("does not start as a .npy file does.");
        int length = start[6] switch
        {
            1 => BinaryPrimitives.ReadUInt16LittleEndian(Take(2)),
            2 when BinaryPrimitives.ReadUInt32LittleEndian(Take(4)) is var two and < 1 << 20 => (int)two,
            2 => throw At("has a header of more than a mebibyte; the file is corrupt."),
            _ => throw At($"has format version {start[6]}.{start[7]}; save it as version 1.0 or 2.0."),
        };
        string header = Encoding.Latin1.GetString(Take(length));
        if (Header().Match(header) is not { Success: true } match)
            throw At("has a header that names no type, order and shape.");
        string type = match.Groups["type"].Value;
        if (type is not ("|u1" or "u1"))
            throw At($"holds values of type {type}; save it as unsigned bytes (|u1).");
        if (match.Groups["fortran"].Value == "True")
            throw At("is in Fortran order; save it in C order (numpy.ascontiguousarray).");
        Shape = [.. match.Groups["length"].Captures.Select(capture =>
            int.TryParse(capture.Value, CultureInfo.InvariantCulture, out int n) ? n : throw At("has a shape that is too large."))];
        _left = _entry.Length - start.Length - (start[6] == 1 ? 2 : 4) - length;
        if (_entry.Length > (_entry.CompressedLength + 1) * MostTimes)
            throw At($"has {_entry.CompressedLength} bytes that are to become {_entry.Length}, which nothing compresses so well; the file is corrupt.");
        double values = Shape.Aggregate(1.0, (product, n) => product * n);
        if (values != _left)
            throw At($"has {_left} values, its shape says {ShapeText}; the file is corrupt.");
    }

    private byte[] Take(int count)
    {
        byte[] bytes = new byte[count];
        try
        {
            _bytes.ReadExactly(bytes);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new DataException(_path, $"array {_entry.FullName} is truncated or corrupt; restore the file from its source.", e);
        }

        _crc.Append(bytes);
        return bytes;
    }

    [GeneratedRegex(
        @"^\{\s*'descr':\s*'(?<type>[^']*)',\s*'fortran_order':\s*(?<fortran>True|False),\s*'shape':\s*\((?:(?<length>\d+)(?:,\s*|(?=\))))*\),?\s*\}\s*$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Header();
}
