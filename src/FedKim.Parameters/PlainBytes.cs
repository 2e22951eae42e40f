using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters;

/// <summary>A file's bytes as they lie on disk.</summary>
public sealed class PlainBytes : IByteSource
{
    private readonly SafeFileHandle _handle;

    internal PlainBytes(string path, SafeFileHandle handle) => (FilePath, _handle) = (path, handle);

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    public static PlainBytes Open(string path) => new(path, File.OpenHandle(path, share: FileShare.Read | FileShare.Delete));

    /// <summary>Opens a file that ought to be there.</summary>
    /// <exception cref="DamagedException">It is gone.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PlainBytes Open(WeightFile file)
    {
        try
        {
            return Open(file.Path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DamagedException(file.Digest, file.Path, "it is gone", e);
        }
    }

    /// <inheritdoc/>
    public string FilePath { get; }

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(_handle);

    /// <inheritdoc/>
    public int Read(Span<byte> target, long offset) => RandomAccess.Read(_handle, target, offset);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
