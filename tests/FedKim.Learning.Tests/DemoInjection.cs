using FedKim.Rounds;

namespace FedKim.Learning.Tests;

/// <summary>An injection into the demonstration's foundation model, of few and quick steps.</summary>
internal sealed class DemoInjection(DemoFederation demo)
{
    internal static LearningPlan Plan { get; } = DemoFederation.Plan with
    {
        Injection = new() { Steps = 10, CheckpointEvery = 3, BatchSize = 8, LearningRate = 2e-3, WarmUp = 2, BalanceLabels = true, Threads = 1 },
    };

    internal InjectionRequest Request(string method = "fedkim") => Request(Plan.Injection with { Method = method });

    internal InjectionRequest Request(InjectionPlan injected)
    {
        string plan = (Plan with { Injection = injected }).ToJson();
        using var injection = Open();
        var start = injection.Initialize(new FederationId("test"), DemoFederation.Seed, plan, demo.Folder());
        return new InjectionRequest(new RoundId(new FederationId("test"), 1), DemoFederation.Seed, plan, start.GlobalModel, start.Adapter, demo.Folder());
    }

    internal InjectedModel Inject(InjectionRequest request)
    {
        using var injection = Open();
        return injection.Inject(request, _ => { }, CancellationToken.None);
    }

    // Where time stands still checkpoints cost nothing, and so one follows every step from the third on.
    internal Injection Open(Action<long>? beforeStep = null, List<string>? warnings = null) =>
        new(Path.Combine(demo.Data, "server"), Repository()) { Clock = new StandingClock(), BeforeStep = beforeStep ?? (_ => { }), Warn = w => warnings?.Add(w) };

    // The demonstration's foundation model lies where the node carries it.
    internal static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "FedKim.sln")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder!, "src", "FedKim.Node");
    }
}
