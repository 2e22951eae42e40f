using System.Diagnostics;
using System.Text.Json.Nodes;
using FedKim.Launch.Reports;

namespace FedKim.Bench;

/// <summary>
/// What something that can be turned off costs: <c>fedkim up</c> with it against the same without. Federations of both kinds take turns, so that
/// whatever else the machine does falls on both.
/// </summary>
/// <param name="Name">The bench's name.</param>
/// <param name="With">What is measured: its name, and what <c>up</c> is told.</param>
/// <param name="Without">What it is compared with.</param>
internal sealed record TurnsBench(string Name, TurnsBench.Kind With, TurnsBench.Kind Without)
{
    /// <summary>The journal in a file, and none.</summary>
    public static readonly TurnsBench Journal = new("journal", new("journal in sqlite", "--journal", "sqlite"), new("journal in memory", "--journal", "memory"));

    /// <summary>Certificates and TLS, and neither.</summary>
    public static readonly TurnsBench Security = new("security", new("security on", "--security", "on"), new("security off", "--security", "off"));

    /// <summary>Rounds of the rehearsal.</summary>
    public async Task<int> RoundsAsync(int clients, int mebibytes, int rounds, int turns, Outcome outcome, CancellationToken cancel)
    {
        if (rounds < RoundsBench.WarmUp + 2 || turns < 1)
        {
            Console.Error.WriteLine($"--rounds must be at least {RoundsBench.WarmUp + 2}, of which the first {RoundsBench.WarmUp} do not count, and --turns at least 1.");
            return 2;
        }

        return await RunAsync(
            "round", turns, new JsonObject { ["clients"] = clients, ["mib"] = mebibytes, ["rounds"] = rounds, ["warmUp"] = RoundsBench.WarmUp },
            async (kind, folder) =>
                await RoundsBench.Federate(clients, mebibytes, rounds, kind.Options, folder, cancel) is { } run ? (run.Report, run.Seconds) : null,
            outcome, cancel);
    }

    /// <summary>The demo, from the command to its end.</summary>
    public async Task<int> DemoAsync(int turns, Outcome outcome, CancellationToken cancel)
    {
        if (turns < 1)
        {
            Console.Error.WriteLine("--turns must be at least 1.");
            return 2;
        }

        return await RunAsync(
            "demo", turns, [],
            async (kind, folder) =>
            {
                var watch = Stopwatch.StartNew();
                return await RoundsBench.Up([], kind.Options, folder, cancel) is { } run ? (run.Report, [watch.Elapsed.TotalSeconds]) : null;
            },
            outcome, cancel);
    }

    private async Task<int> RunAsync(
        string what, int turns, JsonObject parameters, Func<Kind, string, Task<(Report Report, double[] Seconds)?>> measure, Outcome outcome, CancellationToken cancel)
    {
        var measured = new List<(Kind Kind, Report Report, double[] Seconds)>();
        for (int i = 0; i < turns * 2; i++)
        {
            // With, without, without, with, …: neither kind is always the second.
            var kind = i % 4 is 0 or 3 ? With : Without;
            string folder = Directory.CreateTempSubdirectory("fedkim-bench-").FullName;
            try
            {
                if (await measure(kind, folder) is not { } one)
                    return 1;
                measured.Add((kind, one.Report, one.Seconds));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        double floor = Figures.Median([.. Seconds(Without).Order()]);
        (parameters["what"], parameters["turns"], parameters["cores"]) = (what, turns, Environment.ProcessorCount);
        var result = new JsonObject
        {
            ["bench"] = Name,
            ["parameters"] = parameters,
            ["results"] = new JsonArray(Row(With), Row(Without)),
            ["memory"] = RoundsBench.Memory(measured.Where(m => m.Kind == With).Select(m => m.Report)),
        };
        foreach (var row in result["results"]!.AsArray())
            Console.WriteLine($"{row!["name"]}: median {row["median"]} s a {what} ({row["min"]} to {row["max"]}), {row["ratio"]} × {Without.Name}");
        foreach (var kind in (Kind[])[With, Without])
            Console.WriteLine($"  {kind.Name}: server's peak {measured.Where(m => m.Kind == kind).SelectMany(m => m.Report.Processes!.Value).Where(p => p.Role == "server").Max(p => p.PeakRssMiB)} MiB");
        return await outcome.EndAsync(result, cancel);

        IEnumerable<double> Seconds(Kind kind) => measured.Where(m => m.Kind == kind).SelectMany(m => m.Seconds);

        JsonObject Row(Kind kind) => Figures.Row(kind.Name, "s", Seconds(kind), floor);
    }

    /// <summary>One of the two.</summary>
    internal sealed record Kind(string Name, params string[] Options);
}
