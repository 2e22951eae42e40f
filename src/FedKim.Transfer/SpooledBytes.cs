using FedKim.Parameters;
using FedKim.Rounds;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Transfer;

/// <summary>A spooled update's plain bytes, deciphered as they are read; they are never on disk.</summary>
internal sealed class SpooledBytes : IByteSource
{
    private readonly SafeFileHandle _handle;
    private readonly SpoolCipher _cipher;

    private SpooledBytes(string path, SafeFileHandle handle, SpoolCipher cipher) => (FilePath, _handle, _cipher) = (path, handle, cipher);

    /// <inheritdoc/>
    public string FilePath { get; }

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(_handle) - SpoolCipher.SaltBytes;

    internal static SpooledBytes Open(string path, Digest digest, RoundKey key)
    {
        var handle = File.OpenHandle(path, share: FileShare.Read | FileShare.Delete);
        try
        {
            Span<byte> salt = stackalloc byte[SpoolCipher.SaltBytes];
            if (RandomAccess.Read(handle, salt, 0) < salt.Length) throw new IOException($"{path} is cut: it has no salt.");
            return new SpooledBytes(path, handle, key.Cipher(digest, salt));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int Read(Span<byte> target, long offset)
    {
        int read = RandomAccess.Read(_handle, target, offset + SpoolCipher.SaltBytes);
        _cipher.Apply(target[..read], offset, target);
        return read;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handle.Dispose();
        _cipher.Dispose();
    }
}
