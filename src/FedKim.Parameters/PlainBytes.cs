using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters;

/// <summary>A file's bytes as they lie on disk.</summary>
public sealed class PlainBytes : IByteSource
{
    private readonly SafeFileHandle _handle;

    internal PlainBytes(string path, SafeFileHandle handle) => (FilePath, _handle) = (path, handle);

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    public static PlainBytes Open(string path) => new(path, File.OpenHandle(path));

    /// <inheritdoc/>
    public string FilePath { get; }

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(_handle);

    /// <inheritdoc/>
    public int Read(Span<byte> target, long offset) => RandomAccess.Read(_handle, target, offset);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
