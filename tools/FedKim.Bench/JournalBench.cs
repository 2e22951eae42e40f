using System.Text.Json.Nodes;
using FedKim.Launch.Reports;

namespace FedKim.Bench;

/// <summary>
/// What the journal costs: the rounds of <see cref="RoundsBench"/> with every decision in a SQLite file, against the same rounds with nothing
/// stored at all. Federations of both kinds take turns, so that whatever else the machine does falls on both.
/// </summary>
internal static class JournalBench
{
    private const string Stored = "sqlite";
    private const string Unstored = "memory";

    public static async Task<int> RunAsync(int clients, int mebibytes, int rounds, int turns, string? json, CancellationToken cancel)
    {
        if (rounds < RoundsBench.WarmUp + 2 || turns < 1)
        {
            Console.Error.WriteLine($"--rounds must be at least {RoundsBench.WarmUp + 2}, of which the first {RoundsBench.WarmUp} do not count, and --turns at least 1.");
            return 2;
        }

        var reports = new List<(string Journal, Report Report)>();
        for (int i = 0; i < turns * 2; i++)
        {
            // Stored, unstored, unstored, stored, …: neither kind is always the second.
            string journal = i % 4 is 0 or 3 ? Stored : Unstored;
            string folder = Directory.CreateTempSubdirectory("fedkim-bench-").FullName;
            try
            {
                if (await RoundsBench.Federate(clients, mebibytes, rounds, journal, folder, cancel) is not { } report)
                    return 1;
                reports.Add((journal, report));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        double floor = Figures.Median([.. Seconds(Unstored).Order()]);
        var result = new JsonObject
        {
            ["bench"] = "journal",
            ["parameters"] = new JsonObject { ["clients"] = clients, ["mib"] = mebibytes, ["rounds"] = rounds, ["warmUp"] = RoundsBench.WarmUp, ["turns"] = turns, ["cores"] = Environment.ProcessorCount },
            ["results"] = new JsonArray(Row(Stored), Row(Unstored)),
            ["memory"] = RoundsBench.Memory(reports.Where(r => r.Journal == Stored).Select(r => r.Report)),
        };
        Console.WriteLine($"{clients} clients, {mebibytes} MiB, {turns} federations of {rounds} rounds each:");
        foreach (var row in result["results"]!.AsArray())
            Console.WriteLine($"  journal in {row!["name"]}: median {row["median"]} s a round ({row["min"]} to {row["max"]}), {row["ratio"]} × the rounds without one");
        await Figures.SaveAsync(result, json, cancel);
        return 0;

        IEnumerable<double> Seconds(string journal) => reports.Where(r => r.Journal == journal).SelectMany(r => RoundsBench.Seconds(r.Report));

        JsonObject Row(string journal) => Figures.Row(journal, "s", Seconds(journal), floor);
    }
}
