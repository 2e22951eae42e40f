using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>
/// One update's cipher: AES-256 in counter mode (NIST SP 800-38A §6.5), so that any stretch of bytes is enciphered and deciphered alone,
/// wherever it starts. It gives secrecy and no integrity: that is the SHA-256 of the plain bytes, the update's name.
/// </summary>
/// <remarks>
/// The key is HKDF-SHA-256 of the round's key, with the file's salt and the update's digest, and the counter starts at 0. Bytes under one
/// digest are one plaintext, so no place of the key stream meets two, but for wrong bytes sent under that name. Those are found out at the
/// end at the latest, and the file starts over with a new salt and so with a new key stream; only bytes that a power cut took back from the
/// disk may be followed, at their place, by others under the same key stream, and then one of the two was no update.
/// Safe for concurrent use.
/// </remarks>
internal sealed class SpoolCipher : IDisposable
{
    /// <summary>Bytes of the salt, which stands in the file before the enciphered bytes.</summary>
    internal const int SaltBytes = 16;

    private const int BlockBytes = 16;

    // The counters stay in the processor's second cache, and a call into the cipher library is spread over many blocks.
    private const int TileBytes = 64 * 1024;

    private readonly Aes _aes = Aes.Create();

    internal SpoolCipher(ReadOnlySpan<byte> roundKey, Digest digest, ReadOnlySpan<byte> salt)
    {
        Span<byte> key = stackalloc byte[RoundKey.Bytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, roundKey, key, salt, Convert.FromHexString(digest.Hex));
        _aes.SetKey(key);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Enciphers or deciphers, which is the same, the bytes that stand at <paramref name="offset"/> of the update.</summary>
    /// <param name="target">As long as <paramref name="source"/>; may be the same memory.</param>
    internal void Apply(ReadOnlySpan<byte> source, long offset, Span<byte> target)
    {
        byte[] tile = ArrayPool<byte>.Shared.Rent(TileBytes);
        try
        {
            for (int done = 0; done < source.Length;)
            {
                int skip = (int)((offset + done) % BlockBytes);
                int count = Math.Min(source.Length - done, TileBytes - skip);
                var stream = tile.AsSpan(0, (skip + count + BlockBytes - 1) / BlockBytes * BlockBytes);
                Count(stream, (offset + done) / BlockBytes);
                _aes.EncryptEcb(stream, stream, PaddingMode.None);
                Mix(source.Slice(done, count), stream.Slice(skip, count), target.Slice(done, count));
                done += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(tile, clearArray: false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _aes.Dispose();

    // Counter blocks: the block's number as 128 bits, most significant byte first.
    private static void Count(Span<byte> blocks, long first)
    {
        var halves = MemoryMarshal.Cast<byte, ulong>(blocks);
        for (int i = 0; i < halves.Length; i += 2)
        {
            halves[i] = 0;
            ulong number = (ulong)(first + (i / 2));
            halves[i + 1] = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(number) : number;
        }
    }

    private static void Mix(ReadOnlySpan<byte> source, ReadOnlySpan<byte> stream, Span<byte> target)
    {
        int i = 0;
        for (; i <= source.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(source[i..]) ^ new Vector<byte>(stream[i..])).CopyTo(target[i..]);
        for (; i < source.Length; i++)
            target[i] = (byte)(source[i] ^ stream[i]);
    }
}
