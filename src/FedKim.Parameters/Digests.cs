using System.Buffers;
using System.Security.Cryptography;
using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>Digests of files.</summary>
public static class Digests
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>The SHA-256 of a file, read once through a pooled buffer.</summary>
    public static Digest OfFile(string path)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            long offset = 0;
            while (RandomAccess.Read(file, buffer, offset) is var read and > 0)
            {
                hash.AppendData(buffer.AsSpan(0, read));
                offset += read;
            }

            return Digest.Of(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
