using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters;

/// <summary>A safetensors file, open for reading. Its header is checked as a whole when it is opened; bytes come from the file on demand.</summary>
/// <remarks>Spans live until the file is disposed. Safe for concurrent readers.</remarks>
public sealed unsafe class SafetensorsFile : ITensorFile
{
    private readonly SafeFileHandle _handle;
    private readonly Lazy<Mapping> _mapping;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsHeader header)
    {
        (FilePath, _handle, Tensors, Metadata) = (path, handle, header.Tensors, header.Metadata);
        _mapping = new Lazy<Mapping>(() => new Mapping(_handle));
    }

    /// <inheritdoc/>
    public string FilePath { get; }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The texts under <c>__metadata__</c>, in ordinal order.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="SafetensorsException">It is truncated or malformed; the message names file, tensor and byte.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        var handle = File.OpenHandle(path, options: FileOptions.None);
        try
        {
            long fileLength = RandomAccess.GetLength(handle);
            Span<byte> prefix = stackalloc byte[SafetensorsHeader.LengthBytes];
            if (!handle.ReadFully(prefix, 0))
                throw new SafetensorsException($"it has {fileLength} bytes, too few for a safetensors header", path, offset: 0);
            ulong declared = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (declared > SafetensorsHeader.LongestJson)
                throw new SafetensorsException($"the header claims {declared} bytes, the format allows {SafetensorsHeader.LongestJson}", path, offset: 0);
            byte[] json = (long)declared <= fileLength - prefix.Length ? new byte[declared] : [];
            if ((long)declared != json.Length || !handle.ReadFully(json, prefix.Length))
                throw new SafetensorsException($"the file is truncated: its header claims {declared} bytes, the file has {fileLength} in all", path, offset: 0);
            return new SafetensorsFile(path, handle, SafetensorsHeader.Parse(json, path, fileLength));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="SafetensorsException">The file holds none.</exception>
    public TensorInfo Info(string name) => Tensors.TryGetValue(name, out var info)
        ? info
        : throw new SafetensorsException("the file holds no such tensor", FilePath, name);

    /// <summary>A tensor's bytes, mapped into memory and valid until the file is disposed.</summary>
    /// <exception cref="SafetensorsException">No such tensor, or one of more than 2 GiB (use <see cref="Read"/>).</exception>
    public ReadOnlySpan<byte> Bytes(string name)
    {
        var info = Info(name);
        if (info.Length > int.MaxValue) throw new SafetensorsException($"its {info.Length} bytes do not fit one span; read it in pieces", FilePath, name, info.Offset);
        return info.Length == 0 ? [] : new ReadOnlySpan<byte>(_mapping.Value.Start + info.Offset, (int)info.Length);
    }

    /// <summary>A tensor's elements: <c>double, float, Half, long, int, short, sbyte, byte, bool</c> by its dtype, <c>ushort</c> for BF16.</summary>
    /// <exception cref="SafetensorsException">No such tensor, one of another dtype, or one of more than 2 GiB.</exception>
    public ReadOnlySpan<T> Values<T>(string name) where T : unmanaged
    {
        var info = Info(name);
        if (ElementOf(info.DType) != typeof(T))
            throw new SafetensorsException($"its dtype is {info.DType.Name()}, not {typeof(T).Name}", FilePath, name, info.Offset);
        return MemoryMarshal.Cast<byte, T>(Bytes(name));
    }

    /// <inheritdoc/>
    /// <exception cref="SafetensorsException">The range leaves the tensor, or the file was cut after it was opened.</exception>
    public void Read(TensorInfo tensor, long start, Span<byte> target)
    {
        if (start < 0 || start + target.Length > tensor.Length)
            throw new SafetensorsException($"bytes {start} to {start + target.Length} are not among its {tensor.Length}", FilePath, tensor.Name, tensor.Offset);
        if (!_handle.ReadFully(target, tensor.Offset + start))
            throw new SafetensorsException("the file was cut while it was read", FilePath, tensor.Name, tensor.Offset + start);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_mapping.IsValueCreated) _mapping.Value.Dispose();
        _handle.Dispose();
    }

    private static Type ElementOf(DType type) => type switch
    {
        DType.F64 => typeof(double),
        DType.F32 => typeof(float),
        DType.F16 => typeof(Half),
        DType.BF16 => typeof(ushort),
        DType.I64 => typeof(long),
        DType.I32 => typeof(int),
        DType.I16 => typeof(short),
        DType.I8 => typeof(sbyte),
        DType.Bool => typeof(bool),
        _ => typeof(byte),
    };

    private sealed class Mapping : IDisposable
    {
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;

        internal Mapping(SafeFileHandle handle)
        {
            _file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            Start = start;
        }

        internal byte* Start { get; }

        public void Dispose()
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
