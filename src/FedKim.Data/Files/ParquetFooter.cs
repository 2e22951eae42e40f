using System.Buffers.Binary;

namespace FedKim.Data.Files;

/// <summary>
/// The footer of a parquet file (Apache Parquet, thrift's compact protocol), gone through once before a library reads it: that goes on reading where
/// a number never ends, goes down as deep as it is told, and makes room for as many rows as a file says it has.
/// </summary>
internal ref struct ParquetFooter
{
    private const int Tail = 8, MostDepth = 32;
    private const long RowsWithoutQuestion = 1 << 20, MostRowsOfAByte = 1 << 12;

    // Field ids on the way to a number: FileMetaData.row_groups.num_rows; and .columns.meta_data with three offsets of pages.
    private const long Rows = 0x0403;
    private const long DataPage = 0x04010309, IndexPage = 0x0401030A, DictionaryPage = 0x0401030B;

    private readonly ReadOnlySpan<byte> _footer;
    private readonly long _before;
    private readonly long _mostRows;
    private int _at;

    private ParquetFooter(ReadOnlySpan<byte> footer, long before)
    {
        _footer = footer;
        (_before, _mostRows) = (before, RowsWithoutQuestion + (before * MostRowsOfAByte));
    }

    /// <summary>Goes through a file's footer.</summary>
    /// <returns>What is wrong with it, to go on after the file's name; null for nothing.</returns>
    public static string? Problem(ReadOnlySpan<byte> file)
    {
        if (file.Length < Tail + 4 || !file.StartsWith("PAR1"u8) || !file.EndsWith("PAR1"u8))
            return "is no parquet file, or not whole: it does not begin and end with PAR1; restore it from its source.";
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(file[^Tail..]);
        if (length > file.Length - Tail - 4)
            return $"is corrupt: its footer is said to have {length} bytes, and the file has {file.Length}; restore it from its source.";
        var walk = new ParquetFooter(file[^(Tail + (int)length)..^Tail], file.Length - Tail - length);
        try
        {
            walk.Struct(0, MostDepth);
            return null;
        }
        catch (InvalidDataException e)
        {
            return $"is corrupt: {e.Message}; restore it from its source.";
        }
    }

    private void Struct(long path, int depth)
    {
        if (depth <= 0)
            throw TooDeep();
        int field = 0;
        while (Byte() is var head and not 0)
        {
            field = head >> 4 == 0 ? (int)ZigZag() : field + (head >> 4);
            // Of paths that are longer or wider than those that matter none is one of them.
            long inner = path is >= 0 and < 1 << 24 && field is > 0 and < 1 << 8 ? (path << 8) | (long)field : -1;
            Value(head & 15, inner, depth, inList: false);
        }
    }

    private void Value(int type, long path, int depth, bool inList)
    {
        if (depth <= 0)
            throw TooDeep();
        switch (type)
        {
            case 1 or 2:
                Skip(inList ? 1 : 0);
                break;
            case 3:
                Skip(1);
                break;
            case 4 or 5 or 6:
                Check(path, ZigZag());
                break;
            case 7:
                Skip(8);
                break;
            case 8:
                Skip(Count());
                break;
            case 9 or 10:
                int head = Byte();
                long elements = head >> 4 == 15 ? Count() : head >> 4;
                Left(elements);
                for (long i = 0; i < elements; i++)
                    Value(head & 15, path, depth - 1, inList: true);
                break;
            case 11:
                long pairs = Count();
                Left(pairs);
                int types = pairs > 0 ? Byte() : 0;
                for (long i = 0; i < pairs; i++)
                {
                    Value(types >> 4, -1, depth - 1, inList: true);
                    Value(types & 15, -1, depth - 1, inList: true);
                }

                break;
            case 12:
                Struct(path, depth - 1);
                break;
            default:
                throw new InvalidDataException($"its footer has a part of type {type}, which there is not");
        }

    }

    private readonly void Check(long path, long number)
    {
        if (path == Rows && (number < 0 || number > _mostRows))
            throw new InvalidDataException($"it is said to have {number} rows in {_before} bytes");
        if (path is DataPage or IndexPage or DictionaryPage && number >= _before)
            throw new InvalidDataException($"a page is said to begin at byte {number}, and its pages end at {_before}");
    }

    private int Byte() => _at < _footer.Length ? _footer[_at++] : throw Short();

    private void Skip(long bytes)
    {
        Left(bytes);
        _at += (int)bytes;
    }

    private readonly void Left(long bytes)
    {
        if (bytes < 0 || bytes > _footer.Length - _at)
            throw Short();
    }

    private long Count() => (long)Varint();

    private long ZigZag() => Varint() is var number ? (long)(number >> 1) ^ -(long)(number & 1) : 0;

    private ulong Varint()
    {
        ulong number = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            int part = Byte();
            number |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return number;
        }

        throw new InvalidDataException("its footer has a number without an end");
    }

    private static InvalidDataException TooDeep() => new("its footer has more parts in each other than any file");

    private static InvalidDataException Short() => new("its footer ends in the middle of something");
}
