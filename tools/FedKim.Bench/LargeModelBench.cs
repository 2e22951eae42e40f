using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Nodes;
using FedKim.Learning;
using FedKim.Models;
using FedKim.Models.Foundation;
using FedKim.Models.Injection;
using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Bench;

/// <summary>What is measured on which model.</summary>
/// <param name="Config">The model; its weights are random.</param>
/// <param name="Folder">Where it is written; twice its size must be free. Emptied afterwards.</param>
/// <param name="Device">Where it is computed.</param>
/// <param name="Experts">P.</param>
/// <param name="Rank">r.</param>
/// <param name="Tokens">Tokens of the injection's sequence.</param>
/// <param name="Generated">Tokens to generate.</param>
/// <param name="Steps">Injection steps.</param>
/// <param name="Checkpointed">Whether the step computes layers again in its backward pass.</param>
/// <param name="Threads">Threads of libtorch.</param>
internal sealed record LargeModelPlan(
    FoundationConfig Config, string Folder, InjectorDevice Device, int Experts, int Rank, int Tokens, int Generated, int Steps, bool Checkpointed, int Threads);

/// <summary>
/// A foundation model of the real size from its published form to a training step: written at random, imported as a published one is, loaded,
/// asked to generate, and injected into: AdamW on experts beside every projection of every layer, 32-bit floats, one sequence a step.
/// </summary>
internal static class LargeModelBench
{
    private const int FeatureWidth = 192, MostFeatures = 197, AnswerTokens = 4;

    public static async Task<int> RunAsync(LargeModelPlan plan, Outcome outcome, CancellationToken cancel)
    {
        Directory.CreateDirectory(plan.Folder);
        long bytes = RandomCheckpoint.Bytes(plan.Config), free = new DriveInfo(Path.GetFullPath(plan.Folder)).AvailableFreeSpace;
        if (free < bytes * 22 / 10)
        {
            await Console.Error.WriteLineAsync($"{plan.Folder} has {free >> 20} MiB free; {bytes * 22 / 10 >> 20} are needed, for the model as published and as imported. Name another folder with --folder.");
            return 2;
        }

        TorchRuntime.Load();
        TorchRuntime.UseThreads(plan.Threads);
        var (source, model) = (Path.Combine(plan.Folder, "published"), Path.Combine(plan.Folder, "imported"));
        var phases = new Phases();
        try
        {
            phases.Time("write", () => RandomCheckpoint.Write(source, plan.Config));
            phases.Time("import", () => FoundationImport.Run(source, model, DType.BF16, _ => cancel.ThrowIfCancellationRequested()));
            Directory.Delete(source, recursive: true);
            Compute(plan, model, phases, cancel);
        }
        finally
        {
            foreach (string folder in new[] { source, model }.Where(Directory.Exists))
                Directory.Delete(folder, recursive: true);
        }

        var result = new JsonObject
        {
            ["bench"] = "large-model",
            ["parameters"] = new JsonObject
            {
                ["parameters"] = bytes / 2,
                ["layers"] = plan.Config.NumHiddenLayers,
                ["hidden"] = plan.Config.HiddenSize,
                ["experts"] = plan.Experts,
                ["rank"] = plan.Rank,
                ["tokens"] = plan.Tokens,
                ["checkpointed"] = plan.Checkpointed,
                ["device"] = plan.Device.Name,
                ["dtype"] = plan.Device.Type,
                ["threads"] = plan.Threads,
            },
            ["results"] = phases.Results(),
            ["memory"] = phases.Memory(),
        };
        foreach (var row in result["results"]!.AsArray())
            Console.WriteLine($"{row!["name"]}: median {row["median"]} {row["unit"]} ({row["min"]} to {row["max"]})");
        foreach (var held in result["memory"]!.AsArray())
            Console.WriteLine($"{held!["role"]}: peak {held["peakRssMiB"]} MiB");
        return await outcome.EndAsync(result, cancel);
    }

