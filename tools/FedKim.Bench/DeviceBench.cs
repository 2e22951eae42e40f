using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using FedKim.Configuration;
using FedKim.Data.Demo;
using FedKim.Learning;
using FedKim.Models;
using FedKim.Models.Foundation;
using FedKim.Models.Injection;
using FedKim.Models.Verification;
using FedKim.Parameters;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Bench;

/// <summary>
/// Whether a device computes what the processor computes, over the demo: an injection step in every precision that products can have, a hospital's
/// epoch, and an evaluation. Nothing is timed.
/// </summary>
internal static class DeviceBench
{
    private const string Hospital = "hospital-a";
    private const int Seed = 1, Rows = 4, Features = 16, FeatureWidth = 6;

    // What may lie between. On a processor bf16 was found 5e-5 and 0.011 apart; tf32, which has three bits more, and whatever a GPU computes, have not
    // been measured, and their bounds are what rounding lets expect. Adam and an epoch's steps enlarge it. A score is a difference of two log-probabilities.
    private static readonly ImmutableArray<(string Products, double Loss, double Gradients)> Bounds =
    [
        (TorchProducts.Float32, 1e-5, 1e-4), (TorchProducts.Tf32, 5e-4, 0.01), (TorchProducts.Bf16, 1e-3, 0.04),
    ];

    private const double UpdateBound = 0.05, LossBound = 0.01, ScoreBound = 0.01;

    public static async Task<int> RunAsync(string name, Outcome outcome, CancellationToken cancel)
    {
        TorchRuntime.Load();
        if (new TorchDevice(name).Problem() is { } problem)
        {
            await Console.Error.WriteLineAsync($"--device {problem}");
            return 2;
        }

        var found = new List<(string What, double Apart, double Bound)>();
        string folder = Directory.CreateTempSubdirectory("fedkim-bench-").FullName;
        try
        {
            var (plan, _) = FederationFile.Parse(Path.Combine(AppContext.BaseDirectory, "federations", "demo.conf"));
            string data = Path.Combine(folder, "data");
            DemoData.Generate(data, FederationFile.Sites(plan).Length, Seed, cancel);
            Injected(plan, name, Tell);
            Trained(plan, data, folder, name, Tell, cancel);
            Evaluated(plan, data, folder, name, Tell, cancel);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        var result = new JsonObject
        {
            ["bench"] = "device",
            ["parameters"] = new JsonObject { ["device"] = name },
            ["results"] = new JsonArray([.. found.Select(f => new JsonObject { ["name"] = f.What, ["apart"] = f.Apart, ["bound"] = f.Bound })]),
        };
        int ended = await outcome.EndAsync(result, cancel);
        return found.All(f => f.Apart <= f.Bound) ? ended : 1;

        void Tell(string what, double apart, double bound)
        {
            found.Add((what, apart, bound));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {apart:g3} apart, at most {bound:g3}{(apart <= bound ? "" : ": TOO FAR")}"));
        }
    }

    // The demo's foundation model with experts that say something, which at the start they do not.
    private static void Injected(FederationPlan plan, string name, Action<string, double, double> tell)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, LearningPlan.Parse(plan.Learning).Injection.FoundationModel);
        using var here = new Adapted(folder, new InjectorDevice(TorchDevice.Cpu));
        foreach (var (products, loss, gradients) in Bounds)
        {
            var device = new InjectorDevice(name) { Products = products };
            if (device.ProductsProblem() is { } problem)
            {
                Console.WriteLine($"injection step, {products}: not tried, since products {problem}");
                continue;
            }

            using var there = new Adapted(folder, device);
            var apart = StepDifference.Between(here.Model, there.Model, at => Input(here.Model.Foundation.Config, at), [[7, 8, 2]]);
            tell($"injection step, {products}: loss", apart.Loss, loss);
            tell($"injection step, {products}: gradients", apart.Gradients, gradients);
        }

