using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using FedKim.Data;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>Knowledge extraction at a hospital (method §2, eq. 1, 2 and 6): Adam on the mean of the tasks' mean losses.</summary>
/// <remarks>Keeps the site's data in memory between rounds. One thread at a time.</remarks>
public sealed class LocalTraining : ILocalTraining
{
    private const string UpdateName = "update.safetensors";
    // Enough to tell data apart, and short enough for a journal.
    private const int PrintBytes = 8;

    private readonly string _folder;
    private readonly Dictionary<string, (TaskData? Data, string State, byte[] Print)> _data = new(StringComparer.Ordinal);

    /// <param name="folder">The site's data folder.</param>
    public LocalTraining(string folder) => _folder = folder;

    /// <summary>Told what goes wrong without ending the work.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>Under it the site's data is fingerprinted; it never leaves the site. Empty for no fingerprint.</summary>
    public byte[] Key { get; init; } = [];

    /// <summary>Measures what checkpoints cost.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called before each step with its number from 1, where a test breaks steps.</summary>
    internal Action<long> BeforeStep { get; init; } = _ => { };

    /// <inheritdoc/>
    public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
        PoisonedSteps.Retry(() => Run(request, progress, cancel), Warn);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var kept in _data.Values)
            kept.Data?.Dispose();
        _data.Clear();
    }

    private LocalUpdate Run(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        var work = StepCheckpoint.Work(
            "training", request.Round.ToString(), request.Client.Value, $"{request.Seed}", request.Strategy, request.Learning, request.GlobalModel.Digest.Hex);
        string path = Path.Combine(request.WorkFolder, UpdateName);
        if (FinishedWork.Find<Trained>(request.WorkFolder, work, Warn) is { } finished)
            return finished.Outcome.As(finished.Files[UpdateName]);

        var plan = LearningPlan.Parse(request.Learning);
        set_num_threads(plan.Local.Threads);
        var tasks = plan.Training.Select(plan.InputOf).Select(input => new SiteTask(input, Data(input, request.Client))).Where(t => t.Data is not null).ToImmutableArray();
        if (tasks.IsEmpty)
        {
            throw new LearningException(
                $"{request.Client}: {_folder} has no data of any training task ({string.Join(", ", plan.Training.Select(t => t.Name))}).",
                reason: SiteSentences.NoData.Say());
        }

        // Steps made on other data are no part of this work.
        string print = Print(tasks);
        using var scope = NewDisposeScope();
        using var model = plan.CreateModel();
        LoadGlobal(model, request);
        model.train();
        using var course = new Course(model, plan.Local, tasks, request);
        new CourseRun(request.Client.Value, plan.Local.CheckpointEvery, Clock, Warn, BeforeStep)
            .ToEnd(course, new StepCheckpoint(request.WorkFolder, print.Length == 0 ? work : StepCheckpoint.Work(work.Hex, print)), progress, cancel);
        var trained = new Trained(tasks.ToDictionary(t => t.Task.Name, t => (long)t.Data!.Count), course.Losses().ToDictionary(), print);
        var update = new WeightFile(path, model.Save(path, course.Trains, durable: false));
        FinishedWork.Mark(request.WorkFolder, work, trained, update);
        return trained.As(update);
    }

    // What lies in memory is used for as long as nobody touches the files: a restarted process would train on the new ones.
    private TaskData? Data(TaskInput input, ClientId client)
    {
        // What the plan calls by a name that nobody knows here is told as that, before it can look like a fault of the data.
        _ = input.Kind;
        string key = input.Key, state = StateOf(input.Task, client);
        if (_data.TryGetValue(key, out var kept) && kept.State == state)
            return kept.Data;
        kept.Data?.Dispose();
        _data.Remove(key);
        var data = TaskData.Read(input, _folder, client.Value, Warn);
        _data.Add(key, (data, state, Key.Length == 0 || data is null ? [] : data.Print(Key)));
        return data;
    }

    private string StateOf(TaskPlan task, ClientId client)
    {
        try
        {
            return FolderState.Of(task.Source, _folder);
        }
        catch (DataException e)
        {
            throw LearningException.OfData(client.Value, task.Name, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw LearningException.OfData(client.Value, task.Name, new DataException(_folder, $"cannot be looked through: {e.Message}", e));
        }
    }

    private string Print(ImmutableArray<SiteTask> tasks)
    {
        if (Key.Length == 0)
            return "";
        using var all = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Key);
        foreach (var task in tasks)
        {
            all.AppendData(Encoding.UTF8.GetBytes(task.Task.Name));
            all.AppendData(_data[task.Input.Key].Print);
        }

        return Convert.ToHexStringLower(all.GetHashAndReset().AsSpan(0, PrintBytes));
    }

    private static void LoadGlobal(LocalModel model, TrainingRequest request)
    {
        try
        {
            using var file = SafetensorsFile.Open(request.GlobalModel);
            model.Load(file);
        }
        catch (SafetensorsException e)
        {
            throw new LearningException($"{request.Client}: the global model of round {request.Round} cannot be used. {e.Message}", e, ModelReason.Of(e));
        }
    }

    private sealed record SiteTask(TaskInput Input, TaskData? Data)
    {
        internal TaskPlan Task => Input.Task;
    }

    /// <summary>What is to be said of an update besides its tensors.</summary>
    private sealed record Trained(Dictionary<string, long> Samples, Dictionary<string, double> Losses, string Data = "")
    {
        internal LocalUpdate As(WeightFile update) => new(
            update, SampleCounts.Of(Samples.Select(s => (s.Key, s.Value))), Losses.ToImmutableSortedDictionary(StringComparer.Ordinal), Data);
    }

    /// <summary>The steps of one round: which samples, which loss, which parameters.</summary>
    private sealed class Course : ICourse, IDisposable
    {
        private readonly LocalModel _model;
        private readonly LocalPlan _plan;
        private readonly ImmutableArray<SiteTask> _tasks;
        private readonly TrainingRequest _request;
        private readonly ImmutableArray<string> _parts;
        private readonly ImmutableArray<(string Name, Tensor Tensor)> _buffers;
        private readonly FlatAdam _adam;
        private readonly Tensor? _start;
        private readonly double[] _sums;
        private EpochOrder[] _orders = [];

        internal Course(LocalModel model, LocalPlan plan, ImmutableArray<SiteTask> tasks, TrainingRequest request)
        {
            (_model, _plan, _tasks, _request) = (model, plan, tasks, request);
            _parts = [.. tasks.SelectMany(t => t.Task.Modalities.Select(m => $"encoder.{m}.").Append($"decoder.{t.Task.Name}.")).Distinct(StringComparer.Ordinal)];
            _buffers = [.. model.State().Where(s => !s.Tensor.requires_grad && Trains(s.Name))];
            _adam = new FlatAdam(model.State().Where(s => s.Tensor.requires_grad && Trains(s.Name)).Select(s => s.Tensor), decay: 0);
            _start = Aggregation.Strategies.Get(request.Strategy).Proximal ? _adam.Values.clone().DetachFromDisposeScope() : null;
            _sums = new double[tasks.Length];
            StepsAnEpoch = tasks.Max(t => (t.Data!.Count + plan.BatchSize - 1) / plan.BatchSize);
        }

        internal int StepsAnEpoch { get; }

        /// <inheritdoc/>
        public long Total => (long)_plan.Epochs * StepsAnEpoch;

        /// <inheritdoc/>
        public long Done => _adam.Steps;

        /// <summary>Whether the site has data that trains the tensor of this name.</summary>
        internal bool Trains(string name) => _parts.Any(part => name.StartsWith(part, StringComparison.Ordinal));

        /// <inheritdoc/>
        public double Step()
        {
            using var scope = NewDisposeScope();
            int step = (int)(Done % StepsAnEpoch), epoch = (int)(Done / StepsAnEpoch);
            if (step == 0)
                Array.Clear(_sums);
            if (step == 0 || _orders.Length == 0)
                _orders = [.. _tasks.Select(t => Order(t, epoch))];
            _ = manual_seed(Derive("step", Done).NextSeed());

            var augmentation = new Augmentation(_plan.Augmentation, Derive("augmentation", Done).NextSeed());
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
                        Done + 1, $"{_request.Client}: the loss of task {task.Name} became {value} in step {Done + 1} of round {_request.Round}. Lower local.learning-rate in the federation file, or check the site's values.",
                        SiteSentences.LossPoisoned.Say(task.Name, Done + 1));
                }

                _sums[i] += value * places.Length;
                losses.Add(loss);
            }

            var mean = stack(losses).mean();
            mean.backward();
            using var noGradient = no_grad();
            if (_start is not null)
                _adam.Gradient.add_(_adam.Values - _start, alpha: _plan.Proximal);
            GradientClip.Apply([_adam.Gradient], _plan.Clip);
            _adam.Step(_plan.LearningRate);
            return mean.item<float>();
        }

        internal IReadOnlyDictionary<string, double> Losses() =>
            _tasks.Select((t, i) => (t.Task.Name, Mean: _sums[i] / EpochOrder.Seen(t.Data!.Count, StepsAnEpoch, _plan.LeastBatch)))
                .ToImmutableSortedDictionary(l => l.Name, l => l.Mean, StringComparer.Ordinal);

        public IEnumerable<TensorData> State()
        {
            RequireFinite();
            return [.. _adam.State("adam"), .. _buffers.Select(b => TensorFiles.Of(b.Name, b.Tensor)), StepCheckpoint.Doubles("losses", _sums)];
        }

        /// <inheritdoc/>
        public void RequireFinite()
        {
            if (_adam.IsFinite)
                return;
            throw new PoisonedStepException(
                Done, $"{_request.Client}: parameters became NaN or infinite by step {Done} of round {_request.Round}. Lower local.learning-rate in the federation file, or check the site's values.",
                SiteSentences.ParametersPoisoned.Say(Done));
        }

        /// <inheritdoc/>
        public void Restore(SafetensorsFile checkpoint)
        {
            _adam.Restore(checkpoint, "adam", StepCheckpoint.Steps(checkpoint));
            foreach (var (name, tensor) in _buffers)
                TensorFiles.Fill(tensor, checkpoint, name);
            checkpoint.Values<double>("losses").CopyTo(_sums);
        }

        public void Dispose()
        {
            _adam.Dispose();
            _start?.Dispose();
        }

        private EpochOrder Order(SiteTask task, int epoch) => EpochOrder.Draw(
            task.Data!.Count, StepsAnEpoch, _plan.LeastBatch,
            SeededGenerator.Derive(_request.Seed, "order", _request.Round.Number, _request.Client.Value, task.Task.Name, epoch));

        private SeededGenerator Derive(string what, long step) =>
            SeededGenerator.Derive(_request.Seed, what, _request.Round.Number, _request.Client.Value, step);

        private Tensor? Weights(TaskData data)
        {
            int positive = data.Labels.Count(l => l == 1);
            if (!_plan.BalanceLabels || positive == 0 || positive == data.Count)
                return null;
            float half = data.Count / 2f;
            return tensor(new[] { half / (data.Count - positive), half / positive });
        }
    }
}
