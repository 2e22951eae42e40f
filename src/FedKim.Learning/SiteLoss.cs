using System.Collections.Immutable;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>
/// What a site's steps learn from (method §2, eq. 1): the mean of its tasks' mean losses over a step's samples. Which these are follows from
/// round, site and step alone.
/// </summary>
internal sealed class SiteLoss
{
    private readonly LocalModel _model;
    private readonly LocalPlan _plan;
    private readonly ImmutableArray<SiteTask> _tasks;
    private readonly TrainingRequest _request;
    private readonly string _stream;
    private readonly string _rate;
    private readonly ImmutableArray<string> _parts;
    private readonly double[] _sums;
    private EpochOrder[] _orders = [];

    /// <param name="model">The model that is trained.</param>
    /// <param name="plan">Batches, augmentation, weights of labels.</param>
    /// <param name="tasks">The tasks that the site has data of, at least one.</param>
    /// <param name="request">The round.</param>
    /// <param name="stream">What the names of its generators begin with, so that two trainings of a round draw nothing in common.</param>
    /// <param name="rate">The setting to lower where a loss is no number.</param>
    internal SiteLoss(LocalModel model, LocalPlan plan, ImmutableArray<SiteTask> tasks, TrainingRequest request, string stream, string rate)
    {
        (_model, _plan, _tasks, _request, _stream, _rate) = (model, plan, tasks, request, stream, rate);
        _parts = [.. tasks.SelectMany(t => t.Task.Modalities.Select(m => $"encoder.{m}.").Append($"decoder.{t.Task.Name}.")).Distinct(StringComparer.Ordinal)];
        _sums = new double[tasks.Length];
        StepsAnEpoch = tasks.Max(t => (t.Data!.Count + plan.BatchSize - 1) / plan.BatchSize);
    }

    internal int StepsAnEpoch { get; }

    /// <summary>Each task's losses of this epoch so far, added up over samples.</summary>
    internal TensorData Sums => StepCheckpoint.Doubles("losses", _sums);

    /// <summary>Whether the site has data that trains the tensor of this name.</summary>
    internal bool Trains(string name) => _parts.Any(part => name.StartsWith(part, StringComparison.Ordinal));

    /// <summary>The model's tensors that gradients move here, in ordinal order of their names.</summary>
    internal IEnumerable<Tensor> Learned() => _model.State().Where(s => s.Tensor.requires_grad && Trains(s.Name)).Select(s => s.Tensor);

    /// <summary>Those that are counted on the way.</summary>
    internal ImmutableArray<(string Name, Tensor Tensor)> Counted() => [.. _model.State().Where(s => !s.Tensor.requires_grad && Trains(s.Name))];

    /// <summary>The mean loss of a step, a scalar.</summary>
    /// <param name="done">Steps made before it.</param>
    /// <exception cref="PoisonedStepException">It is no number.</exception>
    internal Tensor Of(long done)
    {
        int step = (int)(done % StepsAnEpoch), epoch = (int)(done / StepsAnEpoch);
        if (step == 0)
            Array.Clear(_sums);
        if (step == 0 || _orders.Length == 0)
            _orders = [.. _tasks.Select(t => Order(t, epoch))];
        _ = manual_seed(Derive("step", done).NextSeed());

        var augmentation = new Augmentation(_plan.Augmentation, Derive("augmentation", done).NextSeed());
        // Nearly every step sees every task (eq. 1).
        (int Task, int[] Places)[] seen = [.. _orders.Select((order, i) => (i, order.At(step))).Where(t => t.Item2.Length > 0)];
        var logits = _model.Predict([.. seen.Select(s => (_tasks[s.Task].Task.Name, _tasks[s.Task].Data!.Batch(s.Places, augmentation)))]);
        List<Tensor> losses = [];
        foreach (var ((i, places), answers) in seen.Zip(logits))
        {
            var (task, data) = (_tasks[i].Task, _tasks[i].Data!);
            var loss = nn.functional.cross_entropy(answers, data.LabelsAt(places), weight: Weights(data));
            double value = loss.item<float>();
            if (!double.IsFinite(value))
            {
                throw new PoisonedStepException(
                    done + 1, $"{_request.Client}: the loss of task {task.Name} became {value} in step {done + 1} of round {_request.Round}. Lower {_rate} in the federation file, or check the site's values.",
                    SiteSentences.LossPoisoned.Say(task.Name, done + 1));
            }

            _sums[i] += value * places.Length;
            losses.Add(loss);
        }

        return stack(losses).mean();
    }

    /// <summary>Each task's mean loss over the epoch.</summary>
    internal IReadOnlyDictionary<string, double> Means() =>
        _tasks.Select((t, i) => (t.Task.Name, Mean: _sums[i] / EpochOrder.Seen(t.Data!.Count, StepsAnEpoch, _plan.LeastBatch)))
            .ToImmutableSortedDictionary(l => l.Name, l => l.Mean, StringComparer.Ordinal);

    /// <summary>Goes on from what a checkpoint has of <see cref="Sums"/>.</summary>
    internal void Restore(SafetensorsFile checkpoint) => checkpoint.Values<double>("losses").CopyTo(_sums);

    /// <summary>What keeps parameters that are no numbers out of checkpoints and results.</summary>
    internal PoisonedStepException Poisoned(long done) => new(
        done, $"{_request.Client}: parameters became NaN or infinite by step {done} of round {_request.Round}. Lower {_rate} in the federation file, or check the site's values.",
        SiteSentences.ParametersPoisoned.Say(done));

    private EpochOrder Order(SiteTask task, int epoch) => EpochOrder.Draw(
        task.Data!.Count, StepsAnEpoch, _plan.LeastBatch,
        SeededGenerator.Derive(_request.Seed, _stream + "order", _request.Round.Number, _request.Client.Value, task.Task.Name, epoch));

    private SeededGenerator Derive(string what, long step) =>
        SeededGenerator.Derive(_request.Seed, _stream + what, _request.Round.Number, _request.Client.Value, step);

    private Tensor? Weights(TaskData data)
    {
        int positive = data.Labels.Count(l => l == 1);
        if (!_plan.BalanceLabels || positive == 0 || positive == data.Count)
            return null;
        float half = data.Count / 2f;
        return tensor(new[] { half / (data.Count - positive), half / positive }, device: data.Device);
    }
}
