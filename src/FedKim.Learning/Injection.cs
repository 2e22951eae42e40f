using System.Collections.Immutable;
using System.Globalization;
using FedKim.Models;
using FedKim.Models.Encoders;
using FedKim.Models.Foundation;
using FedKim.Models.Injection;
using FedKim.Parameters;
using FedKim.Parameters.PyTorch;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>Knowledge injection and its evaluation at the server (method §4): keeps the foundation model and the public data between rounds.</summary>
/// <remarks>One thread at a time.</remarks>
public sealed class Injection : IInjection
{
    private const string Site = "server";
    private const string GlobalName = "global.safetensors";
    private const string AdapterName = "adapter.safetensors";
    private const string ProductsKey = "products";

    private readonly string _data;
    private readonly string _models;
    private readonly Dictionary<string, TaskData> _tasks = new(StringComparer.Ordinal);
    private (string Folder, FoundationModel Model, FoundationTokenizer Tokenizer)? _foundation;
    private Device? _device;

    /// <param name="data">The server's data folder, with <c>public</c>, <c>development</c> and <c>test</c> below it.</param>
    /// <param name="models">Where relative paths of foundation models start.</param>
    public Injection(string data, string models) => (_data, _models) = (data, models);

    /// <summary>Told what goes wrong without ending the work.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>Measures what checkpoints cost.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Keeps what is said of each sample when a model is measured; null where nobody asks.</summary>
    public PredictionLog? Log { get; init; }

    /// <summary>Where the foundation model is computed.</summary>
    public InjectorDevice Device { get; init; } = new();

    /// <summary>Called before each step with its number from 1, where a test breaks steps.</summary>
    internal Action<long> BeforeStep { get; init; } = _ => { };

    /// <summary>Called in each part of a step or of an evaluation with its samples, where a test lets memory run out.</summary>
    internal Action<int> WithinStep { get; init; } = _ => { };

    /// <summary>The precision of products that adapters were made with, of <see cref="TorchProducts.All"/>, which is the one to measure them with.</summary>
    /// <exception cref="LearningException">The file is damaged or no adapters', or this build knows no such precision.</exception>
    public static string ProductsOf(WeightFile adapter) => Guard("the evaluation", () =>
    {
        using var file = SafetensorsFile.Open(adapter);
        string products = file.Metadata.GetValueOrDefault(ProductsKey, TorchProducts.Float32);
        return TorchProducts.All.Contains(products) ? products : throw new LearningException(
            $"{Site}: {adapter.Path} was made with products in {products}, which this FedKim does not know: it knows {string.Join(", ", TorchProducts.All)}. Measure it with the FedKim that made it.");
    });

