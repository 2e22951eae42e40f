using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Bench;

/// <summary>
/// The aggregation of a round, from files in the page cache to a file there, against copying as many bytes in memory. It takes turns with what
/// it is compared with, so that whatever else the machine does falls on all of them.
/// </summary>
internal static class AggregateBench
{
    private const int Tensors = 16;
    private const int BlockBytes = 128 * 1024;

    /// <summary>Measures it.</summary>
    /// <param name="updates">Updates of a round, at least 1.</param>
    /// <param name="values">Values of the model, 32-bit floats; rounded down to whole tensors.</param>
    /// <param name="turns">Measured runs; one before warms up.</param>
    /// <param name="folder">Where the files are made, updates times the model's bytes.</param>
    /// <param name="outcome">How it ends.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<int> RunAsync(int updates, int values, int turns, string folder, Outcome outcome, CancellationToken cancel)
    {
        if (updates < 1 || values < Tensors || turns < 1)
        {
            Console.Error.WriteLine($"--updates and --turns must be at least 1, --values at least {Tensors}.");
            return 2;
        }

        string place = Directory.CreateDirectory(Path.Combine(folder, $"fedkim-bench-{Environment.ProcessId}")).FullName;
        try
        {
            var random = SeededGenerator.Derive(1);
            byte[] model = new byte[values / Tensors * Tensors * sizeof(float)];
            var global = Write("global");
            WeightFile[] files = [.. Enumerable.Range(0, updates).Select(i => Write($"update-{i}"))];
            // Copied from and to: one stretch a file, up to as much as lies outside any cache.
            int stretches = (int)Math.Clamp((1L << 30) / model.Length, 1, updates + 1);
            byte[][] from = [.. Enumerable.Range(0, stretches).Select(_ => model.ToArray())], to = [.. from.Select(b => b.ToArray())];

            List<double> checkedSums = [], plainSums = [], hashes = [], copies = [];
            OwnMemory.ForgetPeak();
            double before = OwnMemory.Held;
            for (int turn = 0; turn <= turns; turn++)
            {
                cancel.ThrowIfCancellationRequested();
                double[] seconds = [Sum(f => SafetensorsReader.Open(f)), Sum(f => SafetensorsReader.Open(PlainBytes.Open(f))), Hash(), Copy()];
                if (turn == 0)
                    continue;
                foreach (var (list, measured) in ((List<double>[])[checkedSums, plainSums, hashes, copies]).Zip(seconds))
                    list.Add(measured * 1000);
            }

            double peak = OwnMemory.Peak;
            double floor = Figures.Median([.. copies.Order()]), hash = Figures.Median([.. hashes.Order()]);
            var result = new JsonObject
            {
                ["bench"] = "aggregate",
                ["parameters"] = new JsonObject
                {
                    ["updates"] = updates,
                    ["values"] = model.Length / sizeof(float),
                    ["turns"] = turns,
                    ["cores"] = Environment.ProcessorCount,
                },
                ["results"] = new JsonArray(
                    Figures.Row("aggregation", "ms", checkedSums, floor),
                    Figures.Row("aggregation, SHA-256 as floor", "ms", checkedSums, hash),
                    Figures.Row("aggregation, updates not hashed", "ms", plainSums, floor),
                    Figures.Row("SHA-256 alone", "ms", hashes, floor),
                    Figures.Row("memory copy", "ms", copies, floor)),
                ["memory"] = new JsonArray(new JsonObject { ["role"] = "above what was held before", ["peakRssMiB"] = Math.Round(peak - before, 1) }),
            };
            foreach (var row in result["results"]!.AsArray())
                Console.WriteLine(Figures.Line(row!));
            Console.WriteLine($"  {peak - before:F0} MiB, of a model of {model.Length / (double)(1 << 20):F1} MiB");
            return await outcome.EndAsync(result, cancel);

            WeightFile Write(string name)
            {
                // A small change makes another file; what the values are costs nothing.
                Fill(model, random);
                string path = Path.Combine(place, name);
                int length = model.Length / Tensors;
                return new WeightFile(path, SafetensorsWriter.Write(
                    path, Enumerable.Range(0, Tensors).Select(t => TensorData.Of($"encoder.{t:00}", DType.F32, [length / sizeof(float)], model.AsMemory(t * length, length))), durable: false));
            }

            double Sum(Func<WeightFile, ITensorFile> open)
            {
                string output = Path.Combine(place, "aggregate");
                ClientUpdate[] round = [.. files.Select((file, i) => new ClientUpdate(new ClientId($"site-{i}"), () => open(file), SampleCounts.Of(("bench", i + 1))))];
                File.Delete(output);
                return Timed(() => Aggregation.Run(Plan, round, global, output));
            }

            double Copy() => Timed(() => Each(updates + 1, i => from[i % stretches].AsSpan().CopyTo(to[i % stretches])));

            double Hash() => Timed(() => Each(updates + 2, i =>
            {
                using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                for (int at = 0; at < model.Length; at += BlockBytes)
                    hash.AppendData(from[i % stretches].AsSpan(at, Math.Min(BlockBytes, model.Length - at)));
                hash.GetHashAndReset();
            }));
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    private static FederationPlan Plan { get; } = new()
    {
        Id = new FederationId("bench"),
        Seed = 1,
        Rounds = 1,
        Clients = [],
        Quorum = 1,
        Deadline = TimeSpan.FromHours(1),
        Strategy = "fedavg",
        Weighting = "samples",
        Method = "bench",
        Parts = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty,
        Learning = "{}",
    };

    private static void Each(int count, Action<int> work) => Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, work);

    private static double Timed(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    private static void Fill(byte[] model, SeededGenerator random)
    {
        var values = MemoryMarshal.Cast<byte, float>(model.AsSpan());
        float start = (float)random.NextDouble();
        for (int i = 0; i < values.Length; i++)
            values[i] = start + i * 1e-7f;
    }
}
