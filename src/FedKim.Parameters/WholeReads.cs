using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters;

/// <summary>Reads that fill their buffer or say that the file ends before.</summary>
public static class WholeReads
{
    /// <summary>Fills <paramref name="target"/> from <paramref name="offset"/> on; false when the file ends before.</summary>
    internal static bool ReadFully(this SafeFileHandle handle, Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(handle, target, offset);
            if (read == 0)
                return false;
            target = target[read..];
            offset += read;
        }

        return true;
    }

    /// <inheritdoc cref="ReadFully(SafeFileHandle, Span{byte}, long)"/>
    public static bool ReadFully(this IByteSource source, Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            int read = source.Read(target, offset);
            if (read == 0)
                return false;
            target = target[read..];
            offset += read;
        }

        return true;
    }

    /// <summary>Fills <paramref name="target"/> with a tensor's bytes from <paramref name="start"/> on.</summary>
    /// <exception cref="SafetensorsException">The range leaves the tensor, or the file was cut after it was opened.</exception>
    internal static void ReadTensor(this IByteSource source, TensorInfo tensor, long start, Span<byte> target)
    {
        if (start < 0 || start + target.Length > tensor.Length)
            throw new SafetensorsException($"bytes {start} to {start + target.Length} are not among its {tensor.Length}", source.FilePath, tensor.Name, tensor.Offset);
        if (!source.ReadFully(target, tensor.Offset + start))
            throw new SafetensorsException("the file was cut while it was read", source.FilePath, tensor.Name, tensor.Offset + start);
    }
}