    /// <inheritdoc/>
    public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) => Guard($"federation {federation}", () =>
    {
        var plan = Plan(learning);
        using var scope = NewDisposeScope();
        using var model = plan.CreateModel();
        using var injected = Injected(plan, seed);
        model.Initialize(seed);
        foreach (var (modality, encoder) in plan.Encoders)
        {
            if (encoder.Checkpoint is { } file)
                StartFrom(Path.GetFullPath(Path.Combine(_models, file)), modality, (Deit)model.EncoderOf(modality));
        }

        return Save(model, injected, workFolder, double.NaN);
    });

    /// <inheritdoc/>
    public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
        Guard($"round {request.Round}", () => PoisonedSteps.Retry(() => Run(request, progress, cancel), Warn));

    /// <inheritdoc/>
    public ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => Guard("the evaluation", () =>
    {
        var plan = Plan(request.Learning);
        var method = Method.Of(plan.Injection.Method);
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        using var tuned = LoadModel(plan, request.GlobalModel);
        using var small = LoadModel(plan, request.Aggregate);
        using var injected = Injected(plan, request.Seed);
        var words = plan.Tasks.ToImmutableDictionary(task => task.Name, task => Words(task, method), StringComparer.Ordinal);
        var start = Weights();
        injected.Load(request.Adapter);
        var end = Weights();
        var parts = new MicroBatches(TaskMeasurement.AtOnce(plan.Injection), Warn);
        var results = ImmutableArray.CreateBuilder<TaskEvaluation>();
        for (int i = 0; i < plan.Tasks.Length; i++)
        {
            var task = plan.Tasks[i];
            string? decoder = small.Decodes(task.Name) ? task.Name : DecoderFor(task);
            var input = plan.InputOf(task);
            // Groups are for predictions alone.
            bool grouped = Log is not null;
            using var data = !method.Injects && decoder is null ? null
                : request.Split == EvaluationRequest.Test ? Read(input, request.Split, grouped: grouped) : Find(input, request.Split, grouped: grouped);
            if (data is not null)
            {
                var measure = new TaskMeasurement(task, data, request, parts, Log, cancel) { Watch = WatchMeasuring };
                if (method.Injects)
                {
                    var routing = end.IsEmpty ? null : TaskRouting.Of(task.Name, start, end);
                    results.Add(measure.Injected(
                        method.Name, injected, tuned, words[task.Name], _foundation!.Value.Tokenizer, routing, routing is null ? null : end.GetValueOrDefault(routing.Other)));
                }
                if (decoder is not null)
                    results.Add(measure.SmallModels(small, decoder));
                if (plan.Controls)
                    results.AddRange(Controls(measure, task, data, input));
            }

            progress(new LearningProgress(i + 1, plan.Tasks.Length, double.NaN));
        }

        return results.ToImmutable();

        IEnumerable<TaskEvaluation> Controls(TaskMeasurement measure, TaskPlan task, TaskData data, TaskInput input)
        {
            if (method.Injects)
            {
                var (own, tokenizer) = (words[task.Name], _foundation!.Value.Tokenizer);
                using var bare = Bare();
                yield return measure.Controlled(Control.BareModel, bare, places => own.Unseen(data, places), own, tokenizer);
                int[] others = [.. Enumerable.Range(0, data.Count)];
                SeededGenerator.Derive(request.Seed, "control", Control.ShuffledFeatures, task.Name).Shuffle<int>(others);
                yield return measure.Controlled(
                    Control.ShuffledFeatures, injected, places => own.Input(tuned, data.Batch([.. places.Select(p => others[p])]), data, places), own, tokenizer);
                foreach (var asker in Control.Askers(plan, task))
                {
                    yield return measure.Controlled(
                        Control.PromptOf(asker.Name), injected, places => own.Input(tuned, data, places) with { Prompts = [words[asker.Name].Prompt] }, own, tokenizer);
                }
            }

            // On what it has learned from it would shine.
            if (task.Answering == TaskPlan.Generated || request.Split == EvaluationRequest.Development)
                yield break;
            using var development = Find(input, EvaluationRequest.Development);
            if (development is not null && development.Labels.Distinct().Count() == 2)
                yield return measure.Shortcut(development);
            else
                Warn($"{Site}: task {task.Name} has no development data of both answers, from which to learn what a shortcut reaches: there is no such row");
        }

        string? DecoderFor(TaskPlan task)
        {
            string[] candidates = BorrowedDecoder.Candidates(plan, task, small);
            if (candidates.Length < 2)
                return candidates.FirstOrDefault();
            using var development = Find(plan.InputOf(task), EvaluationRequest.Development);
            string? best = development is null ? null
                : BorrowedDecoder.Best(candidates, name => new TaskMeasurement(task, development, request, parts, log: null, cancel) { Watch = WatchMeasuring }.Auroc(small, name));
            if (best is null)
                Warn($"{Site}: task {task.Name} has no development data of both answers, on which to choose the small models' decoder that comes nearest to it ({string.Join(", ", candidates)}): they are not measured on it");
            return best;
        }

        // One expert or none leaves nothing to weigh.
        ImmutableDictionary<string, double[]> Weights() => !method.Routes || injected.Shape.Experts < 2 ? ImmutableDictionary<string, double[]>.Empty
            : words.ToImmutableDictionary(w => w.Key, w => w.Value.Alpha(injected), StringComparer.Ordinal);
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var data in _tasks.Values)
            data.Dispose();
        _tasks.Clear();
        _foundation?.Model.Dispose();
        _foundation = null;
    }

    private InjectedModel Run(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        var work = StepCheckpoint.Work([
            "injection", request.Round.ToString(), $"{request.Seed}", request.Learning, request.Aggregate.Digest.Hex, request.Adapter.Digest.Hex, .. Told().Values]);
        if (FinishedWork.Find<double>(request.WorkFolder, work, Warn) is { } finished)
            return new InjectedModel(finished.Files[GlobalName], finished.Files[AdapterName], finished.Outcome);

        var plan = Plan(request.Learning);
        using var scope = NewDisposeScope();
        using var model = LoadModel(plan, request.Aggregate);
        using var injected = Injected(plan, request.Seed);
        injected.Load(request.Adapter);
        var method = Method.Of(plan.Injection.Method);
        var share = PublicShare.Of(plan, request.Seed);
        var tasks = method.Injects ? plan.Training.Select(t => (Words(t, method), Public(plan.InputOf(t), share))).ToImmutableArray() : [];
        var steps = method.Injects ? plan.Injection : plan.Injection with { Steps = 0 };
        using var teacher = steps is { Distillation: > 0, Steps: > 0 } ? LoadModel(plan, request.Aggregate) : null;
        using var course = new InjectionCourse(model, teacher, injected, steps, tasks, request.Seed, request.Round, Warn) { Watch = Watch };
        new CourseRun(Site, plan.Injection.CheckpointEvery, Clock, Warn, BeforeStep)
            .ToEnd(course, new StepCheckpoint(request.WorkFolder, work), progress, cancel);
        var result = Save(model, injected, request.WorkFolder, course.Loss, course.Halved);
        FinishedWork.Mark(request.WorkFolder, work, result.Loss, result.GlobalModel, result.Adapter);
        return result;
    }

    private static void StartFrom(string checkpoint, string modality, Deit encoder)
    {
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        using var published = DeitCheckpoint.Load(checkpoint);
        if (encoder.Spec with { Tokens = 0 } is var own && own != published.Spec)
            throw new LearningException($"{Site}: federation.encoders.{modality} is {own}, but {checkpoint} holds {published.Spec}. Give the encoder and its tasks' image-size the checkpoint's sizes.", reason: SiteSentences.Checkpoint.Say(modality));
        var values = published.named_parameters().ToDictionary(p => p.name, p => p.parameter, StringComparer.Ordinal);
        foreach (var (name, parameter) in encoder.named_parameters())
            parameter.copy_(values[name]);
    }

    private static T Guard<T>(string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is SafetensorsException or PyTorchException or FoundationException or IOException)
        {
            throw new LearningException($"{Site}: {what} cannot go on. {e.Message}", e, e switch
            {
                SafetensorsException model => ModelReason.Of(model),
                _ => SiteSentences.NamedModel.Say(),
            });
        }
    }

    // The limit is for the process's own memory; an accelerator's allocator says itself when there is none left.
    private void Watch(int samples)
    {
        WithinStep(samples);
        if (Device.MemoryLimit is { } limit && Environment.WorkingSet >> 20 is var held && held > limit)
            throw new OutOfMemoryException($"this process holds {held} MiB, and fedkim.injector.memory-limit is {limit}");
    }

    // What one sample takes is taken: no trained model is left unmeasured for a limit.
    private void WatchMeasuring(int samples)
    {
        if (samples > 1)
            Watch(samples);
        else
            WithinStep(samples);
    }

    private static LearningPlan Plan(string learning)
    {
        var plan = LearningPlan.Parse(learning);
        // The pool is the thread's own, so it is set by the thread that computes.
        set_num_threads(plan.Injection.Threads);
        return plan;
    }

    // What makes other last bits than the plan's, or others than full precision's, the adapters say.
    private Dictionary<string, string> Told() => Device.Products == TorchProducts.Float32 ? [] : new() { [ProductsKey] = Device.Products };

    private InjectedModel Save(LocalModel model, InjectedFoundationModel injected, string folder, double loss, int? halved = null)
    {
        var (global, adapter) = (Path.Combine(folder, GlobalName), Path.Combine(folder, AdapterName));
        var told = Told();
        if (halved is { } size)
            told.Add("micro-batch", size.ToString(CultureInfo.InvariantCulture));
        return new InjectedModel(new WeightFile(global, model.Save(global)), new WeightFile(adapter, injected.Save(adapter, told)), loss);
    }

    private Device At => _device ??= Device.Open();

    private LocalModel LoadModel(LearningPlan plan, WeightFile from)
    {
        var model = plan.CreateModel(At);
        using var file = SafetensorsFile.Open(from);
        model.Load(file);
        // The clients' statistics stand: public batches of a single task would bend them.
        model.eval();
        return model;
    }

    private InjectedFoundationModel Injected(LearningPlan plan, long seed)
    {
        var method = Method.Of(plan.Injection.Method);
        int experts = Math.Min(plan.Injection.Experts, method.MostExperts);
        var features = plan.Encoders.ToImmutableSortedDictionary(e => e.Key, e => e.Value.Width, StringComparer.Ordinal);
        return new InjectedFoundationModel(
            Foundation(plan.Injection),
            new AdapterShape(
                features, experts, plan.Injection.Rank, RouterSoftmax: plan.Injection.RouterSoftmax, RouterNormalised: plan.Injection.RouterNormalised, Routed: method.Routes,
                Products: Device.ProductType),
            seed);
    }

    // F without adapters; of its feature maps none is asked.
    private InjectedFoundationModel Bare() =>
        new(_foundation!.Value.Model, new AdapterShape(ImmutableSortedDictionary<string, int>.Empty, Experts: 0), seed: 0);

    private FoundationModel Foundation(InjectionPlan plan)
    {
        string folder = Path.GetFullPath(Path.Combine(_models, plan.FoundationModel));
        if (_foundation is { } loaded && loaded.Folder == folder)
            return loaded.Model;
        _foundation?.Model.Dispose();
        _foundation = null;
        var model = FoundationModel.Load(folder, Device.ScalarType, At);
        _foundation = (folder, model, FoundationTokenizer.Load(folder));
        return model;
    }

    private TaskWords Words(TaskPlan task, Method method) => new(task, method, _foundation!.Value.Tokenizer);

    private TaskData Public(TaskInput input, PublicShare? share)
    {
        string key = share?.Key + input.Key;
        if (!_tasks.TryGetValue(key, out var data))
            _tasks.Add(key, data = Read(input, "public", share));
        return data;
    }

    private TaskData Read(TaskInput input, string split, PublicShare? share = null, bool grouped = false) => Find(input, split, share, grouped) ?? throw new LearningException(
        $"{Site}: task {input.Task.Name} has no data in {Path.Combine(_data, split, input.Task.Source.Path)}. Put its {split} split there, or take the task out of the federation file.",
        reason: SiteSentences.NoSplit.Say(input.Task.Name, split));

    private TaskData? Find(TaskInput input, string split, PublicShare? share = null, bool grouped = false)
    {
        var data = TaskData.Read(input, Path.Combine(_data, split), Site, Warn, _data, share, grouped);
        if (data is not null)
            data.Device = At;
        return data;
    }
}
