using System.Collections.Immutable;
using FedKim.Models.Encoders;
using FedKim.Models.Injection;
using FedKim.Parameters;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>The steps of one round's injection: which task and samples, the answers' loss, and AdamW on encoders, feature maps, router and experts.</summary>
internal sealed class InjectionCourse : ICourse, IDisposable
{
    private readonly LocalModel _model;
    private readonly LocalModel? _teacher;
    private readonly InjectedFoundationModel _injected;
    private readonly InjectionPlan _plan;
    private readonly ImmutableArray<(TaskWords Words, TaskData Data)> _tasks;
    private readonly long _seed;
    private readonly int _round;
    private readonly List<double> _losses = [];
    private readonly MicroBatches _parts;

    private readonly ImmutableArray<Group> _groups;

    /// <param name="model">The aggregate, whose encoders the steps move.</param>
    /// <param name="teacher">The aggregate once more, as it stays: what it answers is distilled; null where nothing is.</param>
    internal InjectionCourse(
        LocalModel model, LocalModel? teacher, InjectedFoundationModel injected, InjectionPlan plan, ImmutableArray<(TaskWords, TaskData)> tasks, long seed, RoundId round,
        Action<string> warn)
    {
        (_model, _teacher, _injected, _plan, _tasks, _seed, _round) = (model, teacher, injected, plan, tasks, seed, round.Number);
        _parts = new MicroBatches(plan.MicroBatch == 0 ? plan.BatchSize : Math.Min(plan.MicroBatch, plan.BatchSize), warn);
        Tensor[] Of(IEnumerable<(string Name, Tensor Tensor)> tensors, params string[] prefixes) =>
            [.. tensors.Where(t => t.Tensor.requires_grad && prefixes.Any(p => t.Name.StartsWith(p, StringComparison.Ordinal))).Select(t => t.Tensor)];
        var adapters = injected.Parameters.Select(p => (p.Key, (Tensor)p.Value)).ToArray();
        _groups =
        [
            .. injected.Shape.Features.Keys.SelectMany(modality => new[]
            {
                new Group($"encoder.{modality}", modality, new FlatAdam(Of(model.State(), $"encoder.{modality}."), plan.WeightDecay), plan.EncoderRate),
                new Group($"feature.{modality}", modality, new FlatAdam(Of(adapters, $"feature.{modality}."), plan.WeightDecay), 1),
            }),
        ];
        if (Of(adapters, "lora.", "router.") is { Length: > 0 } shared)
            _groups = _groups.Add(new Group("shared", null, new FlatAdam(shared, plan.WeightDecay), 1));
    }

    /// <summary>Called in each part of a step with its samples before its backward pass, and throws where memory is short.</summary>
    internal Action<int> Watch { get; init; } = _ => { };

    /// <summary>Samples at once, where want of memory made them fewer than planned; null otherwise.</summary>
    internal int? Halved => _parts.Size < _parts.Planned ? _parts.Size : null;

    /// <summary>Steps made.</summary>
    public long Done => _losses.Count;

    /// <inheritdoc/>
    public long Total => _plan.Steps;

    /// <summary>Mean loss over the last tenth of the steps; NaN before there is one.</summary>
    internal double Loss => _losses.Count == 0 ? double.NaN : _losses.TakeLast((_losses.Count + 9) / 10).Average();

    /// <inheritdoc/>
    public double Step()
    {
        using var scope = NewDisposeScope();
        long step = Done;
        _ = manual_seed(SeededGenerator.Derive(_seed, "injection step", _round, step).NextSeed());
        var (words, data) = _tasks[TaskOf(step)];
        int[] places = Draw(data, step);
        double tokens = places.Sum(Tokens);
        double value = _parts.Compute(
            places, parts => parts.Sum(part => AddGradients(words, data, part, tokens)), Forget, $"server: step {step + 1} of round {_round}'s injection");
        using var noGradient = no_grad();
        Group[] active = [.. _groups.Where(g => g.Modality is null || words.Task.Modalities.Contains(g.Modality))];
        GradientClip.Apply([.. active.Select(g => g.Adam.Gradient)], _plan.Clip);
        double rate = _plan.LearningRate * Math.Min(1, (step + 1.0) / Math.Max(1, _plan.WarmUp));
        foreach (var group in active)
            group.Adam.Step(rate * group.Rate);
        _losses.Add(value);
        return value;

        int Tokens(int place) => words.Answers[data.Labels[place]].Length;
    }

    /// <summary>What decides the steps to come; chance needs no place in it, for every step's derives from its number.</summary>
    public IEnumerable<TensorData> State()
    {
        RequireFinite();
        return
        [
            .. _groups.SelectMany(g => g.Adam.State(g.Name)),
            StepCheckpoint.Doubles("steps", [.. _groups.Select(g => (double)g.Adam.Steps)]),
            StepCheckpoint.Doubles("losses", [.. _losses]),
            StepCheckpoint.Doubles("micro-batch", [_parts.Size]),
        ];
    }

