using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using FedKim.Rounds;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters;

/// <summary>
/// A safetensors file that comes to be piece by piece, so that tensors which are computed together need not wait for each other. It appears
/// under its name whole or not at all. What is written in the file's own order is hashed on the way, the rest once all is there.
/// </summary>
internal sealed class SafetensorsPieces : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _stream;
    private readonly SafeFileHandle _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly long _length;
    private long _hashed;
    private long _written;
    private bool _committed;

    private SafetensorsPieces(string path, ImmutableSortedDictionary<string, TensorInfo> tensors, long length)
    {
        (_path, _temporary, Tensors, _length) = (path, path + ".tmp", tensors, length);
        _stream = DurableFile.Begin(_temporary);
        _file = _stream.SafeFileHandle;
    }

    /// <summary>Its tensors and where they stand, by name, in ordinal order; they follow one another in the file in this order.</summary>
    internal ImmutableSortedDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>Begins a file of these tensors in a temporary one beside <paramref name="path"/>. Equal tensors and metadata are laid out equally.</summary>
    /// <exception cref="ArgumentException">A name comes twice, or is the format's own.</exception>
    internal static SafetensorsPieces Create(
        string path, IEnumerable<(string Name, DType Type, ImmutableArray<long> Shape)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var sorted = tensors.OrderBy(t => t.Name, StringComparer.Ordinal)
            .Select(t => (t.Name, t.Type, t.Shape, Length: SafetensorsHeader.LengthOf(t.Type, t.Shape.AsSpan()))).ToArray();
        for (int i = 0; i < sorted.Length; i++)
        {
            if (sorted[i].Name == "__metadata__" || (i > 0 && sorted[i].Name == sorted[i - 1].Name))
                throw new ArgumentException($"{path}: tensor '{sorted[i].Name}' is named twice or bears a reserved name.", nameof(tensors));
        }

        byte[] head = SafetensorsHeader.Write(sorted, metadata ?? ImmutableDictionary<string, string>.Empty);
        var placed = ImmutableSortedDictionary.CreateBuilder<string, TensorInfo>(StringComparer.Ordinal);
        long end = head.Length;
        foreach (var (name, type, shape, length) in sorted)
        {
            placed.Add(name, new TensorInfo(name, type, shape, end, length));
            end += length;
        }

        var file = new SafetensorsPieces(path, placed.ToImmutable(), end);
        try
        {
            file.Write(0, head);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes some of a tensor's bytes, each once.</summary>
    /// <param name="tensor">Its name.</param>
    /// <param name="start">Where in the tensor they belong, in bytes.</param>
    /// <param name="bytes">Little-endian, row-major.</param>
    /// <exception cref="ArgumentException">They do not belong into the tensor.</exception>
    internal void Write(string tensor, long start, ReadOnlySpan<byte> bytes)
    {
        var info = Tensors[tensor];
        if (start + bytes.Length > info.Length)
            throw new ArgumentException($"{_path}: bytes {start} to {start + bytes.Length} of tensor '{tensor}', its shape has {info.Length}.", nameof(bytes));
        Write(info.Offset + start, bytes);
    }

    /// <summary>Makes the file appear.</summary>
    /// <param name="durable">False for a file that can be made again and is checked before it is used: it is not synced to disk.</param>
    /// <returns>Its SHA-256.</returns>
    /// <exception cref="InvalidOperationException">Not every byte was written.</exception>
    internal Digest Commit(bool durable = true)
    {
        if (_written != _length)
            throw new InvalidOperationException($"{_path}: {_written} of {_length} bytes were written.");
        HashRest();
        if (durable)
            DurableFile.Commit(_file, _temporary, _path);
        else
            File.Move(_temporary, _path, overwrite: true);
        _committed = true;
        return Digest.Of(_hash.GetHashAndReset());
    }

    /// <summary>Without <see cref="Commit"/> nothing is left, and what stood at the path still stands.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
        if (!_committed)
            File.Delete(_temporary);
    }

    private void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_file, bytes, offset);
        _written += bytes.Length;
        if (offset != _hashed)
            return;
        _hash.AppendData(bytes);
        _hashed += bytes.Length;
    }

    private void HashRest()
    {
        if (_hashed == _length)
            return;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        while (RandomAccess.Read(_file, buffer, _hashed) is var read and > 0)
        {
            _hash.AppendData(buffer.AsSpan(0, read));
            _hashed += read;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
