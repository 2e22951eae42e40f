using System.Diagnostics;
using System.Text.Json.Nodes;
using FedKim.Configuration;
using FedKim.Data.Demo;
using FedKim.Launch.Supervision;
using FedKim.Learning;
using FedKim.Models;
using FedKim.Rounds;

namespace FedKim.Bench;

/// <summary>
/// What the demo learns by: a step of a hospital's training and one of the injection, without nodes. Another build's bench may take turns with
/// this one, each time in a process of its own.
/// </summary>
internal static class LearningBench
{
    private const string Hospital = "hospital-a";
    private const int Seed = 1;

    private static readonly string[] Steps = ["local step", "injection step"];

    public static async Task<int> RunAsync(int repeats, int turns, string? against, string? data, string bits, Outcome outcome, CancellationToken cancel)
    {
        if (repeats < 1 || turns < 1)
        {
            await Console.Error.WriteLineAsync($"--repeats is {repeats} and --turns {turns}; both must be at least 1.");
            return 2;
        }

        if (against is not null && !File.Exists(against))
        {
            await Console.Error.WriteLineAsync($"--against {against}: there is no such file. Name the FedKim.Bench.dll of another build.");
            return 2;
        }

        string learned = "";
        var (own, others) = against is null ? (Measure(repeats, data, bits, out learned, cancel), null) : await InTurnsAsync(repeats, turns, against, cancel);
        if (own is null)
            return 1;
        var result = Result(repeats, own, others);
        if (learned.Length > 0)
            result["learned"] = learned;
        foreach (var row in result["results"]!.AsArray())
            Console.WriteLine(Figures.Line(row!));
        if (learned.Length > 0)
            Console.WriteLine($"learned: {learned}");
        return await outcome.EndAsync(result, cancel);
    }

    private static JsonObject Result(int repeats, double[][] own, double[][]? others) => new()
    {
        ["bench"] = "learning",
        ["parameters"] = new JsonObject { ["repeats"] = repeats, ["unit"] = "ms of processors" },
        ["results"] = new JsonArray([.. Steps.Select((name, i) => Figures.Row(name, "ms of processors", own[i], others is null ? null : Figures.Median([.. others[i].Order()])))]),
    };

    // Null where a bench did not come to its end.
    private static async Task<(double[][]? Own, double[][]? Others)> InTurnsAsync(int repeats, int turns, string against, CancellationToken cancel)
    {
        var (own, others) = (new List<double>[] { [], [] }, new List<double>[] { [], [] });
        for (int turn = 0; turn < 2 * turns; turn++)
        {
            // This one, the other, the other, this one, …: neither is always the second.
            bool other = turn % 4 is 1 or 2;
            string folder = Directory.CreateTempSubdirectory("fedkim-bench-").FullName, figures = Path.Combine(folder, "figures.json");
            try
            {
                var launch = new ProcessLaunch(
                    "bench", ["dotnet", other ? against : typeof(LearningBench).Assembly.Location, "learning", "--repeats", $"{repeats}", "--json", figures], Path.Combine(folder, "log"));
                await using var bench = new NodeProcess(launch, TimeProvider.System);
                bench.Start();
                if (await bench.Ended.WaitAsync(cancel) != 0)
                {
                    await Console.Error.WriteLineAsync($"{launch.Words[1]} ended with {bench.ExitCode}: {bench.LastLines()}");
                    return (null, null);
                }

                var rows = JsonNode.Parse(await File.ReadAllTextAsync(figures, cancel))!["results"]!.AsArray();
                for (int i = 0; i < Steps.Length; i++)
                    (other ? others : own)[i].Add((double)rows[i]!["median"]!);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return ([.. own.Select(o => o.ToArray())], [.. others.Select(o => o.ToArray())]);
    }

    // A first time warms up and does not count.
    private static double[][] Measure(int repeats, string? data, string bits, out string learned, CancellationToken cancel)
    {
        learned = "";
        TorchRuntime.Load(bits: bits);
        string folder = Directory.CreateTempSubdirectory("fedkim-bench-").FullName;
        try
        {
            var (plan, _) = FederationFile.Parse(Path.Combine(AppContext.BaseDirectory, "federations", "demo.conf"));
            if (data is null)
                DemoData.Generate(data = Path.Combine(folder, "data"), FederationFile.Sites(plan).Length, Seed, cancel);
            using var injection = new Injection(Path.Combine(data, "server"), AppContext.BaseDirectory);
            using var local = new LocalTraining(Path.Combine(data, Hospital));
            var first = injection.Initialize(plan.Id, Seed, plan.Learning, Folder("first"));
            var steps = new List<double>[] { [], [] };
            for (int i = 0; i <= repeats; i++)
            {
                var round = new RoundId(plan.Id, i + 1);
                var request = new TrainingRequest(round, new ClientId(Hospital), Seed, plan.Strategy, plan.Learning, first.GlobalModel, Folder($"local-{i}"), Folder($"own-{i}"));
                var inject = new InjectionRequest(round, Seed, plan.Learning, first.GlobalModel, first.Adapter, Folder($"injection-{i}"));
                string update = "", injected = "";
                double[] took =
                [
                    MillisecondsAStep(told => update = local.Train(request, told, cancel).Weights.Digest.Hex),
                    MillisecondsAStep(told => injected = injection.Inject(inject, told, cancel).GlobalModel.Digest.Hex),
                ];
                learned = $"{update[..12]}, {injected[..12]}";
                for (int kind = 0; kind < took.Length && i > 0; kind++)
                    steps[kind].Add(took[kind]);
            }

            return [.. steps.Select(s => s.ToArray())];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        string Folder(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
    }

    private static double MillisecondsAStep(Action<Action<LearningProgress>> work)
    {
        long steps = 0;
        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        work(progress => steps = progress.Total);
        self.Refresh();
        return (self.TotalProcessorTime - before).TotalMilliseconds / steps;
    }
}
