using FedKim.Parameters;
using FedKim.Parameters.PyTorch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Foundation;

/// <summary>Computes a projection together with what stands beside it.</summary>
/// <param name="layer">The layer, from 0.</param>
/// <param name="projection">The last part of its name in the checkpoint, e.g. <c>wqkv</c> or <c>q_proj</c>.</param>
/// <param name="input">What the projection reads, [batch, tokens, in].</param>
/// <param name="weight">The untouched projection, [out, in].</param>
/// <param name="bias">Its offset, [out]; null for none.</param>
/// <returns>What the layer goes on with, [batch, tokens, out].</returns>
public delegate Tensor ProjectionAdapter(int layer, string projection, Tensor input, Tensor weight, Tensor? bias);

/// <summary>Runs a layer in its own way, e.g. to keep none of what it computes on the way.</summary>
/// <param name="inputs">What changes from call to call, the layer's own input first; some are no floats.</param>
/// <param name="compute">Gives the layer's output from these inputs.</param>
/// <returns>What <paramref name="compute"/> gives.</returns>
public delegate Tensor LayerRun(Tensor[] inputs, Func<Tensor[], Tensor> compute);

/// <summary>
/// F, the foundation model: InternLM2 or Llama (pre-norm decoders; RMSNorm, rotary positions in halves, grouped key-value heads, SiLU-gated
/// feed forward), which differ in names and in how the projections of attention lie. Tensors bear the published checkpoint's names. Frozen
/// unless it is being pre-trained.
/// </summary>
/// <remarks>
/// Padding may stand anywhere: masked tokens are attended to by no other, and positions count real tokens only, so a row of a batch gives
/// what it gives alone. Owns its tensors; what methods return belongs to the caller's dispose scope.
/// </remarks>
public sealed class FoundationModel : IDisposable
{
    private const int HeadPiece = 1 << 14;

    private readonly SortedDictionary<string, Parameter> _tensors;
    private readonly Layer[] _layers;
    private readonly Tensor _embeddings, _norm, _head, _frequencies;

