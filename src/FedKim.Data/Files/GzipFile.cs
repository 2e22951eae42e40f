using System.Buffers;
using System.IO.Compression;
using System.IO.Hashing;

namespace FedKim.Data.Files;

/// <summary>A file that gzip compressed (RFC 1952), of one member or of several one after another, as parallel programs write it.</summary>
internal static class GzipFile
{
    private const int Trailer = 8, Head = 10;
    private const string CutOff = "is cut off; restore it from its source.";

    /// <summary>Opens it to be read from its start on. It was read to its end before: the library takes the end of a cut file for the end of its content.</summary>
    /// <exception cref="DataException">The file is missing, cut off or corrupt.</exception>
    public static Stream Open(string path)
    {
        Check(path);
        return new GZipStream(SiteFile.Open(path), CompressionMode.Decompress);
    }

    /// <summary>Does some of the reading.</summary>
    /// <exception cref="DataException">What is read is corrupt.</exception>
    public static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or FormatException)
        {
            throw new DataException(path, $"is corrupt or no such archive ({e.Message}); restore it from its source.", e);
        }
    }

    // The trailer holds the content's checksum, which the library compares, and its length modulo 2^32, which it does not.
    private static void Check(string path)
    {
        using var file = SiteFile.Open(path);
        if (file.Length < Trailer)
            throw new DataException(path, CutOff);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        uint length = Read(path, () =>
        {
            using var content = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
            uint sum = 0;
            for (int read; (read = content.Read(buffer)) > 0; sum += (uint)read)
            {
            }
            return sum;
        });
        file.Position = file.Length - sizeof(uint);
        file.ReadExactly(buffer, 0, sizeof(uint));
        uint written = BitConverter.ToUInt32(buffer);
        ArrayPool<byte>.Shared.Return(buffer);
        if (written == length)
            return;
        // Of several members the last trailer counts the last one alone: then each is looked at.
        file.Position = 0;
        Read(path, () => Members(path, file));
    }

    // Member by member, each compared with its own trailer.
    private static int Members(string path, FileStream file)
    {
        using var single = new SingleBytes(file);
        byte[] buffer = new byte[1 << 16], trailer = new byte[Trailer];
        int members = 0;
        try
        {
            while (file.Position < file.Length && SkipHead(path, single, members))
            {
                uint length = 0;
                var crc = new Crc32();
                using (var content = new DeflateStream(single, CompressionMode.Decompress, leaveOpen: true))
                {
                    for (int read; (read = content.Read(buffer)) > 0; length += (uint)read)
                        crc.Append(buffer.AsSpan(0, read));
                }

                single.ReadExactly(trailer);
                if (BitConverter.ToUInt32(trailer) != crc.GetCurrentHashAsUInt32() || BitConverter.ToUInt32(trailer, sizeof(uint)) != length)
                    throw new DataException(path, $"member {members + 1} is cut off or corrupt: its checksum or length is another; restore it from its source.");
                members++;
            }
        }
        catch (EndOfStreamException e)
        {
            throw new DataException(path, CutOff, e);
        }

        return members;
    }

    // False where only the zeros follow that tapes are filled up with.
    private static bool SkipHead(string path, SingleBytes bytes, int members)
    {
        const int HasChecksum = 2, HasExtra = 4, HasName = 8, HasComment = 16;
        byte[] head = new byte[Head];
        bytes.ReadExactly(head, 0, 1);
        if (head[0] == 0 && members > 0)
        {
            for (int next; (next = bytes.ReadByte()) >= 0;)
            {
                if (next != 0)
                    throw new DataException(path, $"goes on after its member {members} with something that is no gzip; restore it from its source.");
            }

            return false;
        }

        bytes.ReadExactly(head, 1, Head - 1);
        if (head is not [0x1F, 0x8B, 8, ..])
            throw new DataException(path, members == 0 ? "is no gzip file." : $"goes on after its member {members} with something that is no gzip; restore it from its source.");
        // What is read from here on overwrites the first two bytes alone, not the flags.
        if ((head[3] & HasExtra) != 0)
        {
            bytes.ReadExactly(head, 0, sizeof(ushort));
            bytes.ReadExactly(new byte[BitConverter.ToUInt16(head)]);
        }

        foreach (int text in (int[])[HasName, HasComment])
        {
            if ((head[3] & text) == 0)
                continue;
            for (int next; (next = bytes.ReadByte()) != 0;)
            {
                if (next < 0)
                    throw new EndOfStreamException();
            }
        }

        if ((head[3] & HasChecksum) != 0)
            bytes.ReadExactly(head, 0, sizeof(ushort));
        return true;
    }

    /// <summary>Hands on a byte at a time: a decoder that asks for more takes what belongs to the next member, and does not give it back.</summary>
    private sealed class SingleBytes(Stream file) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer) => buffer.IsEmpty ? 0 : file.Read(buffer[..1]);

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
