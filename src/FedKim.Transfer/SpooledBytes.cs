using FedKim.Parameters;
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

    /// <exception cref="DamagedException">It is gone, or has no salt.</exception>
    /// <exception cref="IOException">The round is over.</exception>
    internal static SpooledBytes Open(WeightFile file, RoundKey key)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(file.Path, share: FileShare.Read | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DamagedException(file.Digest, file.Path, "it is gone", e);
        }

        try
        {
            Span<byte> salt = stackalloc byte[SpoolCipher.SaltBytes];
            if (RandomAccess.Read(handle, salt, 0) < salt.Length)
                throw new DamagedException(file.Digest, file.Path, "it is cut");
            return new SpooledBytes(file.Path, handle, key.Cipher(file.Digest, salt));
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