    private FoundationModel(FoundationConfig config, SortedDictionary<string, Parameter> tensors)
    {
        (Config, _tensors) = (config, tensors);
        var layout = config.Layout;
        _embeddings = tensors[$"{layout.Embeddings}.weight"];
        _norm = tensors[$"{FoundationLayout.Norm}.weight"];
        _head = config.TieWordEmbeddings ? _embeddings : tensors[$"{layout.Head}.weight"];
        _layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(i => new Layer(i, layout, tensors))];
        using var scope = NewDisposeScope();
        var exponents = arange(0, config.HeadSize, 2, ScalarType.Float32).div(config.HeadSize);
        var frequencies = pow(torch.tensor((float)config.RotaryBase), exponents.neg());
        if (config.Scaling is { } scaling)
            frequencies = torch.tensor(frequencies.data<float>().Select(scaling.Scale).ToArray());
        _frequencies = frequencies.to(Device).DetachFromDisposeScope();
    }

    /// <summary>Its sizes.</summary>
    public FoundationConfig Config { get; }

    /// <summary>Where it lives.</summary>
    public Device Device => _embeddings.device;

    /// <summary>Its element type.</summary>
    public ScalarType Type => _embeddings.dtype;

    /// <summary>Its tensors by name, in ordinal order; the model stays their owner.</summary>
    public IReadOnlyDictionary<string, Parameter> Tensors => _tensors;

    /// <summary>Loads a frozen model from a folder in the Hugging Face layout.</summary>
    /// <param name="folder">Holds <c>config.json</c> and the weights (<see cref="FoundationCheckpoint"/>).</param>
    /// <param name="type">Element type to compute in; null for the file's.</param>
    /// <param name="device">Where it shall live; null for the processor.</param>
    /// <param name="file">Name of a single weights file, in place of the usual ones.</param>
    /// <exception cref="FoundationException">The folder holds no model that is understood here, or names and shapes do not fit.</exception>
    /// <exception cref="SafetensorsException">A file of it is malformed.</exception>
    /// <exception cref="PyTorchException">A file of it is malformed, or holds more than tensors.</exception>
    public static FoundationModel Load(string folder, ScalarType? type = null, Device? device = null, string? file = null)
    {
        var config = FoundationConfig.Read(Path.Combine(folder, "config.json"));
        using var checkpoint = FoundationCheckpoint.Open(folder, file);
        checkpoint.Check(config);
        return Build(config, (name, _) => checkpoint.Read(name, type, device ?? CPU), trainable: false);
    }

    /// <summary>A new model with random weights (normal, 0.02; residual outputs smaller by √(2·layers)), to be trained.</summary>
    /// <param name="config">Its sizes.</param>
    /// <param name="seedOf">Seed of a tensor by its name.</param>
    public static FoundationModel Create(FoundationConfig config, Func<string, long> seedOf) => Build(config, (name, shape) =>
    {
        if (shape.Length == 1)
            return name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(shape) : ones(shape);
        bool residual = name.EndsWith($"{config.Layout.Output}.weight", StringComparison.Ordinal) || name.EndsWith($"{config.Layout.Down}.weight", StringComparison.Ordinal);
        using var generator = new Generator((ulong)seedOf(name), CPU);
        using var normal = randn(shape, generator: generator);
        return normal.mul(residual ? 0.02 / Math.Sqrt(2.0 * config.NumHiddenLayers) : 0.02);
    }, trainable: true);

    /// <summary>Embeds tokens.</summary>
    /// <param name="ids">Int64, [batch, tokens].</param>
    /// <returns>[batch, tokens, hidden].</returns>
    public Tensor Embed(Tensor ids)
    {
        using var scope = NewDisposeScope();
        return _embeddings.index_select(0, ids.flatten()).view(ids.shape[0], ids.shape[1], Config.HiddenSize).MoveToOuterDisposeScope();
    }

    /// <summary>Room for generation.</summary>
    /// <param name="batch">Rows.</param>
    /// <param name="capacity">Most tokens a row will have.</param>
    public KeyValueCache NewCache(long batch, long capacity) => new(Config, batch, capacity, Type, Device);

    /// <summary>Reads a sequence up to the last norm.</summary>
    /// <param name="embeddings">Token embeddings and feature tokens alike, [batch, tokens, hidden].</param>
    /// <param name="mask">Bool, [batch, tokens]: true for real tokens; null when all are.</param>
    /// <param name="adapter">What stands beside the projections; null for the bare model.</param>
    /// <param name="cache">Tokens read before, to which these are added; null without.</param>
    /// <param name="observe">Is shown the input of every layer and, last, what the last layer gives before the norm; for comparisons.</param>
    /// <param name="run">Runs every layer; null to run them plainly.</param>
    /// <param name="branches">What of the sequence are continuations of one beginning; null where it is one text.</param>
    /// <returns>[batch, tokens, hidden]; rows of masked tokens mean nothing.</returns>
    /// <exception cref="FoundationException">A row has more real tokens than the model's longest sequence.</exception>
    public Tensor Read(
        Tensor embeddings, Tensor? mask = null, ProjectionAdapter? adapter = null, KeyValueCache? cache = null, Action<int, Tensor>? observe = null, LayerRun? run = null,
        Branches? branches = null)
    {
        using var scope = NewDisposeScope();
        long batch = embeddings.shape[0], tokens = embeddings.shape[1], before = cache?.Length ?? 0;
        var real = mask ?? ones(batch, tokens, ScalarType.Bool, Device);
        var all = cache is null ? real : cache.AppendMask(real);
        // Padding does not count: a row must not depend on the longest of its batch.
        var counts = all.to(ScalarType.Int64).cumsum(1);
        counts = branches?.Counts(counts) ?? counts;
        if (before + tokens > Config.MaxPositionEmbeddings && counts.max().item<long>() is var longest && longest > Config.MaxPositionEmbeddings)
            throw new FoundationException($"A sequence has {longest} tokens; the model reads at most {Config.MaxPositionEmbeddings}.");
        var (cosine, sine) = Rotation(counts, before);
        var allowed = Allowed(all, before, branches);
        var h = embeddings;
        foreach (var layer in _layers)
        {
            observe?.Invoke(layer.Index, h);
            // One scope a layer: what it leaves behind is freed before the next one runs.
            using var layerScope = NewDisposeScope();
            Tensor Compute(Tensor[] inputs)
            {
                var attended = inputs[0].add(Attend(layer, Norm(inputs[0], layer.AttentionNorm), inputs[1], inputs[2], inputs[3], adapter, cache));
                return attended.add(FeedForward(layer, Norm(attended, layer.FeedForwardNorm), adapter));
            }

            Tensor[] inputs = [h, cosine, sine, allowed];
            h = (run is null ? Compute(inputs) : run(inputs, Compute)).MoveToOuterDisposeScope();
        }

        if (cache is not null)
            cache.Length += tokens;
        observe?.Invoke(_layers.Length, h);
        return Norm(h, _norm).MoveToOuterDisposeScope();
    }

    /// <summary>The head: what may come next.</summary>
    /// <param name="read">What <see cref="Read"/> gives, [.., hidden].</param>
    /// <returns>Logits in 32-bit floats, [.., vocabulary].</returns>
    public Tensor Logits(Tensor read)
    {
        using var scope = NewDisposeScope();
        // A processor's bf16 product copies its weight into another layout: of a large head only a piece at a time.
        var logits = Config.VocabSize <= HeadPiece || Device.type != DeviceType.CPU
            ? nn.functional.linear(read, _head)
            : cat([.. _head.split(HeadPiece).Select(rows => nn.functional.linear(read, rows))], -1);
        return logits.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Cross-entropy of what follows, averaged over the labelled tokens alone.</summary>
    /// <param name="logits">[batch, tokens, vocabulary].</param>
    /// <param name="labels">Int64, [batch, tokens]; −100 where a token carries no label. Token t is predicted from the logits at t − 1.</param>
    /// <returns>A scalar.</returns>
    public static Tensor Loss(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        long tokens = logits.shape[1];
        return nn.functional.cross_entropy(logits.narrow(1, 0, tokens - 1).flatten(0, 1), labels.narrow(1, 1, tokens - 1).flatten()).MoveToOuterDisposeScope();
    }

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c> into a folder.</summary>
    /// <param name="folder">Exists.</param>
    /// <param name="type">32-bit floats or bfloat16.</param>
    public void Save(string folder, ScalarType type = ScalarType.Float32)
    {
        bool half = type == ScalarType.BFloat16;
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            _tensors.Select(t => new TensorData(t.Key, half ? DType.BF16 : DType.F32, [.. t.Value.shape], stream =>
            {
                using var scope = NewDisposeScope();
                stream.Write(t.Value.detach().to(half ? ScalarType.BFloat16 : ScalarType.Float32, CPU).contiguous().bytes);
            })),
            new Dictionary<string, string> { ["format"] = "pt" });
        File.WriteAllText(Path.Combine(folder, "config.json"), (Config with { TorchDtype = half ? "bfloat16" : "float32" }).ToJson());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _frequencies.Dispose();
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }

    private static FoundationModel Build(FoundationConfig config, Func<string, long[], Tensor> tensorOf, bool trainable)
    {
        var tensors = new SortedDictionary<string, Parameter>(StringComparer.Ordinal);
        try
        {
            foreach (var (name, shape) in config.Tensors())
            {
                var parameter = new Parameter(tensorOf(name, shape), trainable);
                parameter.DetachFromDisposeScope();
                tensors.Add(name, parameter);
            }

            return new FoundationModel(config, tensors);
        }
        catch
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }
    }

    private Tensor Attend(
        Layer layer, Tensor h, Tensor cosine, Tensor sine, Tensor allowed, ProjectionAdapter? adapter, KeyValueCache? cache)
    {
        var (q, k, v) = Heads([.. layer.Attention.Select(projection => Project(layer, projection, h, adapter))]);
        q = Rotate(q.transpose(1, 2), cosine, sine);
        k = Rotate(k.transpose(1, 2), cosine, sine);
        v = v.transpose(1, 2);
        if (cache is not null)
            (k, v) = cache.Append(layer.Index, k, v);
        long queries = Config.NumAttentionHeads / Config.KeyValueHeads;
        var mixed = nn.functional.scaled_dot_product_attention(q, PerQuery(k, queries), PerQuery(v, queries), allowed);
        return Project(layer, layer.Output, mixed.transpose(1, 2).reshape(h.shape[0], h.shape[1], -1), adapter);
    }

    // Queries, keys and values, [batch, tokens, heads, width] each.
    private (Tensor Queries, Tensor Keys, Tensor Values) Heads(Tensor[] projected)
    {
        long batch = projected[0].shape[0], tokens = projected[0].shape[1], groups = Config.KeyValueHeads, head = Config.HeadSize;
        if (projected.Length == 3)
            return (projected[0].view(batch, tokens, -1, head), projected[1].view(batch, tokens, groups, head), projected[2].view(batch, tokens, groups, head));
        long queries = Config.NumAttentionHeads / groups;
        var together = projected[0].view(batch, tokens, groups, queries + 2, head);
        return (together.narrow(3, 0, queries).reshape(batch, tokens, -1, head), together.select(3, queries), together.select(3, queries + 1));
    }

    private static Tensor FeedForward(Layer layer, Tensor h, ProjectionAdapter? adapter)
    {
        var gate = nn.functional.silu(Project(layer, layer.Gate, h, adapter));
        return Project(layer, layer.Down, gate.mul(Project(layer, layer.Up, h, adapter)), adapter);
    }

    private static Tensor Project(Layer layer, Projection projection, Tensor h, ProjectionAdapter? adapter) => adapter is null
        ? nn.functional.linear(h, projection.Weight, projection.Bias)
        : adapter(layer.Index, projection.Name, h, projection.Weight, projection.Bias);

    // Computed in 32-bit floats and cast back before the weight is applied, as the checkpoint was trained.
    private Tensor Norm(Tensor h, Tensor weight)
    {
        var wide = h.to(ScalarType.Float32);
        var scale = wide.square().mean([-1L], keepdim: true).add(Config.RmsNormEps).rsqrt();
        return wide.mul(scale).to(h.dtype).mul(weight);
    }

    private (Tensor Cosine, Tensor Sine) Rotation(Tensor counts, long before)
    {
        // A token's position is the number of real tokens before it.
        var positions = counts.sub(1).clamp_min(0).narrow(1, before, counts.shape[1] - before);
        var angles = positions.to(ScalarType.Float32).unsqueeze(-1).mul(_frequencies);
        var both = cat([angles, angles], -1).unsqueeze(1);
        return (both.cos().to(Type), both.sin().to(Type));
    }

    private static Tensor Rotate(Tensor x, Tensor cosine, Tensor sine)
    {
        long half = x.shape[^1] / 2;
        var turned = cat([x.narrow(-1, half, half).neg(), x.narrow(-1, 0, half)], -1);
        return x.mul(cosine).add(turned.mul(sine));
    }

    private Tensor Allowed(Tensor all, long before, Branches? branches)
    {
        long length = all.shape[1], tokens = length - before;
        var from = arange(before, length, device: Device).unsqueeze(1);
        var to = arange(length, device: Device).unsqueeze(0);
        var reads = branches is null ? to.le(from) : to.le(from).logical_and(branches.Reads(Device));
        // A masked token sees itself, so that no row of the softmax is empty.
        return reads.unsqueeze(0).logical_and(all.unsqueeze(1)).logical_or(to.eq(from)).unsqueeze(1).expand(all.shape[0], 1, tokens, length);
    }

    private static Tensor PerQuery(Tensor x, long queries) => queries == 1
        ? x
        : x.unsqueeze(2).expand(x.shape[0], x.shape[1], queries, x.shape[2], x.shape[3]).reshape(x.shape[0], x.shape[1] * queries, x.shape[2], x.shape[3]);

    private sealed record Projection(string Name, Tensor Weight, Tensor? Bias);

    private sealed class Layer
    {
        public Layer(int index, FoundationLayout layout, SortedDictionary<string, Parameter> tensors)
        {
            string place = $"{FoundationLayout.Layers}{index}.";
            Projection Named(string name) =>
                new(name[(name.LastIndexOf('.') + 1)..], tensors[$"{place}{name}.weight"], tensors.GetValueOrDefault($"{place}{name}.bias"));
            Index = index;
            AttentionNorm = tensors[$"{place}{layout.AttentionNorm}.weight"];
            Attention = [.. layout.Attention.Select(Named)];
            Output = Named(layout.Output);
            FeedForwardNorm = tensors[$"{place}{layout.FeedForwardNorm}.weight"];
            (Gate, Up, Down) = (Named(layout.Gate), Named(layout.Up), Named(layout.Down));
        }

        public int Index { get; }

        public Tensor AttentionNorm { get; }

        public Projection[] Attention { get; }

        public Projection Output { get; }

        public Tensor FeedForwardNorm { get; }

        public Projection Gate { get; }

        public Projection Up { get; }

        public Projection Down { get; }
    }
}
