using System.Buffers.Binary;
using System.IO.Hashing;

namespace FedKim.Data.Images;

/// <summary>Checks a PNG's structure (PNG specification, third edition, §5): decoders forgive a broken checksum, a data set must not.</summary>
internal static class PngChunks
{
    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Does nothing for a file that is no PNG.</summary>
    /// <exception cref="DataException">A chunk is cut off or its CRC is wrong, or the end chunk is missing.</exception>
    public static void Check(string path, ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(Signature))
            return;
        int at = Signature.Length;
        while (true)
        {
            if (file.Length - at < 12)
                throw new DataException(path, $"is a truncated PNG: it ends at byte {file.Length} without its end chunk.");
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - 12)
                throw new DataException(path, $"is a truncated or corrupt PNG: the chunk at byte {at} is cut off.");
            var body = file.Slice(at + 4, (int)length + 4);
            if (Crc32.HashToUInt32(body) != BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8 + (int)length)..]))
                throw new DataException(path, $"is a corrupt PNG: the chunk at byte {at} has a wrong checksum; restore it from its source.");
            if (body.StartsWith("IEND"u8))
                return;
            at += (int)length + 12;
        }
    }

    /// <summary>The first chunk of a kind in a file that was checked, without its frame; empty where there is none, or the file is no PNG.</summary>
    public static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> file, ReadOnlySpan<byte> kind)
    {
        for (int at = file.StartsWith(Signature) ? Signature.Length : file.Length; at < file.Length; at = Next(file, at))
        {
            if (Is(file, at, kind))
                return Body(file, at);
        }

        return [];
    }

    /// <summary>All chunks of a kind in a PNG that was checked, one after another.</summary>
    public static byte[] Joined(ReadOnlySpan<byte> file, ReadOnlySpan<byte> kind)
    {
        using var joined = new MemoryStream(file.Length);
        for (int at = Signature.Length; at < file.Length; at = Next(file, at))
        {
            if (Is(file, at, kind))
                joined.Write(Body(file, at));
        }

        return joined.ToArray();
    }

    private static bool Is(ReadOnlySpan<byte> file, int at, ReadOnlySpan<byte> kind) => file[(at + 4)..].StartsWith(kind);

    private static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> file, int at) => file.Slice(at + 8, BinaryPrimitives.ReadInt32BigEndian(file[at..]));

    // Nothing behind the end chunk was checked.
    private static int Next(ReadOnlySpan<byte> file, int at) => Is(file, at, "IEND"u8) ? file.Length : at + 12 + BinaryPrimitives.ReadInt32BigEndian(file[at..]);
}
