using System.Collections.Immutable;
using FedKim.Data.Demo;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning.Tests;

/// <summary>Demonstration data of many small sites with a plan over them; made once for all tests.</summary>
public sealed class DemoFederation : IDisposable
{
    /// <summary>Many, so that one site trains quickly.</summary>
    private const int Sites = 12;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fedkim-learning-");

    public DemoFederation() => DemoData.Generate(Data, Sites, Seed);

    /// <summary>The federation's seed.</summary>
    public static long Seed => 7;

    /// <summary>The demonstration's folder.</summary>
    public string Data => Path.Combine(_root.FullName, "data");

    /// <summary>Every site, in order; the last has no ECG.</summary>
    public static ImmutableArray<ClientId> Clients { get; } = [.. Enumerable.Range(0, Sites).Select(i => new ClientId($"hospital-{(char)('a' + i)}"))];

    /// <summary>Small encoders and a single epoch.</summary>
    public static LearningPlan Plan { get; } = new()
    {
        Tasks =
        [
            Task("pneumonia", "training", "image"),
            Task("lung-opacity", "training", "image"),
            Task("ecg-abnormal", "training", "signal"),
            Task("mortality", "training", "vital", "lab", "input", "output"),
            Task("pleural-effusion", "zero-shot", "image"),
            Task("ectopic-beats", "zero-shot", "signal"),
        ],
        Encoders = new Dictionary<string, EncoderPlan>
        {
            ["image"] = new() { Name = "deit", Width = 32, Depth = 2 },
            ["signal"] = new() { Name = "signal-cnn", Width = 32, Depth = 4 },
            ["vital"] = Clinical,
            ["lab"] = Clinical,
            ["input"] = Clinical,
            ["output"] = Clinical,
        }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        Local = new() { Epochs = 2, BatchSize = 8, LearningRate = 3e-3, BalanceLabels = true, CheckpointEvery = 3 },
    };

    private static EncoderPlan Clinical => new() { Name = "clinical-transformer", Width = 16, Depth = 1, Heads = 2, Tokens = 1 };

    /// <summary>An empty folder.</summary>
    public string Folder() => Directory.CreateDirectory(Path.Combine(_root.FullName, Path.GetRandomFileName())).FullName;

    /// <summary>A site's data folder.</summary>
    public string FolderOf(ClientId client) => Path.Combine(Data, client.Value);

    /// <summary>The federation's initial local model.</summary>
    public WeightFile InitialModel()
    {
        string path = Path.Combine(_root.FullName, "initial.safetensors");
        if (File.Exists(path))
            return new WeightFile(path, Digests.OfFile(path));
        using var model = Plan.CreateModel();
        model.Initialize(Seed);
        return new WeightFile(path, model.Save(path));
    }

    /// <summary>A site's first round.</summary>
    public TrainingRequest Request(ClientId client, string strategy = "fedavg", LearningPlan? plan = null) =>
        new(new RoundId(new FederationId("test"), 1), client, Seed, strategy, (plan ?? Plan).ToJson(), InitialModel(), Folder(), Folder());

    /// <summary>What the federation was agreed as.</summary>
    public static FederationPlan Federation(LearningPlan plan) => new()
    {
        Id = new FederationId("test"),
        Seed = Seed,
        Rounds = 1,
        Clients = Clients,
        Quorum = 1,
        Deadline = TimeSpan.FromMinutes(1),
        Strategy = "fedavg",
        Weighting = "samples",
        Method = "fedkim",
        Parts = plan.Parts(),
        Learning = plan.ToJson(),
    };

    public void Dispose() => _root.Delete(recursive: true);

    private static TaskPlan Task(string name, string kind, params string[] modalities) => new()
    {
        Name = name,
        Kind = kind,
        Modalities = [.. modalities],
        Source = DemoData.Sources[name],
        Prompt = $"Based on these data, does the patient have {name}?",
        TaskDescription = $"Detect {name}.",
        ModalityDescription = string.Join(" and ", modalities) + " only.",
    };
}
