using System.Globalization;
using System.Text.Json.Nodes;
using FedKim.Launch;
using FedKim.Launch.Reports;
using FedKim.Launch.Supervision;

namespace FedKim.Bench;

/// <summary>
/// Identity rounds: <c>fedkim up</c> with a rehearsal, one process per node, journal on, every update different. A round lasts from its
/// opening to the opening of the next, so that nothing between two rounds is left out.
/// </summary>
internal static class RoundsBench
{
    /// <summary>Rounds that do not count.</summary>
    public const int WarmUp = 2;

    public static async Task<int> RunAsync(int clients, int mebibytes, int rounds, string? json, CancellationToken cancel)
    {
        if (rounds < WarmUp + 2)
        {
            Console.Error.WriteLine($"--rounds is {rounds}; at least {WarmUp + 2} are needed, the first {WarmUp} do not count.");
            return 2;
        }

        string folder = Directory.CreateTempSubdirectory("fedkim-bench-").FullName;
        try
        {
            double floor = Floor.Seconds(clients, mebibytes, folder);
            var report = await Federate(clients, mebibytes, rounds, [], folder, cancel);
            if (report is null)
                return 1;
            double[] seconds = Seconds(report);
            var result = Result(clients, mebibytes, rounds, floor, seconds, report);
            Print(result);
            await Figures.SaveAsync(result, json, cancel);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Seconds of each round that counts, from its opening to the next one's, in ascending order.</summary>
    public static double[] Seconds(Report report)
    {
        var opened = report.Rounds.Select(r => DateTimeOffset.Parse(r.OpenedAt, CultureInfo.InvariantCulture)).ToArray();
        return [.. opened.Zip(opened.Skip(1), (from, to) => (to - from).TotalSeconds).Skip(WarmUp).Order()];
    }

    /// <summary>The report of a rehearsal that was run to its end in a folder; null if it failed, which is told.</summary>
    public static async Task<Report?> Federate(int clients, int mebibytes, int rounds, string[] options, string folder, CancellationToken cancel)
    {
        string plan = Path.Combine(folder, "bench.conf");
        await File.WriteAllTextAsync(plan, RehearsalFile(mebibytes), cancel);
        return await Up(
            ["--federation", plan, "--hospitals", clients.ToString(CultureInfo.InvariantCulture), "--rounds", rounds.ToString(CultureInfo.InvariantCulture)],
            options, folder, cancel);
    }

    /// <summary>The report of what <c>fedkim up</c> has run to its end in a folder; null if it failed, which is told.</summary>
    public static async Task<Report?> Up(string[] federation, string[] options, string folder, CancellationToken cancel)
    {
        string report = Path.Combine(folder, "report.json");
        string[] words = ["up", "--until-done", .. federation, "--work", Path.Combine(folder, "run"), "--report", report, .. options];
        // Ending the parent ends its nodes, however it ends.
        await using var up = new NodeProcess(FedKimProgram.Launch("up", Path.Combine(folder, "up.log"), words), TimeProvider.System);
        up.Start();
        int code = await up.Ended.WaitAsync(cancel);
        if (code == 0)
            return Report.Parse(await File.ReadAllTextAsync(report, cancel));
        Console.Error.WriteLine($"fedkim up ended with {code}: {up.LastLines()}");
        return null;
    }

    private static string RehearsalFile(int mebibytes) => $$"""
        include "{{Path.Combine(AppContext.BaseDirectory, "federations", "rehearsal.conf")}}"
        federation.rehearsal {
          mebibytes = {{mebibytes}}
          milliseconds = 0
        }
        """;

    private static JsonObject Result(int clients, int mebibytes, int rounds, double floor, double[] seconds, Report report) => new()
    {
        ["bench"] = "rounds",
        ["parameters"] = new JsonObject { ["clients"] = clients, ["mib"] = mebibytes, ["rounds"] = rounds, ["warmUp"] = WarmUp, ["cores"] = Environment.ProcessorCount },
        ["results"] = new JsonArray(Figures.Row("round", "s", seconds, floor)),
        ["memory"] = Memory([report]),
    };

    /// <summary>The peak of each role's processes.</summary>
    public static JsonArray Memory(IEnumerable<Report> reports) => new([.. reports.SelectMany(report => report.Processes!.Value)
        .GroupBy(p => p.Role)
        .Select(g => new JsonObject { ["role"] = g.Key, ["peakRssMiB"] = g.Max(p => p.PeakRssMiB) })]);

    private static void Print(JsonObject result)
    {
        var (parameters, round) = (result["parameters"]!, result["results"]![0]!);
        Console.WriteLine(
            $"{parameters["clients"]} clients, {parameters["mib"]} MiB: median {round["median"]} s a round ({round["min"]} to {round["max"]}), "
            + $"{round["ratio"]} × the {round["floor"]} s the bytes alone take");
        foreach (var memory in result["memory"]!.AsArray())
            Console.WriteLine($"  {memory!["role"]}: peak {memory["peakRssMiB"]} MiB");
    }
}