    /// <inheritdoc/>
    public void RequireFinite()
    {
        if (_groups.FirstOrDefault(g => !g.Adam.IsFinite) is not { } poisoned)
            return;
        throw new PoisonedStepException(
            Done, $"server: the parameters of {poisoned.Name} became NaN or infinite by step {Done} of round {_round}'s injection. Lower injection.learning-rate in the federation file.",
            SiteSentences.ParametersPoisoned.Say(Done));
    }

    /// <inheritdoc/>
    public void Restore(SafetensorsFile checkpoint)
    {
        double[] steps = checkpoint.Values<double>("steps").ToArray();
        foreach (var (group, made) in _groups.Zip(steps))
            group.Adam.Restore(checkpoint, group.Name, (long)made);
        _losses.AddRange(checkpoint.Values<double>("losses").ToArray());
        _parts.Resume((int)checkpoint.Values<double>("micro-batch")[0]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var group in _groups)
            group.Adam.Dispose();
    }

    // The part's share of the mean loss over the step's answer tokens, and of its gradient.
    private double AddGradients(TaskWords words, TaskData data, int[] part, double tokens)
    {
        using var scope = NewDisposeScope();
        var batch = data.Batch(part, new Augmentation(_plan.Augmentation, SeededGenerator.Derive(_seed, "injection augmentation", _round, Done).NextSeed()));
        var input = words.Input(_model, batch, data, part);
        // With a teacher every sample is read with both answers, each as far as it is to be given.
        int[][] answers = _teacher is null ? [.. part.Select(p => words.Answers[data.Labels[p]])] : [[.. words.Answers.SelectMany(a => a)]];
        using var checkpoints = Checkpointed(input, answers) ? new ActivationCheckpoints() : null;
        var loss = _teacher is null
            ? _injected.AnswerLoss(input, answers, checkpoints).mul(answers.Sum(a => a.Length) / tokens)
            : _injected.AnswersLoss(input, words.Answers, Wanted(_teacher, words.Task.Name, batch, data.LabelsAt(part)).div(tokens), checkpoints);
        double value = loss.item<float>();
        if (!double.IsFinite(value))
        {
            throw new PoisonedStepException(
                Done + 1, $"server: the loss of task {words.Task.Name} became {value} in step {Done + 1} of round {_round}'s injection. Lower injection.learning-rate in the federation file.",
                SiteSentences.LossPoisoned.Say(words.Task.Name, Done + 1));
        }

        Watch(part.Length);
        if (checkpoints is null)
            loss.backward();
        else
            checkpoints.Backward(loss);
        return value;
    }

    // [batch, 2]: how far the negative and the positive answer are to be given, between what the teacher says and what the labels do.
    private Tensor Wanted(LocalModel teacher, string task, IReadOnlyDictionary<string, ModalityBatch> batch, Tensor labels)
    {
        using var noGradient = no_grad();
        var taught = teacher.Predict(task, batch).softmax(-1);
        return taught.lerp(nn.functional.one_hot(labels.to(taught.device), 2).to(taught.dtype), 1 - _plan.Distillation);
    }

    private bool Checkpointed(InjectionInput input, int[][] answers) => _plan.ActivationCheckpointing switch
    {
        InjectionPlan.On => true,
        InjectionPlan.Off => false,
        _ => _injected.OutgrowsFoundation(input, answers),
    };

    private void Forget()
    {
        foreach (var group in _groups)
            group.Adam.Forget();
    }

    // Every task once in an order drawn anew, then again.
    private int TaskOf(long step)
    {
        int[] order = [.. Enumerable.Range(0, _tasks.Length)];
        SeededGenerator.Derive(_seed, "rotation", _round, step / _tasks.Length).Shuffle<int>(order);
        return order[step % _tasks.Length];
    }

    private int[] Draw(TaskData data, long step)
    {
        var generator = SeededGenerator.Derive(_seed, "draw", _round, step);
        int[][] pools = [.. Enumerable.Range(0, 2).Select(label => Enumerable.Range(0, data.Count).Where(i => data.Labels[i] == label).ToArray()).Where(p => p.Length > 0)];
        if (!_plan.BalanceLabels)
            pools = [[.. pools.SelectMany(p => p)]];
        foreach (int[] pool in pools)
            generator.Shuffle<int>(pool);
        // One of each pool in turn; a pool that is smaller than its share starts over.
        return [.. Enumerable.Range(0, _plan.BatchSize).Select(i => pools[i % pools.Length][i / pools.Length % pools[i % pools.Length].Length])];
    }

    /// <summary>Parameters that are moved together: a step moves only what its task reaches, or Adam's moments would drift the rest meanwhile.</summary>
    /// <param name="Name">For the checkpoint.</param>
    /// <param name="Modality">Whose they are; null where every task reaches them.</param>
    /// <param name="Adam">Moves them.</param>
    /// <param name="Rate">Their share of the learning rate.</param>
    private sealed record Group(string Name, string? Modality, FlatAdam Adam, double Rate);
}
