using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FedKim.Launch.Reports;

namespace FedKim.Bench;

/// <summary>
/// Rounds of many sites on one machine: <c>fedkim up</c> with a small rehearsal, several sites a process, journal on, first with a quarter of the sites and then
/// with all of them. What grows with the sites, and how, shows between the two.
/// </summary>
internal static partial class ScaleBench
{
    // Nothing is warm in it.
    private const int WarmUp = 1;

    public static async Task<int> RunAsync(int clients, int perNode, int rounds, int kibibytes, Outcome outcome, CancellationToken cancel)
    {
        if (clients < 8 || perNode < 2 || rounds < WarmUp + 2)
        {
            Console.Error.WriteLine($"--clients must be at least 8, --per-node at least 2 and --rounds at least {WarmUp + 2}, of which the first {WarmUp} does not count.");
            return 2;
        }

        if (await MeasureAsync(clients / 4, perNode, rounds, kibibytes, cancel) is not { } quarter
            || await MeasureAsync(clients, perNode, rounds, kibibytes, cancel) is not { } all)
        {
            return 1;
        }

        double more = (double)all.Clients / quarter.Clients;
        var result = new JsonObject
        {
            ["bench"] = "scale",
            ["parameters"] = new JsonObject
            {
                ["clients"] = clients,
                ["perNode"] = perNode,
                ["rounds"] = rounds,
                ["warmUp"] = WarmUp,
                ["kib"] = kibibytes,
                ["cores"] = Environment.ProcessorCount,
            },
            ["results"] = new JsonArray(
                Figures.Row($"round of {quarter.Clients}", "s", quarter.Seconds),
                Figures.Row($"round of {all.Clients}", "s", all.Seconds, Figures.Median(quarter.Seconds) * more),
                Figures.Row("journal writes a round", "writes", all.Writes, all.Clients / 50.0),
                Figures.Row("server's memory a client", "kB", [all.ServerKiB / all.Clients]),
                Figures.Row("server's memory a client more", "kB", [(all.ServerKiB - quarter.ServerKiB) / (all.Clients - quarter.Clients)]),
                Figures.Row("hospital process's memory a client", "kB", [all.HospitalKiB / Math.Min(perNode, all.Clients)])),
            ["memory"] = RoundsBench.Memory([all.Report]),
        };
        foreach (var row in result["results"]!.AsArray())
            Console.WriteLine(Figures.Line(row!));
        return await outcome.EndAsync(result, cancel);
    }

    private static async Task<Measured?> MeasureAsync(int clients, int perNode, int rounds, int kibibytes, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("fedkim-bench-").FullName;
        try
        {
            string plan = Path.Combine(folder, "scale.conf");
            // Named one by one, thousands of sites would not fit into a plan.
            await File.WriteAllTextAsync(plan, $$"""
                include "{{Path.Combine(AppContext.BaseDirectory, "federations", "rehearsal.conf")}}"
                federation {
                  clients = any
                  least = {{clients}}
                  most = {{clients}}
                  quorum = 100 %
                  deadline = 2 hours
                  rehearsal { mebibytes = 0, kibibytes = {{kibibytes}}, milliseconds = 0 }
                }
                """, cancel);
            string[] federation = ["--federation", plan, "--rounds", rounds.ToString(CultureInfo.InvariantCulture), "--per-node", perNode.ToString(CultureInfo.InvariantCulture)];
            if (await RoundsBench.Up(federation, [], folder, cancel, warmUp: WarmUp) is not { } run)
                return null;
            var measured = new Measured(
                clients, run.Report, [.. run.Seconds.Order()], [.. (await Writes(Path.Combine(folder, "run", "server", "log"), cancel)).Skip(WarmUp)]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {clients} clients: {Figures.Median(measured.Seconds):0.0} s a round, {Figures.Median([.. measured.Writes.Order()]):0} journal writes, server {measured.ServerKiB / 1024:0} MiB"));
            return measured;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // As the server's log tells it at the end of each round.
    private static async Task<double[]> Writes(string log, CancellationToken cancel)
    {
        var writes = new List<double>();
        foreach (string file in Directory.EnumerateFiles(log, "console.log"))
        {
            await foreach (string line in File.ReadLinesAsync(file, cancel))
            {
                if (Written().Match(line) is { Success: true } found)
                    writes.Add(double.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture));
            }
        }

        return [.. writes];
    }

    [GeneratedRegex(@"events in (\d+) writes")]
    private static partial Regex Written();

    /// <param name="Clients">How many.</param>
    /// <param name="Report">What the run reports.</param>
    /// <param name="Seconds">Of each round that counts, in ascending order.</param>
    /// <param name="Writes">Of the journal, in each round that counts.</param>
    private sealed record Measured(int Clients, Report Report, double[] Seconds, double[] Writes)
    {
        public double ServerKiB => Peak("server");

        public double HospitalKiB => Peak("hospital");

        private double Peak(string role) => Report.Processes!.Value.Where(p => p.Role == role).Max(p => p.PeakRssMiB) * 1024;
    }
}
