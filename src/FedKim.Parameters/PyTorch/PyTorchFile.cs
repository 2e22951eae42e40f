using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters.PyTorch;

/// <summary>
/// A checkpoint of <c>torch.save</c> (a zip archive with a pickle, since PyTorch 1.6), open for reading. It must be a plain dictionary of
/// tensors; all it says is checked when it is opened, nothing in it is executed, and bytes come from the file on demand.
/// </summary>
/// <remarks>Safe for concurrent readers.</remarks>
public sealed unsafe class PyTorchFile : ITensorFile
{
    private const int LongestPickle = 16 << 20;
    private const string Pickle = "/data.pkl";

    private readonly SafeFileHandle _handle;
    private readonly ImmutableSortedDictionary<string, StridedElements> _strided;
    private readonly Lazy<FileMapping> _mapping;

    private PyTorchFile(string path, SafeFileHandle handle, ImmutableSortedDictionary<string, (TensorInfo Info, StridedElements? Strided)> tensors)
    {
        (FilePath, _handle) = (path, handle);
        Tensors = tensors.ToImmutableSortedDictionary(t => t.Key, t => t.Value.Info, StringComparer.Ordinal);
        _strided = tensors.Where(t => t.Value.Strided is not null).ToImmutableSortedDictionary(t => t.Key, t => t.Value.Strided!, StringComparer.Ordinal);
        _mapping = new Lazy<FileMapping>(() => new FileMapping(handle));
    }

    /// <inheritdoc/>
    public string FilePath { get; }

    /// <inheritdoc/>
    public ImmutableSortedDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="PyTorchException">It is malformed, or holds more than tensors; the message names file, tensor and byte of the pickle.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PyTorchFile Open(string path)
    {
        var handle = File.OpenHandle(path);
        try
        {
            byte[] start = new byte[Math.Min(StandIn.Length, RandomAccess.GetLength(handle))];
            if (handle.ReadFully(start, 0) && StandIn.Of(start) is { } standIn)
                throw new PyTorchException(standIn, path);
            var zip = new ZipDirectory(handle, path);
            string[] pickles = [.. zip.Names.Where(n => n.EndsWith(Pickle, StringComparison.Ordinal) && n.IndexOf('/') == n.Length - Pickle.Length)];
            if (pickles.Length != 1)
                throw new PyTorchException($"it holds {pickles.Length} pickles FOLDER{Pickle}, expected 1; it was not written by torch.save", path);
            string root = pickles[0][..^Pickle.Length];
            if (zip.Find(root + "/byteorder") is { } order && !Bytes(handle, order, path).AsSpan().SequenceEqual("little"u8))
                throw new PyTorchException("its byte order is not 'little'", path);
            var tensors = PickleReader.Read(Bytes(handle, zip.Find(pickles[0])!.Value, path), path);
            return new PyTorchFile(path, handle, tensors.ToImmutableSortedDictionary(t => t.Key, t => Place(t.Key, t.Value, zip, root, path), StringComparer.Ordinal));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="PyTorchException">The range leaves the tensor, or the file was cut after it was opened.</exception>
    public void Read(TensorInfo tensor, long start, Span<byte> target)
    {
        if (start < 0 || start + target.Length > tensor.Length)
            throw new PyTorchException($"bytes {start} to {start + target.Length} are not among its {tensor.Length}", FilePath, tensor.Name);
        if (_strided.TryGetValue(tensor.Name, out var strided))
        {
            if (start % strided.Width != 0 || target.Length % strided.Width != 0)
                throw new PyTorchException($"its elements do not lie row by row and are read whole; bytes {start} to {start + target.Length} cut one", FilePath, tensor.Name);
            strided.Copy(_mapping.Value.Start, start / strided.Width, target);
        }
        else if (!_handle.ReadFully(target, tensor.Offset + start))
        {
            throw new PyTorchException("the file was cut while it was read", FilePath, tensor.Name);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_mapping.IsValueCreated)
            _mapping.Value.Dispose();
        _handle.Dispose();
    }

    private static (TensorInfo Info, StridedElements? Strided) Place(string name, PickledTensor tensor, ZipDirectory zip, string root, string path)
    {
        PyTorchException Fault(string problem) => new(problem, path, name);

        var storage = tensor.Storage;
        int width = storage.Type.Width();
        if (zip.Find($"{root}/data/{storage.Key}") is not var (start, length))
            throw Fault($"the archive holds no storage '{storage.Key}'");
        if (length % width != 0 || length / width != storage.Count)
            throw Fault($"its storage '{storage.Key}' claims {storage.Count} elements of {storage.Type.Name()}, the archive holds {length} bytes");
        if (tensor.Shape.Any(size => size < 0))
            throw Fault($"a size is negative: [{string.Join(", ", tensor.Shape)}]");
        if (tensor.Offset < 0 || tensor.Strides.Any(stride => stride < 0))
            throw Fault($"its offset {tensor.Offset} or a stride of [{string.Join(", ", tensor.Strides)}] is negative");
        long bytes, reach;
        try
        {
            bytes = SafetensorsHeader.LengthOf(storage.Type, tensor.Shape.AsSpan());
            reach = tensor.Reach;
        }
        catch (OverflowException e)
        {
            throw new PyTorchException($"[{string.Join(", ", tensor.Shape)}] at strides [{string.Join(", ", tensor.Strides)}] is larger than any file", path, name, inner: e);
        }

        // Of a stride of 0 an element counts as often as it is shown: a few bytes would become as many as there are.
        if (reach > storage.Count || bytes / width > storage.Count)
            throw Fault($"its {bytes / width} elements from {tensor.Offset} on, at strides [{string.Join(", ", tensor.Strides)}], leave its storage '{storage.Key}' of {storage.Count}");
        long first = start + (tensor.Offset * width);
        return (
            new TensorInfo(name, storage.Type, tensor.Shape, first, bytes),
            tensor.IsContiguous ? null : new StridedElements(first, width, tensor.Shape, tensor.Strides));
    }

    private static byte[] Bytes(SafeFileHandle handle, (long Offset, long Length) range, string path)
    {
        if (range.Length > LongestPickle)
            throw new PyTorchException($"its pickle has {range.Length} bytes, more than the {LongestPickle} that are read", path);
        byte[] bytes = new byte[range.Length];
        return handle.ReadFully(bytes, range.Offset) ? bytes : throw new PyTorchException("the file was cut while it was read", path);
    }
}
