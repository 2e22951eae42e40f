using System.Security.Cryptography;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Transfer;

/// <summary>
/// The key of one round's spool, in a file of the spool's folder that only this account may read. While the file stands the round can go on
/// after a crash; once it is destroyed, what was enciphered stays unreadable for ever. A power cut may take it, as it may take the updates
/// beside it: they are asked for again.
/// </summary>
/// <remarks>
/// Overwriting reaches the key's own blocks on ordinary file systems. On those that copy on write, and inside flash memory, an old copy may
/// outlive it: put the work folder on an encrypted disk there.
/// </remarks>
internal sealed class RoundKey
{
    /// <summary>Bytes of a key.</summary>
    internal const int Bytes = 32;

    private const string Name = "key";

    private readonly byte[] _key;
    private bool _forgotten;

    private RoundKey(byte[] key) => _key = key;

    /// <summary>The key that stands in <paramref name="folder"/>; null when there is none, or only what is left of a destroyed one.</summary>
    internal static RoundKey? Find(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            return null;
        byte[] key = File.ReadAllBytes(path);
        return key.Length == Bytes && key.AsSpan().ContainsAnyExcept((byte)0) ? new RoundKey(key) : null;
    }

    /// <summary>Makes a new key, which stands in the folder before this returns.</summary>
    internal static RoundKey Create(string folder)
    {
        var key = new RoundKey(RandomNumberGenerator.GetBytes(Bytes));
        key.Store(folder);
        return key;
    }

    /// <summary>Whether it stands in <paramref name="folder"/>.</summary>
    internal static bool IsIn(string folder) => File.Exists(Path.Combine(folder, Name));

    /// <summary>Writes the key into <paramref name="folder"/>.</summary>
    /// <exception cref="IOException">The disk is full or fails, or the round is over.</exception>
    internal void Store(string folder)
    {
        lock (_key)
        {
            if (_forgotten)
                throw new IOException("This round's key is destroyed: the round is over.");
            WholeFile.Write(Path.Combine(folder, Name), _key, secret: true);
        }
    }

    /// <summary>Overwrites the key in <paramref name="folder"/>, syncs that to disk and removes the file; none there is fine.</summary>
    internal static void Destroy(string folder)
    {
        foreach (string path in (string[])[Path.Combine(folder, Name), Path.Combine(folder, Name + ".tmp")])
        {
            if (!File.Exists(path))
                continue;
            using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write))
            {
                RandomAccess.Write(file, new byte[Bytes], 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Delete(path);
        }
    }

    /// <summary>The cipher of the update of this digest in a file with this salt.</summary>
    /// <exception cref="IOException">The round is over.</exception>
    internal SpoolCipher Cipher(Digest digest, ReadOnlySpan<byte> salt)
    {
        lock (_key)
        {
            return _forgotten ? throw new IOException($"Update {digest.Short} has no key any more: its round is over.") : new SpoolCipher(_key, digest, salt);
        }
    }

    /// <summary>Forgets the key in memory.</summary>
    internal void Forget()
    {
        lock (_key)
        {
            _forgotten = true;
            CryptographicOperations.ZeroMemory(_key);
        }
    }
}
