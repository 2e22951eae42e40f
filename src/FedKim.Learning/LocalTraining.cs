using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using FedKim.Data;
using FedKim.Models;
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
    private const string LocalName = "local.safetensors";
    private const string PersonalName = "personal.safetensors";
    // Enough to tell data apart, and short enough for a journal.
    private const int PrintBytes = 8;

    private readonly string _folder;
    private Device? _device;
    private readonly Dictionary<string, (TaskData? Data, string State, byte[] Print)> _data = new(StringComparer.Ordinal);

    /// <param name="folder">The site's data folder.</param>
    public LocalTraining(string folder) => _folder = folder;

    /// <summary>Told what goes wrong without ending the work.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>Under it the site's data is fingerprinted; it never leaves the site. Empty for no fingerprint.</summary>
    public byte[] Key { get; init; } = [];

    /// <summary>Where models are trained; what leaves is written from main memory.</summary>
    public TorchDevice Device { get; init; } = new(TorchDevice.Cpu);

    /// <summary>Measures what checkpoints cost.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Called before each step with its number from 1, where a test breaks steps.</summary>
    internal Action<long> BeforeStep { get; init; } = _ => { };

    /// <summary>The same for the steps of the site's own model.</summary>
    internal Action<long> BeforePersonalStep { get; init; } = _ => { };

    /// <inheritdoc/>
    public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        var update = PoisonedSteps.Retry(() => Run(request, progress, cancel), Warn);
        try
        {
            PoisonedSteps.Retry(() => RunPersonal(request, cancel), Warn);
        }
        catch (LearningException e)
        {
            // The others' round does not wait for what is this site's alone.
            Warn($"{request.Client}: the site's own model stays what it was before round {request.Round}. {e.Message}");
        }

        return update;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var kept in _data.Values)
            kept.Data?.Dispose();
        _data.Clear();
    }

    private LocalUpdate Run(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
    {
        var work = WorkOf("training", request);
        var own = Own(OwnTensors.Local, request);
        string path = Path.Combine(request.WorkFolder, UpdateName);
        if (FinishedWork.Find<Trained>(request.WorkFolder, work, Warn) is { } finished)
        {
            if (finished.Files.TryGetValue(LocalName, out var kept))
                own.Keep(request.Round.Number, kept);
            return finished.Outcome.As(finished.Files[UpdateName]);
        }

        var plan = LearningPlan.Parse(request.Learning);
        var tasks = Tasks(plan, request);
        // Steps made on other data, or from other tensors of the site's own, are no part of this work.
        string print = Print(tasks);
        var before = plan.LocalTensors is null ? null : own.Before(request.Round.Number);
        string[] besides = [.. ((string?[])[print.Length == 0 ? null : print, before?.Digest.Hex]).OfType<string>()];
        using var scope = NewDisposeScope();
        using var model = LoadModel(plan, request, before);
        using var course = new LocalCourse(model, plan.Local, tasks, request);
        new CourseRun(request.Client.Value, plan.Local.CheckpointEvery, Clock, Warn, BeforeStep)
            .ToEnd(course, new StepCheckpoint(request.WorkFolder, besides.Length == 0 ? work : StepCheckpoint.Work([work.Hex, .. besides])), progress, cancel);
        var trained = new Trained(tasks.ToDictionary(t => t.Task.Name, t => (long)t.Data!.Count), course.Losses().ToDictionary(), print);
        var stays = plan.Staying();
        var update = new WeightFile(path, model.Save(path, name => course.Trains(name) && !stays(name), durable: false));
        if (plan.LocalTensors is null)
        {
            FinishedWork.Mark(request.WorkFolder, work, trained, update);
            return trained.As(update);
        }

        var local = own.Write(
            Path.Combine(request.WorkFolder, LocalName), work, model.State().Where(s => course.Trains(s.Name) && stays(s.Name)).Select(s => TensorFiles.Of(s.Name, s.Tensor)));
        FinishedWork.Mark(request.WorkFolder, work, trained, update, local);
        own.Keep(request.Round.Number, local);
        return trained.As(update);
    }

    // After the global training, of which it changes no bit. Nothing of it is told: a loss would be of the site's own model.
    private void RunPersonal(TrainingRequest request, CancellationToken cancel)
    {
        if (LearningPlan.Parse(request.Learning) is not { Personal: { } personal } plan)
            return;
        var work = WorkOf("personal", request);
        var own = Own(OwnTensors.Personal, request);
        if (own.Has(request.Round.Number, work))
            return;
        var tasks = Tasks(plan, request);
        var (last, local) = (own.Before(request.Round.Number), plan.LocalTensors is null ? null : Own(OwnTensors.Local, request).Before(request.Round.Number));
        using var scope = NewDisposeScope();
        using var model = LoadModel(plan, request, local);
        using var course = new PersonalCourse(model, plan.Local, personal, tasks, request, last);
        string folder = Directory.CreateDirectory(Path.Combine(request.WorkFolder, OwnTensors.Personal)).FullName;
        var checkpoint = new StepCheckpoint(folder, StepCheckpoint.Work(work.Hex, Print(tasks), last?.Digest.Hex ?? "", local?.Digest.Hex ?? ""));
        new CourseRun(request.Client.Value, plan.Local.CheckpointEvery, Clock, Warn, BeforePersonalStep).ToEnd(course, checkpoint, _ => { }, cancel);
        own.Keep(request.Round.Number, own.Write(Path.Combine(folder, PersonalName), work, model.State().Select(s => TensorFiles.Of(s.Name, s.Tensor))));
    }

    // All that decides what comes of it, but for the data and what the site keeps to itself.
    private static Digest WorkOf(string what, TrainingRequest request) => StepCheckpoint.Work(
        what, request.Round.ToString(), request.Client.Value, $"{request.Seed}", request.Strategy, request.Learning, request.GlobalModel.Digest.Hex);

    private OwnTensors Own(string what, TrainingRequest request) => new(request.OwnFolder, what, OwnTensors.PlanOf(request), Warn);

    private ImmutableArray<SiteTask> Tasks(LearningPlan plan, TrainingRequest request)
    {
        set_num_threads(plan.Local.Threads);
        var client = request.Client;
        // Where no hospital takes part, what is trained on is the server's public data.
        var share = Method.Of(plan.Injection.Method).PublicOnly ? PublicShare.Of(plan, request.Seed) : null;
        var tasks = plan.Training.Select(plan.InputOf).Select(input => Data(input, client, share)).Where(t => t.Data is not null).ToImmutableArray();
        return !tasks.IsEmpty ? tasks : throw new LearningException(
            $"{client}: {_folder} has no data of any training task ({string.Join(", ", plan.Training.Select(t => t.Name))}).", reason: SiteSentences.NoData.Say());
    }

    // What lies in memory is used for as long as nobody touches the files: a restarted process would train on the new ones.
    private SiteTask Data(TaskInput input, ClientId client, PublicShare? share)
    {
        // What the plan calls by a name that nobody knows here is told as that, before it can look like a fault of the data.
        _ = input.Kind;
        string key = share?.Key + input.Key, state = StateOf(input.Task, client);
        if (_data.TryGetValue(key, out var kept) && kept.State == state)
            return new SiteTask(input, kept.Data, kept.Print);
        kept.Data?.Dispose();
        _data.Remove(key);
        var data = TaskData.Read(input, _folder, client.Value, Warn, share: share);
        if (data is not null)
            data.Device = At;
        byte[] print = Key.Length == 0 || data is null ? [] : data.Print(Key);
        _data.Add(key, (data, state, print));
        return new SiteTask(input, data, print);
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
            all.AppendData(task.Print);
        }

        return Convert.ToHexStringLower(all.GetHashAndReset().AsSpan(0, PrintBytes));
    }

    private Device At => _device ??= Device.Open();

    // The model of the round, with the tensors that the site keeps to itself in place of those it was sent.
    private LocalModel LoadModel(LearningPlan plan, TrainingRequest request, WeightFile? local)
    {
        var model = plan.CreateModel(At);
        try
        {
            using (var file = SafetensorsFile.Open(request.GlobalModel))
                model.Load(file);
            if (local is not null)
            {
                using var file = SafetensorsFile.Open(local);
                foreach (var (name, tensor) in model.State().Where(s => file.Tensors.ContainsKey(s.Name)))
                    TensorFiles.Fill(tensor, file, name);
            }

            model.train();
            return model;
        }
        catch (SafetensorsException e)
        {
            model.Dispose();
            throw new LearningException($"{request.Client}: the global model of round {request.Round} cannot be used. {e.Message}", e, ModelReason.Of(e));
        }
    }

    /// <summary>What is to be said of an update besides its tensors.</summary>
    private sealed record Trained(Dictionary<string, long> Samples, Dictionary<string, double> Losses, string Data = "")
    {
        internal LocalUpdate As(WeightFile update) => new(
            update, SampleCounts.Of(Samples.Select(s => (s.Key, s.Value))), Losses.ToImmutableSortedDictionary(StringComparer.Ordinal), Data);
    }
}
