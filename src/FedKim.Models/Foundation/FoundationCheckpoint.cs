using System.Text.Json;
using FedKim.Parameters;
using FedKim.Parameters.PyTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace FedKim.Models.Foundation;

/// <summary>
/// A foundation model's weights on disk: <c>model.safetensors</c> or <c>pytorch_model.bin</c>, each whole or in shards with an index,
/// e.g. <c>model.safetensors.index.json</c>.
/// </summary>
/// <remarks>Tensors are read one by one in pieces; nothing is ever held twice.</remarks>
public sealed class FoundationCheckpoint : IDisposable
{
    private const int PieceBytes = 16 << 20;
    private const int NamesShown = 10;

    // In the order of preference.
    private static readonly string[] UsualFiles = ["model.safetensors", "pytorch_model.bin"];

    private readonly WeightMapping _mapping = new();
    private readonly List<ITensorFile> _files;
    private readonly SortedDictionary<string, ITensorFile> _where = new(StringComparer.Ordinal);

    // What an index places in a shard that lacks it, in words. A head that is the embeddings is often listed and not stored.
    private readonly SortedDictionary<string, string> _lost = new(StringComparer.Ordinal);

    private FoundationCheckpoint(List<ITensorFile> files)
    {
        _files = files;
        foreach (var file in files)
        {
            foreach (string name in file.Tensors.Keys)
            {
                if (!_where.TryAdd(name, file))
                    throw new FoundationException($"{file.FilePath}: tensor '{name}' is also in {_where[name].FilePath}.");
            }
        }
    }

    /// <summary>Opens the weights in a folder.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="file">Name of a single file in it, in place of the usual ones.</param>
    /// <exception cref="FoundationException">There are none, a shard is missing, or the index and the shards disagree.</exception>
    /// <exception cref="SafetensorsException">A file is malformed.</exception>
    /// <exception cref="PyTorchException">A file is malformed, or holds more than tensors.</exception>
    public static FoundationCheckpoint Open(string folder, string? file = null)
    {
        foreach (string name in file is null ? UsualFiles : [file])
        {
            string single = Path.Combine(folder, name), index = single + ".index.json";
            if (File.Exists(single))
                return OpenAll([single], out _);
            if (File.Exists(index))
                return OpenShards(folder, index);
        }

        throw new FoundationException($"{folder} holds no {file ?? string.Join(", no ", UsualFiles.SelectMany(name => new[] { name, name + ".index.json" }))}.");
    }

    /// <summary>A checkpoint of one file that is open already; it is closed with it.</summary>
    internal static FoundationCheckpoint Of(ITensorFile file) => new([file]);

    /// <summary>Paths of its files.</summary>
    public IEnumerable<string> Files => _files.Select(f => f.FilePath);

    /// <summary>
    /// Compares names and shapes with what the configuration asks for. Passed over are tensors that follow from it: the rotation's frequencies,
    /// and a head that is the embeddings.
    /// </summary>
    /// <returns>The tensors it asks for, in ordinal order of their names.</returns>
    /// <exception cref="FoundationException">Some are missing, unexpected or of another shape; the message lists them.</exception>
    public IReadOnlyList<TensorInfo> Check(FoundationConfig config)
    {
        var expected = new SortedDictionary<string, long[]>(config.Tensors().ToDictionary(t => t.Name, t => t.Shape), StringComparer.Ordinal);
        string? tied = config.TieWordEmbeddings ? $"{config.Layout.Head}.weight" : null;
        if (_lost.FirstOrDefault(lost => lost.Key != tied && !FoundationLayout.IsDerived(lost.Key)) is { Key: not null } lost)
            throw new FoundationException(lost.Value);
        string[] missing = [.. expected.Keys.Where(n => !_where.ContainsKey(n))];
        string[] unexpected = [.. _where.Keys.Where(n => !expected.ContainsKey(n) && n != tied && !FoundationLayout.IsDerived(n))];
        string[] shaped = [.. _where.Keys.Where(n => expected.TryGetValue(n, out long[]? shape) && !Info(n).Shape.AsSpan().SequenceEqual(shape))
            .Select(n => $"{n} is {Info(n).ShapeText}, expected [{string.Join(", ", expected[n])}]")];
        string[] faults = [.. new[] { ("missing", missing), ("unexpected", unexpected), ("mis-shaped", shaped) }.Where(f => f.Item2.Length > 0)
            .Select(f => $"{f.Item2.Length} {f.Item1}: {string.Join("; ", f.Item2.Take(NamesShown))}{(f.Item2.Length > NamesShown ? "; …" : "")}")];
        if (faults.Length > 0)
            throw new FoundationException($"{_files[0].FilePath} does not fit its configuration. {string.Join(". ", faults)}.");
        if (tied is not null && _where.ContainsKey(tied))
            RequireSame(tied, $"{config.Layout.Embeddings}.weight");
        return [.. expected.Keys.Select(Info)];
    }

    // A head that was trained on its own would be lost without a word.
    private void RequireSame(string head, string embeddings)
    {
        var (one, other) = (Info(head), Info(embeddings));
        bool same = one.DType == other.DType && one.Length == other.Length;
        byte[] left = new byte[Math.Min(PieceBytes, one.Length)], right = new byte[left.Length];
        for (long done = 0; same && done < one.Length; done += left.Length)
        {
            int count = (int)Math.Min(left.Length, one.Length - done);
            _where[head].Read(one, done, left.AsSpan(0, count));
            _where[embeddings].Read(other, done, right.AsSpan(0, count));
            same = left.AsSpan(0, count).SequenceEqual(right.AsSpan(0, count));
        }

        if (!same)
        {
            throw new FoundationException(
                $"{_where[head].FilePath}: '{head}' is not '{embeddings}', though tie_word_embeddings in config.json is true. " +
                $"Set tie_word_embeddings to false to use the head, or remove '{head}' to use the embeddings.");
        }
    }

