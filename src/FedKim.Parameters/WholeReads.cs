using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters;

/// <summary>Reads that fill their buffer or say that the file ends before.</summary>
internal static class WholeReads
{
    /// <summary>Fills <paramref name="target"/> from <paramref name="offset"/> on; false when the file ends before.</summary>
    internal static bool ReadFully(this SafeFileHandle handle, Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(handle, target, offset);
            if (read == 0) return false;
            target = target[read..];
            offset += read;
        }

        return true;
    }
}
