using FedKim.Models.Encoders;
using FedKim.Models.Foundation;
using FedKim.Parameters;
using FedKim.Rounds;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Injection;

/// <summary>
/// F with knowledge injected into it (method §4): feature maps g, the M3OE router, and LoRA experts beside every projection of every layer.
/// Only these adapters are trained; F stays frozen.
/// </summary>
/// <remarks>
/// Owns the adapters, not F. Adapter tensors: <c>feature.&lt;modality&gt;.{weight,bias}</c>, <c>router.…</c>,
/// <c>lora.layers.N.&lt;projection&gt;.{A,B}</c>. The same seed gives the same bits.
/// </remarks>
public sealed class InjectedFoundationModel : IDisposable
{
    private const int NoLabel = -100;

    private readonly SortedDictionary<string, Parameter> _parameters = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, FeatureMap> _features = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(int Layer, string Projection), LoraExperts> _experts = [];
    private readonly Router? _router;
    private readonly long _foundationBytes;

    /// <param name="foundation">F; the caller stays its owner.</param>
    /// <param name="shape">The adapters' shape.</param>
    /// <param name="seed">The federation's seed; every tensor has a generator of its own.</param>
    public InjectedFoundationModel(FoundationModel foundation, AdapterShape shape, long seed)
    {
        (Foundation, Shape, _foundationBytes) = (foundation, shape, foundation.Tensors.Values.Sum(t => t.numel() * t.element_size()));
        var config = foundation.Config;
        int hidden = config.HiddenSize;
        using var scope = NewDisposeScope();
        foreach (var (modality, width) in shape.Features)
            _features.Add(modality, new FeatureMap(New(seed, $"feature.{modality}.weight", [hidden, width]), New(seed, $"feature.{modality}.bias", [hidden]), shape.Products));
        if (shape is { Routed: true, Experts: > 1 })
        {
            _router = new Router(
                new RouterShape(hidden, hidden, hidden, shape.Experts, shape.RouterSoftmax, shape.Mlp, shape.RouterNormalised), (name, size) => New(seed, "router." + name, size));
        }
        if (shape.Experts == 0)
            return;
        foreach (var (layer, projection, _, size) in config.Projections())
        {
            string place = $"lora.layers.{layer}.{projection}";
            _experts.Add(
                (layer, projection),
                new LoraExperts(New(seed, place + ".A", [shape.Experts, shape.Rank, size[1]]), New(seed, place + ".B", [shape.Experts, size[0], shape.Rank]), shape.Scale,
                    shape.Products));
        }
    }

    /// <summary>F, untouched.</summary>
    public FoundationModel Foundation { get; }

    /// <summary>The adapters' shape.</summary>
    public AdapterShape Shape { get; }

    /// <summary>What an optimiser trains, by name in ordinal order; the model stays the owner.</summary>
    public IReadOnlyDictionary<string, Parameter> Parameters => _parameters;