    /// <summary>Reads a tensor, or maps it: see <see cref="WeightMapping"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Element type wanted; null for the file's.</param>
    /// <param name="device">Where it shall live.</param>
    public Tensor Read(string name, ScalarType? type, Device device)
    {
        using var scope = NewDisposeScope();
        var (info, file) = (Info(name), _where[name]);
        if (device.type == DeviceType.CPU && (type ?? TypeOf(info)) == TypeOf(info) && _mapping.Find(file, info, TypeOf(info)) is { } part)
            return part.MoveToOuterDisposeScope();
        var values = empty(info.Shape.ToArray(), TypeOf(info));
        // A span over a tensor ends at 2 GiB, so a large one is filled row by row group.
        var rows = values.view(info.Shape.IsEmpty ? 1 : Math.Max(1, info.Shape[0]), -1);
        long rowBytes = info.Length / Math.Max(1, rows.shape[0]), step = Math.Max(1, PieceBytes / Math.Max(1, rowBytes));
        for (long row = 0; row < rows.shape[0]; row += step)
        {
            using var piece = rows.narrow(0, row, Math.Min(step, rows.shape[0] - row));
            file.Read(info, row * rowBytes, piece.bytes);
        }

        return values.to(type ?? values.dtype, device).MoveToOuterDisposeScope();
    }

    /// <summary>A tensor, to be written in another element type while the checkpoint is open.</summary>
    /// <param name="name">Its name; the tensor is F64, F32, F16 or BF16.</param>
    /// <param name="type">F32 or BF16; rounded to nearest even.</param>
    /// <param name="allowNonFinite">Whether an element may be NaN or infinite; else the writing fails, with a <see cref="FoundationException"/>.</param>
    /// <exception cref="FoundationException">There is none, or one of another type.</exception>
    public TensorData Convert(string name, DType type, bool allowNonFinite = false)
    {
        var (info, file) = (Info(name), _where[name]);
        if (!info.DType.IsFloating())
            throw new FoundationException($"{file.FilePath}: tensor '{name}' is {info.DType.Name()}; weights are F64, F32, F16 or BF16.");
        return file.Convert(info, type, allowNonFinite ? null : element => throw new FoundationException(
            $"{file.FilePath}: tensor '{name}' is NaN or infinite as {type.Name()} at element {element} of {info.Count}. The file is damaged, or its training diverged."));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mapping.Dispose();
        _files.ForEach(f => f.Dispose());
    }

    private TensorInfo Info(string name) => _where.TryGetValue(name, out var file) ? file.Tensors[name] : throw new FoundationException($"The checkpoint holds no '{name}'.");

    private ScalarType TypeOf(TensorInfo info) => info.DType switch
    {
        DType.F32 => ScalarType.Float32,
        DType.BF16 => ScalarType.BFloat16,
        DType.F16 => ScalarType.Float16,
        DType.F64 => ScalarType.Float64,
        _ => throw new FoundationException($"{_where[info.Name].FilePath}: tensor '{info.Name}' is {info.DType.Name()}; weights are F64, F32, F16 or BF16."),
    };

    private static FoundationCheckpoint OpenShards(string folder, string index)
    {
        var map = ReadIndex(index);
        var checkpoint = OpenAll(map.Values.Distinct().Order(StringComparer.Ordinal).Select(shard => Path.Combine(folder, shard)), out var opened);
        foreach (var (name, shard) in map)
        {
            if (opened.Any(f => Path.GetFileName(f.FilePath) == shard && f.Tensors.ContainsKey(name)))
                continue;
            checkpoint._lost.Add(name, $"{index} places '{name}' in {shard}, which does not hold it.");
        }

        return checkpoint;
    }

    private static ITensorFile OpenOne(string path) => !File.Exists(path)
        ? throw new FoundationException($"{path} is missing, though the index names it.")
        : path.EndsWith(".bin", StringComparison.Ordinal) ? PyTorchFile.Open(path) : SafetensorsFile.Open(path);

    private static FoundationCheckpoint OpenAll(IEnumerable<string> paths, out List<ITensorFile> files)
    {
        files = [];
        try
        {
            foreach (string path in paths)
                files.Add(OpenOne(path));
            return new FoundationCheckpoint(files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            files.ForEach(f => f.Dispose());
            throw new FoundationException($"the weights cannot be read: {e.Message}", e);
        }
        catch
        {
            files.ForEach(f => f.Dispose());
            throw;
        }
    }

    private static SortedDictionary<string, string> ReadIndex(string index)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(index), new JsonDocumentOptions { AllowDuplicateProperties = false });
            var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach (var entry in json.RootElement.GetProperty("weight_map").EnumerateObject())
            {
                string shard = entry.Value.GetString() ?? "";
                if (shard != Path.GetFileName(shard) || shard.Length == 0)
                    throw new FoundationException($"{index}: '{entry.Name}' names the shard '{shard}', which is no plain file name.");
                map[entry.Name] = shard;
            }

            return map;
        }
        catch (Exception e) when (e is not FoundationException and not OutOfMemoryException)
        {
            throw new FoundationException($"{index} is no index of shards: {e.Message}", e);
        }
    }
}
