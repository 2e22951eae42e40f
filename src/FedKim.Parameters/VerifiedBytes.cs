using System.Buffers;
using System.Security.Cryptography;
using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>
/// Bytes that must be those a digest stands for. What is read in the file's own order is hashed on the way, with what is passed over, so that a
/// reader who takes it from end to end pays for one pass; <see cref="Verify"/> reads what is left and compares.
/// </summary>
/// <remarks>One reader at a time.</remarks>
public sealed class VerifiedBytes : IByteSource
{
    private const int BufferBytes = 256 * 1024;

    private readonly IByteSource _source;
    private readonly Digest _digest;
    private readonly bool _onTheWay;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _hashed;

    /// <param name="source">The bytes; disposed with this.</param>
    /// <param name="digest">What they must be.</param>
    /// <param name="onTheWay">False where the comparison is the exception: then nothing is hashed before it is asked for.</param>
    public VerifiedBytes(IByteSource source, Digest digest, bool onTheWay = true) => (_source, _digest, _onTheWay) = (source, digest, onTheWay);

    /// <inheritdoc/>
    public string FilePath => _source.FilePath;

    /// <inheritdoc/>
    public long Length => _source.Length;

    /// <summary>Opens a file.</summary>
    /// <exception cref="DamagedException">It is gone.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static VerifiedBytes Open(WeightFile file, bool onTheWay = true) => new(PlainBytes.Open(file), file.Digest, onTheWay);

    /// <inheritdoc/>
    public int Read(Span<byte> target, long offset)
    {
        // What is passed over is hashed as well: a reader who wants some of a file's bytes, in their order, pays for one pass too.
        if (_onTheWay && offset > _hashed)
            HashUpTo(offset);
        int read = _source.Read(target, offset);
        if (_onTheWay && offset == _hashed)
            Append(target[..read]);
        return read;
    }

    /// <inheritdoc/>
    public void Verify()
    {
        HashUpTo(long.MaxValue);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetCurrentHash(hash);
        if (Digest.Of(hash) != _digest)
            throw new DamagedException(_digest, FilePath, "its SHA-256 differs");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _hash.Dispose();
    }

    private void HashUpTo(long end)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        while (_source.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - _hashed)), _hashed) is var read and > 0)
            Append(buffer.AsSpan(0, read));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _hashed += bytes.Length;
    }
}
