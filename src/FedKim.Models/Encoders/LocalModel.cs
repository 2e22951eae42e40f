using FedKim.Parameters;
using FedKim.Rounds;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>
/// The model that hospitals train and the federation averages (method §2): an encoder a modality and a decoder a task. Its tensors are
/// named <c>encoder.&lt;modality&gt;.…</c> and <c>decoder.&lt;task&gt;.…</c>; what inference needs besides parameters is among them.
/// </summary>
public sealed class LocalModel : nn.Module
{
    private const double SmallDeviation = 0.02;

    private readonly ModuleDict<Encoder> _encoders = [];
    private readonly ModuleDict<TaskDecoder> _decoders = [];
    private readonly SortedDictionary<string, DecoderSpec> _tasks = new(StringComparer.Ordinal);

    /// <param name="spec">Its parts. The tensors hold nothing useful before <see cref="Initialize"/> or <see cref="Load"/>.</param>
    /// <param name="device">Where it lives, as long as it does; null for the processor.</param>
    /// <exception cref="ArgumentException">An encoder is unknown or missing, or sizes do not fit each other.</exception>
    public LocalModel(LocalModelSpec spec, Device? device = null) : base(nameof(LocalModel))
    {
        foreach (var (modality, encoder) in spec.Encoders)
            _encoders.Add(modality, EncoderRegistry.Create(encoder, device));
        foreach (var decoder in spec.Decoders)
        {
            if (decoder.Modalities.FirstOrDefault(m => !spec.Encoders.ContainsKey(m)) is { } missing)
                throw new ArgumentException($"Task '{decoder.Task}' reads modality '{missing}', which has no encoder.");
            _tasks.Add(decoder.Task, decoder);
            int features = decoder.Modalities.Sum(m => spec.Encoders[m].Width);
            _decoders.Add(decoder.Task, new TaskDecoder(features, spec.Encoders[decoder.Modalities[0]].Width, device));
        }

        register_module("encoder", _encoders);
        register_module("decoder", _decoders);
    }

    /// <summary>A modality's encoder.</summary>
    public Encoder EncoderOf(string modality) => _encoders[modality];

    /// <summary>Draws every parameter from a generator of its own, derived from seed and name: the same seed gives the same bits.</summary>
    public void Initialize(long seed)
    {
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        foreach (var (name, parameter) in named_parameters())
        {
            if (name.EndsWith(".bias", StringComparison.Ordinal))
            {
                parameter.zero_();
            }
            else if (name.EndsWith(".weight", StringComparison.Ordinal) && parameter.dim() == 1)
            {
                parameter.fill_(1);
            }
            else
            {
                // Weights keep the scale of what flows through them; tokens, positions and queries start small.
                double deviation = name.EndsWith(".weight", StringComparison.Ordinal)
                    ? 1 / Math.Sqrt(parameter.numel() / parameter.shape[0])
                    : SmallDeviation;
                using var generator = new Generator((ulong)SeededGenerator.Derive(seed, "initial", name).NextSeed(), CPU);
                parameter.copy_(randn(parameter.shape, generator: generator).mul(deviation));
            }
        }
    }

    /// <summary>A task's logits of the negative and the positive answer.</summary>
    /// <param name="task">A task with a decoder.</param>
    /// <param name="inputs">At least the task's modalities.</param>
    /// <returns>[batch, 2].</returns>
    public Tensor Predict(string task, IReadOnlyDictionary<string, ModalityBatch> inputs) => Predict([(task, inputs)])[0];

    /// <summary>The same of several tasks. Where an encoder treats each sample alone, it takes those of all its tasks in one pass.</summary>
    /// <param name="tasks">Tasks, each with at least its modalities.</param>
    /// <returns>[batch, 2] for each, in their order.</returns>
    public Tensor[] Predict(IReadOnlyList<(string Task, IReadOnlyDictionary<string, ModalityBatch> Inputs)> tasks)
    {
        using var scope = NewDisposeScope();
        var pooled = new Dictionary<(int Task, string Modality), Tensor>();
        foreach (string modality in tasks.SelectMany(t => _tasks[t.Task].Modalities).Distinct(StringComparer.Ordinal))
        {
            int[] its = [.. Enumerable.Range(0, tasks.Count).Where(i => _tasks[tasks[i].Task].Modalities.Contains(modality))];
            foreach (var (task, tokens) in its.Zip(Pool(_encoders[modality], [.. its.Select(i => tasks[i].Inputs[modality])])))
                pooled.Add((task, modality), tokens);
        }

        return [.. tasks.Select((t, i) => _decoders[t.Task].forward(cat([.. _tasks[t.Task].Modalities.Select(m => pooled[(i, m)])], -1)).MoveToOuterDisposeScope())];
    }

    // The mean feature token of each sample, batch by batch.
    private static Tensor[] Pool(Encoder encoder, ModalityBatch[] batches) =>
        encoder.TreatsEachAlone && batches.Length > 1 && ModalityBatch.Join(batches) is { } all
            ? encoder.forward(all).mean([1L]).split([.. batches.Select(b => b.Count)])
            : [.. batches.Select(batch => encoder.forward(batch).mean([1L]))];

    /// <summary>Whether the model has a decoder for this task.</summary>
    public bool Decodes(string task) => _tasks.ContainsKey(task);

    /// <summary>Parameters and buffers by name, in ordinal order; the model stays their owner.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State() =>
        named_parameters().Select(p => (p.name, (Tensor)p.parameter)).Concat(named_buffers().Select(b => (b.name, b.buffer)))
            .OrderBy(t => t.Item1, StringComparer.Ordinal);

    /// <summary>Takes every tensor over from a file. The moments that an aggregate may hold besides are passed over.</summary>
    /// <exception cref="SafetensorsException">A tensor is missing, superfluous or of another shape.</exception>
    public void Load(SafetensorsFile file)
    {
        var state = State().ToDictionary(s => s.Name, s => s.Tensor, StringComparer.Ordinal);
        if (file.Tensors.Keys.FirstOrDefault(name => !state.ContainsKey(name) && !ServerMoments.IsBeside(name, state.ContainsKey)) is { } superfluous)
            throw new SafetensorsException("the model of this learning plan has no such tensor; all sites must run the same plan", file.FilePath, superfluous);
        foreach (var (name, tensor) in State())
            TensorFiles.Fill(tensor, file, name);
    }

    /// <summary>Writes tensors of the model, whole or not at all.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="only">Which of them, by name; all when null.</param>
    /// <param name="durable">See <see cref="SafetensorsWriter.Write"/>.</param>
    /// <returns>The file's digest.</returns>
    public Digest Save(string path, Func<string, bool>? only = null, bool durable = true) =>
        SafetensorsWriter.Write(path, State().Where(s => only is null || only(s.Name)).Select(s => TensorFiles.Of(s.Name, s.Tensor)), durable: durable);
}
