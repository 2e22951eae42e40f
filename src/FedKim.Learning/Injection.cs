using System.Collections.Immutable;
using System.Text.Json;
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

    private readonly string _data;
    private readonly string _models;
    private readonly Dictionary<string, TaskData> _tasks = new(StringComparer.Ordinal);
    private (string Folder, FoundationModel Model, FoundationTokenizer Tokenizer)? _foundation;

    /// <param name="data">The server's data folder, with <c>public</c>, <c>development</c> and <c>test</c> below it.</param>
    /// <param name="models">Where relative paths of foundation models start.</param>
    public Injection(string data, string models) => (_data, _models) = (data, models);

    /// <summary>Told what goes wrong without ending the work.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>Measures what checkpoints cost.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called before each step with its number from 1, where a test breaks steps.</summary>
    internal Action<long> BeforeStep { get; init; } = _ => { };

    /// <inheritdoc/>
    public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) => Guard($"federation {federation}", () =>
    {
        var plan = Plan(learning);
        using var scope = NewDisposeScope();
        using var model = plan.CreateModel();
        using var injected = Injected(plan, seed);
        model.Initialize(seed);
        return Save(model, injected, workFolder, double.NaN);
    });

    /// <inheritdoc/>
    public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
        Guard($"round {request.Round}", () => PoisonedSteps.Retry(() => Run(request, progress, cancel), Warn));

    /// <inheritdoc/>
    public ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => Guard("the evaluation", () =>
    {
        var plan = Plan(request.Learning);
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        using var tuned = LoadModel(plan, request.GlobalModel);
        using var small = LoadModel(plan, request.Aggregate);
        using var injected = Injected(plan, request.Seed);
        injected.Load(request.Adapter);
        var results = ImmutableArray.CreateBuilder<TaskEvaluation>();
        for (int i = 0; i < plan.Tasks.Length; i++)
        {
            var task = plan.Tasks[i];
            using var data = request.Split == EvaluationRequest.Test ? Read(task, request.Split) : Find(task, request.Split);
            if (data is null) continue;
            var measure = new TaskMeasurement(task, data, request.Seed, cancel);
            results.Add(measure.Injected(plan.Injection.Method, injected, tuned, Words(task), _foundation!.Value.Tokenizer));
            if (small.Decodes(task.Name)) results.Add(measure.SmallModels(small));
            progress(new LearningProgress(i + 1, plan.Tasks.Length, double.NaN));
        }

        return results.ToImmutable();
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var data in _tasks.Values) data.Dispose();
        _tasks.Clear();
        _foundation?.Model.Dispose();
        _foundation = null;
    }

    private InjectedModel Run(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        var work = StepCheckpoint.Work(
            "injection", request.Round.ToString(), $"{request.Seed}", request.Learning, request.Aggregate.Digest.Hex, request.Adapter.Digest.Hex);
        if (FinishedWork.Find<double>(request.WorkFolder, work) is { } finished)
            return new InjectedModel(finished.Files[GlobalName], finished.Files[AdapterName], finished.Outcome);

        var plan = Plan(request.Learning);
        using var scope = NewDisposeScope();
        using var model = LoadModel(plan, request.Aggregate.Path);
        using var injected = Injected(plan, request.Seed);
        injected.Load(request.Adapter.Path);
        var tasks = plan.Training.Select(t => (Words(t), Data(t, "public"))).ToImmutableArray();
        using var course = new InjectionCourse(model, injected, plan.Injection, tasks, request.Seed, request.Round);
        new CourseRun(Site, plan.Injection.CheckpointEvery, Clock, Warn, BeforeStep)
            .ToEnd(course, new StepCheckpoint(request.WorkFolder, work), progress, cancel);
        var result = Save(model, injected, request.WorkFolder, course.Loss);
        FinishedWork.Mark(request.WorkFolder, work, result.Loss, result.GlobalModel, result.Adapter);
        return result;
    }

    private static T Guard<T>(string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is SafetensorsException or PyTorchException or FoundationException or IOException)
        {
            throw new LearningException($"{Site}: {what} cannot go on. {e.Message}", e);
        }
    }

    private static LearningPlan Plan(string learning)
    {
        var plan = LearningPlan.Parse(learning);
        // The pool is the thread's own, so it is set by the thread that computes.
        set_num_threads(plan.Injection.Threads);
        return plan;
    }

    private static InjectedModel Save(LocalModel model, InjectedFoundationModel injected, string folder, double loss)
    {
        var (global, adapter) = (Path.Combine(folder, GlobalName), Path.Combine(folder, AdapterName));
        return new InjectedModel(new WeightFile(global, model.Save(global)), new WeightFile(adapter, injected.Save(adapter)), loss);
    }

    private static LocalModel LoadModel(LearningPlan plan, string path)
    {
        var model = plan.CreateModel();
        using var file = SafetensorsFile.Open(path);
        model.Load(file);
        // The clients' statistics stand: public batches of a single task would bend them.
        model.eval();
        return model;
    }

    private InjectedFoundationModel Injected(LearningPlan plan, long seed)
    {
        int experts = plan.Injection.Method switch
        {
            "fedkim" => plan.Injection.Experts,
            "fedplug" => 0,
            _ => throw new LearningException($"{Site}: learning.injection.method '{plan.Injection.Method}' is unknown. Known are: fedkim, fedplug."),
        };
        var features = plan.Encoders.ToImmutableSortedDictionary(e => e.Key, e => e.Value.Width, StringComparer.Ordinal);
        return new InjectedFoundationModel(
            Foundation(plan.Injection), new AdapterShape(features, experts, plan.Injection.Rank, RouterSoftmax: plan.Injection.RouterSoftmax), seed);
    }

    private FoundationModel Foundation(InjectionPlan plan)
    {
        string folder = Path.GetFullPath(Path.Combine(_models, plan.FoundationModel));
        if (_foundation is { } loaded && loaded.Folder == folder) return loaded.Model;
        _foundation?.Model.Dispose();
        _foundation = null;
        var model = FoundationModel.Load(folder);
        _foundation = (folder, model, FoundationTokenizer.Load(folder));
        return model;
    }

    private TaskWords Words(TaskPlan task)
    {
        var tokenizer = _foundation!.Value.Tokenizer;
        return new TaskWords(
            task, tokenizer.EncodePrompt(task.Prompt), tokenizer.Encode(task.ModalityDescription), tokenizer.Encode(task.TaskDescription),
            [.. task.Answers.Select(tokenizer.EncodeAnswer)]);
    }

    private TaskData Data(TaskPlan task, string split)
    {
        string key = split + JsonSerializer.Serialize(task, PlanJson.Options);
        if (!_tasks.TryGetValue(key, out var data)) _tasks.Add(key, data = Read(task, split));
        return data;
    }

    private TaskData Read(TaskPlan task, string split) => Find(task, split) ?? throw new LearningException(
        $"{Site}: task {task.Name} has no data in {Path.Combine(_data, split, task.Source.Path)}. Put its {split} split there, or take the task out of the federation file.");

    private TaskData? Find(TaskPlan task, string split) => TaskData.Read(task, Path.Combine(_data, split), Site);
}