    private static void Compute(LargeModelPlan plan, string folder, Phases phases, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        FoundationModel? loaded = null;
        phases.Time("load", () => loaded = FoundationModel.Load(folder, plan.Device.ScalarType, plan.Device.Open()));
        using var model = loaded!;
        Tensor Words(int count) => arange(count, ScalarType.Int64).add(300).remainder(plan.Config.VocabSize).unsqueeze(0).to(model.Device);
        // The first token reads the weights for the first time, and is no measure.
        Generate(1);
        phases.Time("generate", () => Generate(plan.Generated), seconds => ("tokens/s", plan.Generated / seconds));

        int features = Math.Min(MostFeatures, plan.Tokens / 2);
        var shape = new AdapterShape(ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal).Add("image", FeatureWidth), plan.Experts, plan.Rank);
        using var injected = new InjectedFoundationModel(model, shape, seed: 1);
        using var adam = new FlatAdam(injected.Parameters.Values, decay: 0.01);
        int[] prompt = [.. Enumerable.Range(300, plan.Tokens - features - AnswerTokens)], answer = [.. Enumerable.Range(400, AnswerTokens)],
            description = [.. Enumerable.Range(500, 8)];
        for (int step = 0; step < plan.Steps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var input = new InjectionInput([("image", randn(1, features, FeatureWidth, device: model.Device).requires_grad_())], [prompt], [description], [description]);
            phases.Time("injection step", () => Step(injected, input, answer, plan.Checkpointed, adam));
            phases.Time("AdamW", () =>
            {
                GradientClip.Apply([adam.Gradient], 1);
                adam.Step(5e-4);
                if (!adam.IsFinite)
                    throw new InvalidOperationException("The step's parameters are no finite numbers.");
            });
        }

        void Generate(int tokens)
        {
            using var generation = NewDisposeScope();
            using var gradient = no_grad();
            _ = model.Generate(model.Embed(Words(8)), null, tokens, stopAtEnd: false);
        }
    }

    private static void Step(InjectedFoundationModel injected, InjectionInput input, int[] answer, bool checkpointed, FlatAdam adam)
    {
        using var scope = NewDisposeScope();
        using var checkpoints = checkpointed ? new ActivationCheckpoints() : null;
        var loss = injected.AnswerLoss(input, [answer], checkpoints);
        if (checkpoints is null)
            loss.backward();
        else
            checkpoints.Backward(loss);
        // Reading a number waits for an accelerator to come to it.
        if (!double.IsFinite(loss.item<float>() + adam.Gradient.select(0, 0).item<float>()))
            throw new InvalidOperationException("The step's loss is no finite number.");
    }

    /// <summary>Seconds, or what they make, and the peak of each phase.</summary>
    private sealed class Phases
    {
        private readonly List<(string Name, string Unit, double Value, double Peak)> _measured = [];

        public void Time(string name, Action work, Func<double, (string Unit, double Value)>? figure = null)
        {
            OwnMemory.ForgetPeak();
            var watch = Stopwatch.StartNew();
            work();
            double seconds = watch.Elapsed.TotalSeconds;
            var (unit, value) = figure?.Invoke(seconds) ?? ("s", seconds);
            _measured.Add((name, unit, value, OwnMemory.Peak));
            Console.WriteLine($"{name}: {value:F2} {unit}, peak {OwnMemory.Peak:F0} MiB");
        }

        public JsonArray Results() => new([.. _measured.GroupBy(m => (m.Name, m.Unit)).Select(g => Figures.Row(g.Key.Name, g.Key.Unit, g.Select(m => m.Value)))]);

        public JsonArray Memory() => new([.. _measured.GroupBy(m => m.Name).Select(g => new JsonObject { ["role"] = g.Key, ["peakRssMiB"] = Math.Round(g.Max(m => m.Peak), 1) })]);
    }
}
