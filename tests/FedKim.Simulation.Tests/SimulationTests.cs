using System.Diagnostics;
using System.Globalization;
using FedKim.Parameters;

namespace FedKim.Simulation.Tests;

/// <summary>
/// Many federations, each with faults drawn from its own seed. What goes wrong prints that seed; <see cref="SeedName"/> and
/// <see cref="RunsName"/> run it alone.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const string SeedName = "FEDKIM_SIMULATION_SEED";
    private const string RunsName = "FEDKIM_SIMULATION_RUNS";
    private const long DefaultSeed = 20_250_701;
    private const int DefaultRuns = 200;

    private static readonly TimeSpan NoDeadline = TimeSpan.FromHours(1);

    [Fact]
    public void A_federation_ends_with_the_same_model_whatever_dies_freezes_or_is_lost()
    {
        var plan = Run.Plan(quorum: 5, NoDeadline);
        string[] others = [.. Run.Sites, "injector", "server-1", "server-2"];
        Hold(DefaultRuns, Run.Of(plan, 0, []), seed => Run.Of(plan, seed, FaultSchedule.Draw(seed, others)));
    }

    [Fact]
    public void A_federation_ends_with_the_same_model_when_a_disk_changes_a_byte_of_every_file()
    {
        var plan = Run.Plan(quorum: 5, NoDeadline) with { MaxNorm = 1000 };
        string[] others = [.. Run.Sites, "injector", "server-1", "server-2"];
        Hold(DefaultRuns / 2, Run.Of(plan, 0, []), seed => Run.Of(plan, seed, FaultSchedule.DrawWithRot(seed, others)));
    }

    [Fact]
    public void Sites_that_stay_away_are_left_out_and_change_nothing_else()
    {
        var plan = Run.Plan(quorum: 3, TimeSpan.FromMinutes(2));
        string[] absent = ["hospital-b", "hospital-d"];
        string[] others = [.. Run.Sites.Except(absent), "injector", "server-1", "server-2"];
        Hold(DefaultRuns / 10, Run.Of(plan, 0, [], absent), seed => Run.Of(plan, seed, FaultSchedule.Draw(seed, others), absent));
    }

    [Fact]
    public void The_moments_of_a_strategy_survive_whatever_dies_freezes_or_is_lost()
    {
        var plan = Run.Plan(quorum: 5, NoDeadline) with { Strategy = "fedadam", ServerOptimizer = Aggregation.Recommended("fedadam") };
        string[] others = [.. Run.Sites, "injector", "server-1", "server-2"];
        Hold(DefaultRuns / 4, Run.Of(plan, 0, []), seed => Run.Of(plan, seed, FaultSchedule.Draw(seed, others)));
    }

    private void Hold(int runs, Run undisturbed, Func<long, Run> disturbed)
    {
        if (undisturbed.Faulty(undisturbed.Result) is { Length: > 0 } disturbing)
            Assert.Fail($"{disturbing}\n{undisturbed}");
        long first = Setting(SeedName, DefaultSeed);
        runs = (int)Setting(RunsName, runs);
        output.WriteLine($"{SeedName}={first} {RunsName}={runs}");
        long started = Stopwatch.GetTimestamp();
        int next = -1;
        var struck = new SortedDictionary<Trouble, int>();
        var failed = new List<string>();
        // Threads of their own: the loops would take the pool's, which they wait for.
        Thread[] threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        output.WriteLine($"{runs} runs in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s. Struck: {string.Join(", ", struck.Select(s => $"{s.Key} {s.Value}"))}.");
        if (failed.Count > 0)
            Assert.Fail($"{failed.Count} of {runs} runs went wrong. {SeedName} and {RunsName}=1 run one alone.\n\n{string.Join("\n\n", failed.Take(3))}");

        void Work()
        {
            while (Interlocked.Increment(ref next) is var index && index < runs)
            {
                var run = disturbed(first + index);
                string faulty = run.Faulty(undisturbed.Result);
                lock (failed)
                {
                    foreach (var strike in run.Struck)
                        struck[strike.Fault.What] = struck.GetValueOrDefault(strike.Fault.What) + 1;
                    if (faulty.Length > 0)
                        failed.Add($"{faulty}\n{run}");
                }
            }
        }
    }

    private static long Setting(string name, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out long value) ? value : otherwise;
}
