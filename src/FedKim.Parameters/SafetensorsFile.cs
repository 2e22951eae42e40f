using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters;

/// <summary>A safetensors file, open for reading. Its header is checked as a whole when it is opened; bytes come from the file on demand.</summary>
/// <remarks>Spans live until the file is disposed. Safe for concurrent readers.</remarks>
public sealed unsafe class SafetensorsFile : ITensorFile
{
    private readonly PlainBytes _bytes;
    private readonly Lazy<FileMapping> _mapping;

    private SafetensorsFile(PlainBytes bytes, SafeFileHandle handle, SafetensorsHeader header)
    {
        (_bytes, Tensors, Metadata) = (bytes, header.Tensors, header.Metadata);
        _mapping = new Lazy<FileMapping>(() => new FileMapping(handle));
    }

    /// <inheritdoc/>
    public string FilePath => _bytes.FilePath;

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The texts under <c>__metadata__</c>, in ordinal order.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file once all its bytes were compared with its digest.</summary>
    /// <exception cref="DamagedException">It is gone, or its bytes are others.</exception>
    /// <exception cref="SafetensorsException">It is malformed, though its bytes are those of its digest.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SafetensorsFile Open(WeightFile file)
    {
        using (var bytes = VerifiedBytes.Open(file))
            bytes.Verify();
        return Open(file.Path);
    }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="SafetensorsException">It is truncated or malformed; the message names file, tensor and byte.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SafetensorsFile Open(string path)
    {
        var handle = File.OpenHandle(path, options: FileOptions.None);
        try
        {
            var bytes = new PlainBytes(path, handle);
            return new SafetensorsFile(bytes, handle, SafetensorsHeader.Read(bytes));
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
        if (info.Length > int.MaxValue)
            throw new SafetensorsException($"its {info.Length} bytes do not fit one span; read it in pieces", FilePath, name, info.Offset);
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
    public void Read(TensorInfo tensor, long start, Span<byte> target) => _bytes.ReadTensor(tensor, start, target);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_mapping.IsValueCreated)
            _mapping.Value.Dispose();
        _bytes.Dispose();
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
}
