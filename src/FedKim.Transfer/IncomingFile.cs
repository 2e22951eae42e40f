using System.Buffers;
using System.Security.Cryptography;
using FedKim.Parameters;
using FedKim.Rounds;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Transfer;

/// <summary>
/// A file on its way in: appended to, hashed as it grows, and given its name when the hash is right. What has arrived survives a
/// crash and is hashed again when the transfer goes on.
/// </summary>
/// <remarks>
/// A file is never cut: what is begun anew is a new file. Ext4 takes a file that is cut to nothing, even one that has nothing, for one that is
/// about to be replaced, and writes it out when it is closed; files that nobody syncs would fill the disk's time all the same.
/// </remarks>
internal sealed class IncomingFile : IDisposable
{
    /// <summary>Bytes moved at a time: large enough that calls do not count, small enough to stay in the processor's cache.</summary>
    internal const int ChunkBytes = 256 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly string _part, _target;
    private readonly Digest _digest;
    private readonly IDisposable _turn;
    private readonly bool _durable;
    private readonly RoundKey? _key;
    private readonly Action? _whole;
    private readonly Action<PassingValues?> _named;
    private SafeFileHandle _handle;
    private SpoolCipher? _cipher;
    private PassingValues? _values;

    private IncomingFile(
        SafeFileHandle handle, string part, string target, Digest digest, IDisposable turn, bool durable, RoundKey? key, Action? whole, Action<PassingValues?> named) =>
        (_handle, _part, _target, _digest, _turn, _durable, _key, _whole, _named, _values) =
        (handle, part, target, digest, turn, durable, key, whole, named, key is null ? null : new PassingValues());

    /// <summary>Bytes that have arrived.</summary>
    internal long Length { get; private set; }

    // Where the file's own bytes start: behind the salt, where they are enciphered.
    private int Head => _key is null ? 0 : SpoolCipher.SaltBytes;

    /// <summary>True when the bytes that have arrived are those the digest stands for.</summary>
    internal bool IsWhole
    {
        get
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            _hash.GetCurrentHash(hash);
            return Digest.Of(hash) == _digest;
        }
    }

    /// <summary>Opens <paramref name="part"/>, made if missing, and hashes what it holds. Owns <paramref name="turn"/> from then on.</summary>
    /// <param name="durable">Whether the whole file is synced to disk before it gets its name.</param>
    /// <param name="key">What the bytes are enciphered under on their way to the disk; null for plain bytes.</param>
    /// <param name="whole">Done when the file is whole, before it gets its name; null for nothing.</param>
    /// <param name="named">Told when the file is whole and has its name, and what was seen of an update's values on the way.</param>
    internal static IncomingFile Open(
        string part, string target, Digest digest, IDisposable turn, bool durable, RoundKey? key, Action? whole, Action<PassingValues?> named)
    {
        var incoming = new IncomingFile(
            File.OpenHandle(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete), part, target, digest, turn, durable, key, whole, named);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            incoming.TakeSalt();
            while (RandomAccess.Read(incoming._handle, buffer, incoming.Head + incoming.Length) is var read and > 0)
            {
                incoming._cipher?.Apply(buffer.AsSpan(0, read), incoming.Length, buffer);
                incoming.Take(buffer.AsSpan(0, read));
            }

            return incoming;
        }
        catch
        {
            incoming.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Forgets what has arrived.</summary>
    internal void Restart()
    {
        if (Length == 0)
            return;
        _handle.Dispose();
        File.Delete(_part);
        _handle = File.OpenHandle(_part, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        _hash.GetHashAndReset();
        Length = 0;
        if (_key is null)
            return;
        _values = new PassingValues();
        Salt(_key);
    }

    /// <summary>
    /// Appends all that <paramref name="source"/> gives, until its end. What arrives before the source fails or stalls is kept.
    /// </summary>
    /// <param name="source">Fills a buffer and answers with the bytes it has put there; 0 at the end.</param>
    internal async Task AppendAsync(Func<Memory<byte>, ValueTask<int>> source, Action<long>? arrived = null)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        int filled = 0;
        try
        {
            while (true)
            {
                int read = await source(buffer.AsMemory(filled, ChunkBytes - filled));
                filled += read;
                if (read > 0 && filled < ChunkBytes)
                    continue;
                Append(buffer.AsSpan(0, filled));
                filled = 0;
                arrived?.Invoke(Length);
                if (read == 0)
                    return;
            }
        }
        finally
        {
            if (filled > 0)
                Append(buffer.AsSpan(0, filled));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Gives the file its name if it is whole; otherwise forgets what has arrived.
    /// </summary>
    /// <returns>False when the bytes are not those the digest stands for.</returns>
    internal async Task<bool> CompleteAsync()
    {
        if (!IsWhole)
        {
            Restart();
            return false;
        }

        // Syncing waits for the disk, so it gets a thread of its own: the pool's few threads carry heartbeats too.
        if (_durable)
            await Task.Factory.StartNew(Name, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        else
            Name();
        _named(_values);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Length == 0 && File.Exists(_part))
            File.Delete(_part);
        _handle.Dispose();
        _cipher?.Dispose();
        _hash.Dispose();
        _turn.Dispose();
    }

    private void Name()
    {
        _whole?.Invoke();
        if (_durable)
            DurableFile.Commit(_handle, _part, _target);
        else
            File.Move(_part, _target, overwrite: true);
    }

    // A file too short to hold its salt holds nothing.
    private void TakeSalt()
    {
        if (_key is null)
            return;
        Span<byte> salt = stackalloc byte[SpoolCipher.SaltBytes];
        if (RandomAccess.Read(_handle, salt, 0) < salt.Length)
            Salt(_key);
        else
            _cipher = _key.Cipher(_digest, salt);
    }

    private void Salt(RoundKey key)
    {
        Span<byte> salt = stackalloc byte[SpoolCipher.SaltBytes];
        RandomNumberGenerator.Fill(salt);
        RandomAccess.Write(_handle, salt, 0);
        _cipher?.Dispose();
        _cipher = key.Cipher(_digest, salt);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        Write(bytes);
        Take(bytes);
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _values?.Append(bytes);
        Length += bytes.Length;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (_cipher is null)
        {
            RandomAccess.Write(_handle, bytes, Length);
            return;
        }

        // The plain bytes are still to be hashed, and to be written again where the disk refuses them now.
        byte[] enciphered = ArrayPool<byte>.Shared.Rent(bytes.Length);
        try
        {
            _cipher.Apply(bytes, Length, enciphered);
            RandomAccess.Write(_handle, enciphered.AsSpan(0, bytes.Length), Head + Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(enciphered);
        }
    }
}