        // Later ones on this device make all products in full again.
        _ = new TorchDevice(name).Open();
    }

    private static void Trained(FederationPlan plan, string data, string folder, string name, Action<string, double, double> tell, CancellationToken cancel)
    {
        var learning = LearningPlan.Parse(plan.Learning);
        string once = (learning with { Local = learning.Local with { Epochs = 1 } }).ToJson();
        using var injection = new Injection(Path.Combine(data, "server"), AppContext.BaseDirectory) { Device = new InjectorDevice(TorchDevice.Cpu) };
        var start = injection.Initialize(plan.Id, Seed, once, Folder(folder, "start")).GlobalModel;
        var (here, there) = (Train(TorchDevice.Cpu, "here"), Train(name, "there"));
        tell("a hospital's epoch: update", Apart(here.Weights, there.Weights, start), UpdateBound);
        tell("a hospital's epoch: losses", here.Losses.Max(l => Math.Abs(there.Losses[l.Key] - l.Value) / l.Value), LossBound);

        LocalUpdate Train(string device, string where)
        {
            using var training = new LocalTraining(Path.Combine(data, Hospital)) { Device = new TorchDevice(device) };
            return training.Train(
                new TrainingRequest(new RoundId(plan.Id, 1), new ClientId(Hospital), Seed, plan.Strategy, once, start, Folder(folder, where), Folder(folder, $"{where}-own")),
                _ => { }, cancel);
        }
    }

    private static void Evaluated(FederationPlan plan, string data, string folder, string name, Action<string, double, double> tell, CancellationToken cancel)
    {
        var (here, there) = (Scores(TorchDevice.Cpu, "cpu"), Scores(name, "device"));
        tell("an evaluation: scores", here.Zip(there, (right, other) => Math.Abs(right - other)).Max(), ScoreBound);

        double[] Scores(string device, string where)
        {
            var log = new PredictionLog(plan.Id);
            using var injection = new Injection(Path.Combine(data, "server"), AppContext.BaseDirectory) { Device = new InjectorDevice(device), Log = log };
            var model = injection.Initialize(plan.Id, Seed, plan.Learning, Folder(folder, where));
            _ = injection.Evaluate(new EvaluationRequest(plan.Learning, Seed, model.GlobalModel, model.GlobalModel, model.Adapter), _ => { }, cancel);
            return [.. log.All.Select(p => p.Score).OfType<double>()];
        }
    }

    private static InjectionInput Input(FoundationConfig config, Device at)
    {
        using var generator = new Generator(5, CPU);
        int[] Words(int from, int count) => [.. Enumerable.Range(from, count).Select(id => 10 + (id % (config.VocabSize - 10)))];
        var tokens = randn([Rows, Features, FeatureWidth], generator: generator).to(at).requires_grad_();
        return new InjectionInput([("image", tokens)], [Words(0, 12), Words(3, 9), Words(6, 5), Words(9, 12)], [Words(20, 6)], [Words(30, 8)]);
    }

    // What lies between two updates, relative to how far the first is from where both began.
    private static double Apart(WeightFile here, WeightFile there, WeightFile start)
    {
        using var one = SafetensorsFile.Open(here);
        using var other = SafetensorsFile.Open(there);
        using var before = SafetensorsFile.Open(start);
        double apart = 0, moved = 0;
        foreach (string tensor in one.Tensors.Keys)
        {
            var (x, y, z) = (Values(one, tensor), Values(other, tensor), Values(before, tensor));
            for (int i = 0; i < x.Length; i++)
                (apart, moved) = (apart + Math.Pow(x[i] - y[i], 2), moved + Math.Pow(x[i] - z[i], 2));
        }

        return Math.Sqrt(apart / moved);
    }

    private static float[] Values(SafetensorsFile file, string name)
    {
        var info = file.Info(name);
        float[] values = new float[info.Length / sizeof(float)];
        file.Read(info, 0, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static string Folder(string within, string name) => Directory.CreateDirectory(Path.Combine(within, name)).FullName;

    private sealed class Adapted : IDisposable
    {
        private readonly FoundationModel _foundation;

        internal Adapted(string folder, InjectorDevice device)
        {
            _foundation = FoundationModel.Load(folder, device: device.Open());
            Model = new InjectedFoundationModel(
                _foundation, new AdapterShape(ImmutableSortedDictionary<string, int>.Empty.Add("image", FeatureWidth), Products: device.ProductType), Seed);
            using var scope = NewDisposeScope();
            using var gradient = no_grad();
            using var generator = new Generator(3, CPU);
            foreach (var (_, parameter) in Model.Parameters.Where(p => p.Key.EndsWith(".B", StringComparison.Ordinal)))
                parameter.copy_(randn(parameter.shape, generator: generator).mul(0.02));
        }

        internal InjectedFoundationModel Model { get; }

        public void Dispose()
        {
            Model.Dispose();
            _foundation.Dispose();
        }
    }
}
