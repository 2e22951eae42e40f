using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters;

/// <summary>A file's bytes as they lie on disk.</summary>
internal sealed class PlainBytes(string path, SafeFileHandle handle) : IByteSource
{
    /// <inheritdoc/>
    public string FilePath => path;

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(handle);

    /// <inheritdoc/>
    public int Read(Span<byte> target, long offset) => RandomAccess.Read(handle, target, offset);

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