    /// <summary>Writes the adapters, whole or not at all.</summary>
    /// <returns>The file's digest; equal adapters give equal digests.</returns>
    public Digest Save(string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(path, _parameters.Select(p => TensorFiles.Of(p.Key, p.Value)), metadata);

    /// <summary>Takes the adapters over from a file.</summary>
    /// <exception cref="SafetensorsException">It is malformed, or a tensor is missing, superfluous or of another shape.</exception>
    /// <exception cref="DamagedException">It is not the one its digest stands for.</exception>
    public void Load(WeightFile from)
    {
        using var file = SafetensorsFile.Open(from);
        if (file.Tensors.Keys.FirstOrDefault(name => !_parameters.ContainsKey(name)) is { } superfluous)
            throw new SafetensorsException("the injected model of this learning plan has no such adapter", file.FilePath, superfluous);
        foreach (var (name, parameter) in _parameters)
            TensorFiles.Fill(parameter, file, name);
    }

    /// <summary>α of the batch, [1 or batch, experts]; null without experts.</summary>
    public Tensor? Weigh(InjectionInput input) => Weigh(input.ModalityDescriptions, input.TaskDescriptions);

    /// <summary>α of descriptions, one for the whole batch or one a row: [1 or batch, experts]; null without experts.</summary>
    public Tensor? Weigh(IReadOnlyList<int[]> modalityDescriptions, IReadOnlyList<int[]> taskDescriptions)
    {
        if (Shape.Experts == 0)
            return null;
        using var scope = NewDisposeScope();
        if (_router is null)
            return full(1, Shape.Experts, 1f / Shape.Experts, device: Foundation.Device).MoveToOuterDisposeScope();
        // Both texts in one batch of the router: one row for the whole batch, or one a row.
        int rows = Math.Max(modalityDescriptions.Count, taskDescriptions.Count);
        var (modality, modalityMask) = Ids(modalityDescriptions, rows, left: false);
        var (task, taskMask) = Ids(taskDescriptions, rows, left: false);
        return _router.Weigh(Embed(modality), Embed(task), modalityMask, taskMask).MoveToOuterDisposeScope();
    }

    /// <summary>Logits over the features, the prompts and the answers: [e; p; answer].</summary>
    /// <param name="input">The batch.</param>
    /// <param name="answers">Answers' ids; none when null.</param>
    /// <returns>[batch, tokens, vocabulary].</returns>
    public Tensor Logits(InjectionInput input, IReadOnlyList<int[]>? answers = null)
    {
        using var scope = NewDisposeScope();
        var (embeddings, mask) = Sequence(input, answers, out _);
        return Foundation.Logits(Foundation.Read(embeddings, mask, Adapter(Weigh(input)))).MoveToOuterDisposeScope();
    }

    /// <summary>Autoregressive cross-entropy on the answer tokens only, averaged over the batch's answer tokens.</summary>
    /// <param name="input">The batch.</param>
    /// <param name="answers">Answers' ids with their end (<see cref="FoundationTokenizer.EncodeAnswer"/>), one or one a row.</param>
    /// <param name="checkpoints">Computes F's layers again in the backward pass, which is then <see cref="ActivationCheckpoints.Backward"/>; null to keep what they compute.</param>
    /// <returns>A scalar.</returns>
    public Tensor AnswerLoss(InjectionInput input, IReadOnlyList<int[]> answers, ActivationCheckpoints? checkpoints = null)
    {
        using var scope = NewDisposeScope();
        var (embeddings, mask) = Sequence(input, answers, out long start);
        var (ids, real) = Ids(answers, input.Batch, left: false);
        var read = Read(embeddings, mask, Weigh(input), checkpoints).narrow(1, start - 1, ids.shape[1]);
        var labels = ids.masked_fill(real.logical_not(), NoLabel);
        return nn.functional.cross_entropy(Foundation.Logits(read).flatten(0, 1), labels.flatten()).MoveToOuterDisposeScope();
    }

    /// <summary>The same of several answers to every row, each as far as it is wanted. What stands before them is read once.</summary>
    /// <param name="input">The batch.</param>
    /// <param name="answers">Answers' ids with their end, the same for all rows.</param>
    /// <param name="weights">[batch, answers]: what the sum over an answer's tokens counts.</param>
    /// <param name="checkpoints">As for one answer.</param>
    /// <returns>A scalar: the weighted sum.</returns>
    public Tensor AnswersLoss(InjectionInput input, IReadOnlyList<int[]> answers, Tensor weights, ActivationCheckpoints? checkpoints = null)
    {
        using var scope = NewDisposeScope();
        // Nobody asks what follows an answer's end.
        var (embeddings, mask) = Sequence(input, [[.. answers.SelectMany(a => a[..^1])]], out long start);
        var branches = new Branches(start, [.. answers.Select(a => a.Length - 1)]);
        var columns = tensor(branches.Columns().ToArray(), device: Foundation.Device);
        var read = Read(embeddings, mask, Weigh(input), checkpoints, branches).index_select(1, columns);
        var labels = tensor(answers.SelectMany(a => a.Select(id => (long)id)).ToArray(), device: Foundation.Device);
        var whose = tensor(answers.SelectMany((a, i) => a.Select(_ => (long)i)).ToArray(), device: Foundation.Device);
        var losses = nn.functional.cross_entropy(
            Foundation.Logits(read).flatten(0, 1), labels.unsqueeze(0).expand(input.Batch, -1).flatten(), reduction: nn.Reduction.None);
        return losses.mul(weights.index_select(1, whose).flatten()).sum().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Whether a training step that keeps what F's layers compute would hold more for it than F itself takes, and more than 1 GiB: then it is
    /// worth computing them again (<see cref="ActivationCheckpoints"/>).
    /// </summary>
    public bool OutgrowsFoundation(InjectionInput input, IReadOnlyList<int[]> answers)
    {
        long tokens = input.Batch * (input.Features.Sum(f => f.Tokens.shape[1]) + input.Prompts.Max(p => p.Length) + answers.Max(a => a.Length));
        return ActivationBytes(Foundation.Config, tokens) > Math.Max(1L << 30, _foundationBytes);
    }

    // Kept for a token and layer: what norms, attention and the experts read, about nine vectors of F's width, and four of the feed forward's.
    private static long ActivationBytes(FoundationConfig config, long tokens) =>
        tokens * config.NumHiddenLayers * sizeof(float) * ((9L * config.HiddenSize) + (4L * config.IntermediateSize));

    /// <summary>How likely each of some answers is: the sum of its tokens' log-probabilities. Without gradient.</summary>
    /// <param name="input">The batch.</param>
    /// <param name="answers">The answers' ids with their end, the same for all rows.</param>
    /// <param name="alpha">Experts' weights in place of the router's, [1 or batch, experts].</param>
    /// <returns>[row][answer].</returns>
    public double[][] AnswerLogProbabilities(InjectionInput input, IReadOnlyList<int[]> answers, Tensor? alpha = null)
    {
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        var adapter = Adapter(alpha ?? Weigh(input));
        var (embeddings, mask) = Sequence(input, null, out long start);
        using var cache = Foundation.NewCache(input.Batch, start + answers.Max(a => a.Length));
        var last = Foundation.Read(embeddings, mask, adapter, cache).narrow(1, start - 1, 1);
        double[][] result = [.. Enumerable.Range(0, input.Batch).Select(_ => new double[answers.Count])];
        for (int answer = 0; answer < answers.Count; answer++)
        {
            using var answerScope = NewDisposeScope();
            cache.Length = start;
            int[] ids = answers[answer];
            var (tokens, _) = Ids([ids], input.Batch, left: false);
            var read = ids.Length == 1 ? last : cat([last, Foundation.Read(Embed(tokens.narrow(1, 0, ids.Length - 1)), null, adapter, cache)], 1);
            var sums = nn.functional.log_softmax(Foundation.Logits(read), -1).gather(2, tokens.unsqueeze(-1)).squeeze(-1).sum(1);
            float[] values = sums.cpu().data<float>().ToArray();
            for (int row = 0; row < values.Length; row++)
                result[row][answer] = values[row];
        }

        return result;
    }

    /// <summary>Greedy answers' ids, row by row, up to their end. Without gradient.</summary>
    /// <param name="input">The batch.</param>
    /// <param name="most">Most tokens an answer may have.</param>
    public int[][] Generate(InjectionInput input, int most)
    {
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        var (embeddings, mask) = Sequence(input, null, out _);
        return Foundation.Generate(embeddings, mask, most, Adapter(Weigh(input)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in _parameters.Values)
            parameter.Dispose();
    }

    private ProjectionAdapter? Adapter(Tensor? alpha) => alpha is null
        ? null
        : (layer, projection, h, weight, bias) => _experts[(layer, projection)].Project(h, weight, bias, alpha);

    // Every layer has α as an input of its own: its projections' gradients are then summed within the layer, checkpointed or not.
    private Tensor Read(Tensor embeddings, Tensor mask, Tensor? alpha, ActivationCheckpoints? checkpoints, Branches? branches = null)
    {
        if (alpha is null)
            return Foundation.Read(embeddings, mask, run: checkpoints is null ? null : checkpoints.Run, branches: branches);
        var here = alpha;
        return Foundation.Read(
            embeddings, mask, (layer, projection, h, weight, bias) => _experts[(layer, projection)].Project(h, weight, bias, here), run: (inputs, compute) =>
            {
                Tensor Compute(Tensor[] all)
                {
                    here = all[^1];
                    return compute(all[..^1]);
                }

                Tensor[] all = [.. inputs, alpha.view(alpha.shape)];
                return checkpoints is null ? Compute(all) : checkpoints.Run(all, Compute);
            }, branches: branches);
    }

    // [e; p; answer]: prompts are padded before their text and answers behind theirs, so that every answer begins in the same column.
    private (Tensor Embeddings, Tensor Mask) Sequence(InjectionInput input, IReadOnlyList<int[]>? answers, out long start)
    {
        List<Tensor> embeddings = [], masks = [];
        foreach (var (modality, tokens) in input.Features)
        {
            if (!_features.TryGetValue(modality, out var map))
                throw new FoundationException($"There is no feature map for modality '{modality}'; there are: {string.Join(", ", _features.Keys)}.");
            embeddings.Add(map.Map(tokens).to(Foundation.Type));
            masks.Add(ones(tokens.shape[0], tokens.shape[1], ScalarType.Bool, Foundation.Device));
        }

        var (prompt, promptMask) = Ids(input.Prompts, input.Batch, left: true);
        embeddings.Add(Foundation.Embed(prompt));
        masks.Add(promptMask);
        start = masks.Sum(m => m.shape[1]);
        if (answers is not null)
        {
            var (answer, answerMask) = Ids(answers, input.Batch, left: false);
            embeddings.Add(Foundation.Embed(answer));
            masks.Add(answerMask);
        }

        return (cat([.. embeddings], 1), cat([.. masks], 1));
    }

    private Tensor Embed(Tensor ids) => Foundation.Embed(ids).to(ScalarType.Float32);

    private (Tensor Ids, Tensor Mask) Ids(IReadOnlyList<int[]> rows, int batch, bool left)
    {
        if (rows.Count != 1 && rows.Count != batch)
            throw new ArgumentException($"{rows.Count} texts do not fit {batch} rows; give one, or one a row.", nameof(rows));
        return PaddedRows.Of(rows.Count == batch ? rows : [.. Enumerable.Repeat(rows[0], batch)], Foundation.Config.PadId, Foundation.Device, left);
    }

    private Parameter New(long seed, string name, long[] shape)
    {
        using var generator = new Generator((ulong)SeededGenerator.Derive(seed, "adapter", name).NextSeed(), CPU);
        // B and biases start at zero, all else uniform within ±1/√in, as a linear layer's weights.
        bool zero = name.EndsWith(".B", StringComparison.Ordinal) || name.EndsWith("bias", StringComparison.Ordinal);
        double bound = 1 / Math.Sqrt(shape[^1]);
        var values = zero ? zeros(shape) : rand(shape, generator: generator).mul(2 * bound).sub(bound);
        var parameter = new Parameter(values.to(Foundation.Device));
        parameter.DetachFromDisposeScope();
        _parameters.Add(name, parameter);
        return parameter;
    }
}
