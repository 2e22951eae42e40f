using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Models.Foundation;

/// <summary>
/// Weights as parts of their file, mapped into memory: a model is there at once, the system reads what is used, shares it among processes,
/// and takes it back when memory is short.
/// </summary>
/// <remarks>The file must not be changed in place while its tensors live; one that is replaced by renaming may be.</remarks>
internal sealed class WeightMapping : IDisposable
{
    private readonly Dictionary<string, Tensor> _files = new(StringComparer.Ordinal);

    /// <summary>A tensor of a file, of its element type; null where it cannot be a part of the file and has to be read.</summary>
    /// <param name="file">Stays open meanwhile; the tensor outlives it, and this too.</param>
    /// <param name="info">The tensor.</param>
    /// <param name="type">Its element type.</param>
    public Tensor? Find(ITensorFile file, TensorInfo info, ScalarType type)
    {
        int width = info.DType.Width();
        if (file is not SafetensorsFile || info.Offset % width != 0 || info.Count == 0)
            return null;
        string key = $"{type} {file.FilePath}";
        if (!_files.TryGetValue(key, out var whole))
            _files.Add(key, whole = from_file(file.FilePath, shared: false, new FileInfo(file.FilePath).Length / width, type).DetachFromDisposeScope());
        using var part = whole.narrow(0, info.Offset / width, info.Count);
        return part.view(info.Shape.ToArray());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var whole in _files.Values)
            whole.Dispose();
    }
}
