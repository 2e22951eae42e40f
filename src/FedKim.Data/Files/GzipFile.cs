using System.Buffers;
using System.IO.Compression;

namespace FedKim.Data.Files;

/// <summary>A file that gzip compressed (RFC 1952), one member.</summary>
internal static class GzipFile
{
    private const int Trailer = 8;

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
        if (file.Length < Trailer) throw Cut();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        uint length = Read(path, () =>
        {
            using var content = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
            uint sum = 0;
            for (int read; (read = content.Read(buffer)) > 0; sum += (uint)read) { }
            return sum;
        });
        file.Position = file.Length - sizeof(uint);
        file.ReadExactly(buffer, 0, sizeof(uint));
        uint written = BitConverter.ToUInt32(buffer);
        ArrayPool<byte>.Shared.Return(buffer);
        if (written != length) throw Cut();

        DataException Cut() => new(path, "is cut off; restore it from its source.");
    }
}
