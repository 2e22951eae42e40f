using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;

namespace FedKim.Parameters.PyTorch;

/// <summary>
/// A checkpoint of <c>torch.save</c> (a zip archive with a pickle, since PyTorch 1.6), open for reading. It must be a plain dictionary of
/// contiguous tensors; all it says is checked when it is opened, nothing in it is executed, and bytes come from the file on demand.
/// </summary>
/// <remarks>Safe for concurrent readers.</remarks>
public sealed class PyTorchFile : ITensorFile
{
    private const int LongestPickle = 16 << 20;
    private const string Pickle = "/data.pkl";

    private readonly SafeFileHandle _handle;

    private PyTorchFile(string path, SafeFileHandle handle, ImmutableSortedDictionary<string, TensorInfo> tensors) =>
        (FilePath, _handle, Tensors) = (path, handle, tensors);

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
            var zip = new ZipDirectory(handle, path);
            string[] pickles = [.. zip.Names.Where(n => n.EndsWith(Pickle, StringComparison.Ordinal) && n.IndexOf('/') == n.Length - Pickle.Length)];
            if (pickles.Length != 1) throw new PyTorchException($"it holds {pickles.Length} pickles FOLDER{Pickle}, expected 1; it was not written by torch.save", path);
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
        if (!_handle.ReadFully(target, tensor.Offset + start)) throw new PyTorchException("the file was cut while it was read", FilePath, tensor.Name);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static TensorInfo Place(string name, PickledTensor tensor, ZipDirectory zip, string root, string path)
    {
        PyTorchException Fault(string problem) => new(problem, path, name);

        var storage = tensor.Storage;
        int width = storage.Type.Width();
        if (zip.Find($"{root}/data/{storage.Key}") is not var (start, length)) throw Fault($"the archive holds no storage '{storage.Key}'");
        if (length % width != 0 || length / width != storage.Count)
            throw Fault($"its storage '{storage.Key}' claims {storage.Count} elements of {storage.Type.Name()}, the archive holds {length} bytes");
        if (tensor.Shape.Any(size => size < 0)) throw Fault($"a size is negative: [{string.Join(", ", tensor.Shape)}]");
        if (!tensor.IsContiguous)
            throw Fault($"its strides [{string.Join(", ", tensor.Strides)}] are not those of a contiguous [{string.Join(", ", tensor.Shape)}]. Save it again after .contiguous()");
        long bytes;
        try
        {
            bytes = SafetensorsHeader.LengthOf(storage.Type, tensor.Shape.AsSpan());
        }
        catch (OverflowException e)
        {
            throw new PyTorchException($"[{string.Join(", ", tensor.Shape)}] is larger than any file", path, name, inner: e);
        }

        if (tensor.Offset < 0 || tensor.Offset > storage.Count - (bytes / width))
            throw Fault($"its {bytes / width} elements from {tensor.Offset} on leave its storage '{storage.Key}' of {storage.Count}");
        return new TensorInfo(name, storage.Type, tensor.Shape, start + (tensor.Offset * width), bytes);
    }

    private static byte[] Bytes(SafeFileHandle handle, (long Offset, long Length) range, string path)
    {
        if (range.Length > LongestPickle) throw new PyTorchException($"its pickle has {range.Length} bytes, more than the {LongestPickle} that are read", path);
        byte[] bytes = new byte[range.Length];
        return handle.ReadFully(bytes, range.Offset) ? bytes : throw new PyTorchException("the file was cut while it was read", path);
    }
}
