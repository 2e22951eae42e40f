using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Commands.Palettes;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Launch.Supervision;

namespace FedKim.Bench;

/// <summary>
/// A long federation: <c>fedkim up</c> with a small rehearsal, in which the server is killed near the start and near the end. What a take-over
/// takes, and what the server holds, must not grow with the rounds that are over.
/// </summary>
internal static class LongBench
{
    private const int Early = 10;
    private const int Settled = 100;
    private const int Turns = 3;
    private const int Looks = 25;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public static async Task<int> RunAsync(int clients, int rounds, Outcome outcome, CancellationToken cancel)
    {
        if (rounds < Settled + 50)
        {
            Console.Error.WriteLine($"--rounds is {rounds}; at least {Settled + 50} are needed.");
            return 2;
        }

        string folder = Directory.CreateTempSubdirectory("fedkim-bench-").FullName;
        int port = Ports.FreeRow(clients + 2);
        await using var up = Start(folder, clients, rounds, port);
        try
        {
            var node = new NodeAddress("127.0.0.1", port);
            double[] early = await TakeOvers(node, Early, cancel);
            var settled = await Held(node, Settled, cancel);
            var last = await Held(node, rounds - Early, cancel);
            await Committed(node, rounds, cancel);
            double[] late = await TakeOvers(node, rounds, cancel);
            var result = new JsonObject
            {
                ["bench"] = "long",
                ["parameters"] = new JsonObject { ["clients"] = clients, ["rounds"] = rounds, ["cores"] = Environment.ProcessorCount },
                ["results"] = new JsonArray(
                    Figures.Row($"take-over after round {Early}", "s", early), Figures.Row($"take-over after round {rounds}", "s", late, Figures.Median([.. early.Order()])),
                    Figures.Row($"server's memory after round {Settled}", "MiB", settled.Mebibytes),
                    Figures.Row($"server's memory after round {rounds - Early}", "MiB", last.Mebibytes, Figures.Median([.. settled.Mebibytes.Order()])),
                    Figures.Row($"server's open files after round {Settled}", "files", [settled.Files]),
                    Figures.Row($"server's open files after round {rounds - Early}", "files", [last.Files], settled.Files),
                    Figures.Row($"a round shown, after round {Settled}", "ms", settled.Shown),
                    Figures.Row($"a round shown, after round {rounds - Early}", "ms", last.Shown, Figures.Median([.. settled.Shown.Order()]))),
                ["memory"] = new JsonArray(),
            };
            foreach (var row in result["results"]!.AsArray())
                Console.WriteLine($"{row!["name"]}: median {row["median"]} {row["unit"]} ({row["min"]} to {row["max"]}){(row["ratio"] is { } ratio ? $", {ratio} × the first" : "")}");
            return await outcome.EndAsync(result, cancel);
        }
        finally
        {
            await up.KillAsync();
            await Gone(folder);
        }
    }

    private static NodeProcess Start(string folder, int clients, int rounds, int port)
    {
        string plan = Path.Combine(folder, "long.conf");
        File.WriteAllText(plan, $$"""
            include "{{Path.Combine(AppContext.BaseDirectory, "federations", "rehearsal.conf")}}"
            federation.quorum = 100 %
            federation.rehearsal { mebibytes = 1, milliseconds = 0 }
            """);
        string[] words =
        [
            "up", "--federation", plan,
            "--hospitals", clients.ToString(CultureInfo.InvariantCulture), "--rounds", rounds.ToString(CultureInfo.InvariantCulture),
            "--work", Path.Combine(folder, "run"), "--pbm-port", port.ToString(CultureInfo.InvariantCulture),
        ];
        var up = new NodeProcess(FedKimProgram.Launch("up", Path.Combine(folder, "up.log"), words), TimeProvider.System);
        up.Start();
        return up;
    }

    // Seconds from the server's end to the answer of its successor, which leads by then; `up` waits a quarter of a second before it starts one.
    private static async Task<double[]> TakeOvers(NodeAddress node, int round, CancellationToken cancel)
    {
        var seconds = new List<double>();
        for (int i = 0; i < Turns; i++)
        {
            var before = await Committed(node, round, cancel);
            int pid = (int)long.Parse((await Ask(node, "node", "status", cancel))!["pid"].ToString(), CultureInfo.InvariantCulture);
            using var server = Process.GetProcessById(pid);
            long start = Stopwatch.GetTimestamp();
            server.Kill();
            while (await Ask(node, "federation", "status", cancel) is not { } after || after["epoch"].ToString() == before["epoch"].ToString())
                await Task.Delay(Look, cancel);
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  after round {round}: {seconds[^1]:0.000} s"));
        }

        return [.. seconds];
    }

    private static async Task<Holding> Held(NodeAddress node, int round, CancellationToken cancel)
    {
        await Committed(node, round, cancel);
        while (true)
        {
            if (await Ask(node, "node", "status", cancel) is { } status)
            {
                int pid = int.Parse(status["pid"].ToString(), CultureInfo.InvariantCulture);
                List<double> mebibytes = [], shown = [];
                // Between two collections memory grows: one look would tell of the moment.
                for (int i = 0; i < Looks; i++)
                {
                    shown.Add(await Shown(node, round, cancel));
                    mebibytes.Add(ProcessTable.HeldKiB(pid) / 1024.0);
                    await Task.Delay(Look, cancel);
                }

                return new([.. mebibytes], Directory.GetFiles($"/proc/{pid}/fd").Length, [.. shown]);
            }

            await Task.Delay(Look, cancel);
        }
    }

    // Milliseconds until the round before is shown, as the journal tells it.
    private static async Task<double> Shown(NodeAddress node, int round, CancellationToken cancel)
    {
        long start = Stopwatch.GetTimestamp();
        await using var client = await CommandClient.ConnectAsync(node, cancel: cancel);
        var asked = new CommandInvocation("round", "show").With("round", (round - 1).ToString(CultureInfo.InvariantCulture));
        await foreach (var _ in client.InvokeAsync(asked, cancel))
            continue;
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task<CommandRow> Committed(NodeAddress node, int round, CancellationToken cancel)
    {
        while (true)
        {
            if (await Ask(node, "federation", "status", cancel) is { } status && long.Parse(status["committedRounds"].ToString(), CultureInfo.InvariantCulture) >= round)
                return status;
            await Task.Delay(Look, cancel);
        }
    }

    private static async Task<CommandRow?> Ask(NodeAddress node, string palette, string command, CancellationToken cancel)
    {
        try
        {
            await using var client = await CommandClient.ConnectAsync(node, cancel: cancel);
            await foreach (var row in client.InvokeAsync(new CommandInvocation(palette, command), cancel))
                return row;
        }
        catch (CommandException)
        {
            // It is between two processes.
        }

        return null;
    }

    // The nodes end with their parent, a little later.
    private static async Task Gone(string folder)
    {
        for (int left = 100; ; left--)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (IOException) when (left > 0)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>What a server holds, and how long it takes to show a round.</summary>
    /// <param name="Mebibytes">Its memory, at each look.</param>
    /// <param name="Files">The files and connections it has open.</param>
    /// <param name="Shown">Milliseconds of each answer.</param>
    private sealed record Holding(double[] Mebibytes, int Files, double[] Shown);
}
