using System.Diagnostics;
using System.Text.Json.Nodes;
using FedKim.Models;
using FedKim.Models.Foundation;
using FedKim.Models.Injection;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Bench;

/// <summary>
/// What twelve experts cost beside one plain LoRA of the same rank: a training step, forward and backward, on a small random model (width 512,
/// 8 layers, 512 tokens, 32-bit floats). The experts as they are computed, as two matrix products, and as a loop over the experts, which
/// only this bench has. The three take turns, so that whatever else the machine does falls on all.
/// </summary>
internal static class InjectionBench
{
    private const int Tokens = 512, Experts = 12, Rank = 8;

    private static readonly FoundationConfig Config = new()
    {
        VocabSize = 1024,
        HiddenSize = 512,
        IntermediateSize = 2048,
        NumHiddenLayers = 8,
        NumAttentionHeads = 8,
    };

    public static async Task<int> RunAsync(int threads, int repeats, Outcome outcome, CancellationToken cancel)
    {
        if (repeats < 1 || threads < 1)
        {
            await Console.Error.WriteLineAsync($"--repeats is {repeats} and --threads {threads}; both must be at least 1.");
            return 2;
        }

        TorchRuntime.Load();
        TorchRuntime.UseThreads(threads);
        var results = Measure(repeats, cancel);
        var memory = new JsonArray([.. results.Select(r => new JsonObject { ["role"] = r.Name, ["peakRssMiB"] = Math.Round(r.Peak, 1), ["stepMiB"] = Math.Round(r.Step, 1) })]);
        var result = new JsonObject
        {
            ["bench"] = "injection",
            ["parameters"] = new JsonObject { ["hidden"] = Config.HiddenSize, ["layers"] = Config.NumHiddenLayers, ["tokens"] = Tokens, ["experts"] = Experts, ["rank"] = Rank, ["threads"] = threads, ["repeats"] = repeats },
            // The stacked experts are to come near one LoRA, and the loop is what they save.
            ["results"] = new JsonArray([.. Rows("ms", r => r.Milliseconds), .. Rows("ms of processors", r => r.Computing)]),
            ["memory"] = memory,
        };
        foreach (var row in result["results"]!.AsArray())
            Console.WriteLine($"{row!["name"]}: median {row["median"]} {row["unit"]} a step ({row["min"]} to {row["max"]}), {row["ratio"]} × {row["floor"]}");
        foreach (var held in memory)
            Console.WriteLine($"{held!["role"]}: {held["stepMiB"]} MiB a step");
        return await outcome.EndAsync(result, cancel);

        IEnumerable<JsonNode> Rows(string unit, Func<Measured, List<double>> values)
        {
            double[] medians = [.. results.Select(r => Figures.Median([.. values(r).Order()]))];
            for (int i = 0; i < results.Length; i++)
                yield return Figures.Row(results[i].Name, unit, values(results[i]), medians[Math.Max(0, i - 1)]);
        }
    }

    private static Measured[] Measure(int repeats, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var model = FoundationModel.Create(Config, _ => 1);
        foreach (var tensor in model.Tensors.Values)
            tensor.requires_grad = false;
        var ids = randint(0, Config.VocabSize, [1, Tokens], ScalarType.Int64);
        // Feature tokens are trained through, so the first layer's input has a gradient too.
        var embeddings = model.Embed(ids).detach().requires_grad_();
        var one = ones(1, 1);
        Tensor[] weights = [.. ones(Experts).div(Experts).unsqueeze(0).split(1, 1)];
        var alpha = cat(weights, 1).detach().requires_grad_();
        var (plain, many) = (new Beside(1), new Beside(Experts));
        Variant[] variants =
        [
            new("lora", plain, (layer, projection, h, weight, bias) => plain.Experts(layer, projection).Project(h, weight, bias, one)),
            new("experts-stacked", many, (layer, projection, h, weight, bias) => many.Experts(layer, projection).Project(h, weight, bias, alpha)),
            new("experts-loop", many, (layer, projection, h, weight, bias) => Loop(many.Factors(layer, projection), h, nn.functional.linear(h, weight, bias), alpha)),
        ];
        var measured = variants.Select(v => new Measured(v.Name)).ToArray();
        // The first turn warms up and measures memory, whose bookkeeping takes time.
        for (int turn = 0; turn <= repeats; turn++)
        {
            for (int i = 0; i < variants.Length; i++)
            {
                cancel.ThrowIfCancellationRequested();
                int place = (i + turn) % variants.Length;
                if (turn == 0)
                    measured[place].Weigh(() => Step(model, embeddings, ids, variants[place]));
                else
                    measured[place].Time(() => Step(model, embeddings, ids, variants[place]));
            }
        }

        return measured;
    }

    private static void Step(FoundationModel model, Tensor embeddings, Tensor ids, Variant variant)
    {
        using var scope = NewDisposeScope();
        FoundationModel.Loss(model.Logits(model.Read(embeddings, adapter: variant.Adapter)), ids).backward();
        foreach (var parameter in variant.Beside.Parameters.Append(embeddings))
            parameter.grad = null;
    }

    // eq. 5 as it is printed.
    private static Tensor Loop((Parameter A, Parameter B) factors, Tensor h, Tensor c, Tensor alpha)
    {
        var sum = c;
        for (int p = 0; p < Experts; p++)
            sum = sum.add(nn.functional.linear(nn.functional.linear(h, factors.A[p]), factors.B[p]).mul(alpha.select(1, p)));
        return sum;
    }

    private sealed record Variant(string Name, Beside Beside, ProjectionAdapter Adapter);

    private sealed record Measured(string Name)
    {
        public List<double> Milliseconds { get; } = [];

        /// <summary>Milliseconds of processors, which do not grow with what else the machine does.</summary>
        public List<double> Computing { get; } = [];

        public double Peak { get; private set; }

        public double Step { get; private set; }

        public void Weigh(Action step)
        {
            OwnMemory.ForgetPeak();
            double before = OwnMemory.Held;
            step();
            (Peak, Step) = (OwnMemory.Peak, OwnMemory.Peak - before);
        }

        public void Time(Action step)
        {
            var computing = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            step();
            Milliseconds.Add(watch.Elapsed.TotalMilliseconds);
            Computing.Add((Environment.CpuUsage.TotalTime - computing).TotalMilliseconds);
        }
    }

    /// <summary>Experts beside every projection of the model; B is not zero, or there would be no gradient for A.</summary>
    private sealed class Beside
    {
        private readonly Dictionary<(int Layer, string Projection), (Parameter A, Parameter B)> _factors = [];

        public Beside(int experts)
        {
            foreach (var (layer, projection, _, shape) in Config.Projections())
                _factors.Add((layer, projection), (new Parameter(randn(experts, Rank, shape[1]).mul(0.02)), new Parameter(randn(experts, shape[0], Rank).mul(0.02))));
        }

        public IEnumerable<Tensor> Parameters => _factors.Values.SelectMany(f => new Tensor[] { f.A, f.B });

        public (Parameter A, Parameter B) Factors(int layer, string projection) => _factors[(layer, projection)];

        public LoraExperts Experts(int layer, string projection) => new(_factors[(layer, projection)].A, _factors[(layer, projection)].B);
    }
}
