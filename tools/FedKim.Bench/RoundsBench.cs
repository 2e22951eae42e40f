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

    /// <summary>Runs them, and prints what was measured.</summary>
    /// <param name="clients">Client processes.</param>
    /// <param name="mebibytes">The model's size.</param>
    /// <param name="rounds">Rounds of a federation.</param>
    /// <param name="turns">Federations of each build.</param>
    /// <param name="against">Another build's <c>fedkim.dll</c>, which takes turns with this one; null for none.</param>
    /// <param name="options">More that <c>up</c> of this build is told.</param>
    /// <param name="outcome">How it ends.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<int> RunAsync(
        int clients, int mebibytes, int rounds, int turns, string? against, string[] options, Outcome outcome, CancellationToken cancel)
    {
        if (rounds < WarmUp + 2 || turns < 1)
        {
            Console.Error.WriteLine($"--rounds must be at least {WarmUp + 2}, of which the first {WarmUp} do not count, and --turns at least 1.");
            return 2;
        }

        if (against is not null && !File.Exists(against))
        {
            Console.Error.WriteLine($"--against {against}: there is no such file. Name the fedkim.dll of another build.");
            return 2;
        }

        var own = new List<RoundsRun>();
        var other = new List<RoundsRun>();
        var (floors, full) = (new List<double>(), new List<double>());
        for (int i = 0; i < (against is null ? turns : 2 * turns); i++)
        {
            // This, that, that, this, …: neither is always the second.
            bool others = against is not null && i % 4 is 1 or 2;
            string folder = Directory.CreateTempSubdirectory("fedkim-bench-").FullName;
            try
            {
                floors.Add(Floor.Seconds(clients, mebibytes, folder));
                full.Add(Floor.FullSeconds(clients, mebibytes, folder));
                if (await Federate(clients, mebibytes, rounds, others ? [] : options, folder, cancel, others ? against : null) is not { } run)
                    return 1;
                (others ? other : own).Add(run);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        var rows = new JsonArray(Figures.Row("round", "s", own.SelectMany(r => r.Seconds), floors.Min()), Figures.Row("round, full floor", "s", own.SelectMany(r => r.Seconds), full.Min()));
        if (other.Count > 0)
            rows.Add(Figures.Row("round, against", "s", own.SelectMany(r => r.Seconds), Figures.Median([.. other.SelectMany(r => r.Seconds).Order()])));
        Work(rows, "", own);
        Work(rows, ", other build", other);
        var result = new JsonObject
        {
            ["bench"] = "rounds",
            ["parameters"] = new JsonObject
            {
                ["clients"] = clients,
                ["mib"] = mebibytes,
                ["rounds"] = rounds,
                ["turns"] = turns,
                ["warmUp"] = WarmUp,
                ["cores"] = Environment.ProcessorCount,
            },
            ["results"] = rows,
            ["memory"] = Memory(own.Select(r => r.Report)),
        };
        Print(result);
        return await outcome.EndAsync(result, cancel);
    }

    /// <summary>A rehearsal that was run to its end in a folder; null if it failed, which is told.</summary>
    /// <param name="clients">Client processes.</param>
    /// <param name="mebibytes">The model's size.</param>
    /// <param name="rounds">Rounds.</param>
    /// <param name="options">More that <c>up</c> is told.</param>
    /// <param name="folder">Where.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="program">Another build's <c>fedkim.dll</c>; null for this one.</param>
    public static async Task<RoundsRun?> Federate(
        int clients, int mebibytes, int rounds, string[] options, string folder, CancellationToken cancel, string? program = null)
    {
        string plan = Path.Combine(folder, "bench.conf");
        await File.WriteAllTextAsync(plan, RehearsalFile(mebibytes), cancel);
        return await Up(
            ["--federation", plan, "--hospitals", clients.ToString(CultureInfo.InvariantCulture), "--rounds", rounds.ToString(CultureInfo.InvariantCulture)],
            options, folder, cancel, program);
    }

    /// <summary>What <c>fedkim up</c> has run to its end in a folder; null if it failed, which is told.</summary>
    /// <param name="federation">What it is told of the federation.</param>
    /// <param name="options">More that it is told.</param>
    /// <param name="folder">Where.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="program">Another build's <c>fedkim.dll</c>; null for this one.</param>
    /// <param name="warmUp">How many of the first rounds do not count.</param>
    public static async Task<RoundsRun?> Up(
        string[] federation, string[] options, string folder, CancellationToken cancel, string? program = null, int warmUp = WarmUp)
    {
        string file = Path.Combine(folder, "report.json"), log = Path.Combine(folder, "up.log");
        string[] words = ["up", "--until-done", .. federation, "--work", Path.Combine(folder, "run"), "--report", file, .. options];
        var launch = FedKimProgram.Launch("up", log, words);
        if (program is not null)
            launch = launch with { Words = ["dotnet", program, .. words] };
        // Ending the parent ends its nodes, however it ends.
        await using var up = new NodeProcess(launch, TimeProvider.System);
        up.Start();
        await using var meter = new WorkMeter(up.Pid, folder);
        int code = await up.Ended.WaitAsync(cancel);
        if (code != 0)
        {
            Console.Error.WriteLine($"fedkim up ended with {code}: {up.LastLines()}");
            return null;
        }

        var report = Report.Parse(await File.ReadAllTextAsync(file, cancel));
        DateTimeOffset[] opened = [.. report.Rounds.Select(r => DateTimeOffset.Parse(r.OpenedAt, CultureInfo.InvariantCulture)).Skip(warmUp)];
        return new RoundsRun(
            report, [.. opened.Zip(opened.Skip(1), (from, to) => (to - from).TotalSeconds)], [.. opened.Zip(opened.Skip(1), meter.Between)]);
    }

    private static string RehearsalFile(int mebibytes) => $$"""
        include "{{Path.Combine(AppContext.BaseDirectory, "federations", "rehearsal.conf")}}"
        federation.rehearsal {
          mebibytes = {{mebibytes}}
          milliseconds = 0
        }
        """;

    private static void Work(JsonArray rows, string whose, List<RoundsRun> runs)
    {
        if (runs.Count == 0)
            return;
        WorkMeter.Work[] work = [.. runs.SelectMany(r => r.Work)];
        rows.Add(Figures.Row($"processors' time{whose}", "ms", work.Select(w => 1000 * w.Cpu)));
        rows.Add(Figures.Row($"others' processors' time{whose}", "ms", work.Select(w => 1000 * w.Others)));
        if (work.Any(w => double.IsNaN(w.Written)))
            return;
        // What the disk does for one round may fall into the next.
        rows.Add(Figures.Row($"written, mean{whose}", "MiB", [work.Average(w => w.Written)]));
        rows.Add(Figures.Row($"flushes, mean{whose}", "flushes", [work.Average(w => w.Flushes)]));
    }

    /// <summary>The peak of each role's processes.</summary>
    public static JsonArray Memory(IEnumerable<Report> reports) => new([.. reports.SelectMany(report => report.Processes!.Value)
        .GroupBy(p => p.Role)
        .Select(g => new JsonObject { ["role"] = g.Key, ["peakRssMiB"] = g.Max(p => p.PeakRssMiB) })]);

    private static void Print(JsonObject result)
    {
        var parameters = result["parameters"]!;
        Console.WriteLine($"{parameters["clients"]} clients, {parameters["mib"]} MiB, a round:");
        foreach (var row in result["results"]!.AsArray())
            Console.WriteLine($"  {Figures.Line(row!)}");
        foreach (var memory in result["memory"]!.AsArray())
            Console.WriteLine($"  {memory!["role"]}: peak {memory["peakRssMiB"]} MiB");
    }
}

/// <summary>Rounds that were run.</summary>
/// <param name="Report">What <c>up</c> says of them.</param>
/// <param name="Seconds">Of each round that counts, from its opening to the next one's.</param>
/// <param name="Work">What was done meanwhile.</param>
internal sealed record RoundsRun(Report Report, double[] Seconds, WorkMeter.Work[] Work);
