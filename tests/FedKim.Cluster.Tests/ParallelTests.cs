using System.Text.Json.Nodes;

namespace FedKim.Cluster.Tests;

/// <summary>Several federations at once, on nodes that are up: four hospitals, two injectors and one server, a process each.</summary>
public sealed class ParallelTests
{
    [Fact]
    public async Task Two_that_share_nothing_run_at_once_and_end_as_alone_though_the_server_is_killed_and_a_third_waits_for_both()
    {
        var stop = TestContext.Current.CancellationToken;
        string folder = Directory.CreateTempSubdirectory("fedkim-").FullName;
        string[] first = ["hospital-a", "hospital-b"], second = ["hospital-c", "hospital-d"], injectors = ["injector-1", "injector-2"];
        string[] alone = [await Alone(folder, "first", 11, first), await Alone(folder, "second", 12, second)];
        await using var nodes = new RunningNodes();
        var ports = nodes.Ports;
        string seeds = $"cluster.seeds = [\"127.0.0.1:{ports[0]}\"]", node = $"127.0.0.1:{ports[1]}";
        nodes.Write("server", "server", ports[0], ports[1], $"{seeds}, weights.port = {ports[2]}, server.parallel = 2");
        string[] others = [.. injectors, .. first, .. second];
        for (int i = 0; i < others.Length; i++)
            nodes.Write(others[i], i < injectors.Length ? "injector" : "hospital", ports[3 + (2 * i)], ports[4 + (2 * i)], seeds);
        foreach (string site in others.Prepend("server"))
            nodes.Start(site);
        await nodes.Prints("server", "coordinates, in epoch 1");

        string[] said =
        [
            await Submit(Write(folder, "first", 11, first, "injector-1")),
            await Submit(Write(folder, "second", 12, second, "injector-2")),
            await Submit(Write(folder, "third", 13, ["hospital-a", "hospital-c"], "injector-1")),
        ];
        // In the middle of a round of each.
        foreach (string site in (string[])["hospital-a", "hospital-c"])
            await nodes.Prints(site, "/2: ");
        var queue = await nodes.Ask(ports[1], "federation", "queue");
        await nodes.Kill("server");
        nodes.Start("server");
        await nodes.Answers(ports[1], "federation", "list", rows => rows.Any(r => r["federation"].ToString() == "third" && r["phase"].ToString() == "Completed"));

        Assert.Contains("Federation first is Initializing", said[0]);
        Assert.Contains("Federation second is Initializing", said[1]);
        Assert.Contains("Federation third is queued, place 1, behind first, second", said[2]);
        Assert.Equal(["first Running", "second Running", "third Queued"], queue.Select(r => $"{r["federation"]} {r["phase"]}"));
        Assert.Equal(alone, new[] { await Result("first"), await Result("second") });
        var (one, other, last) = (await Times("first", 1), await Times("second", 1), await Times("third", 1));
        Assert.True(one.Opened < other.Ended && other.Opened < one.Ended, $"Round 1 of one was from {one}, of the other from {other}.");
        Assert.True(last.Opened > (await Times("first", 2)).Ended && last.Opened > (await Times("second", 2)).Ended, $"The third began at {last.Opened}.");
        foreach (string site in first.Concat(second))
        {
            string[] rounds = [.. (site is "hospital-a" or "hospital-b" ? ["first"] : (string[])["second"]).SelectMany(f => (string[])[$"{f}/1", $"{f}/2"])];
            string[] expected = site is "hospital-a" or "hospital-c" ? [.. rounds, "third/1", "third/2"] : rounds;
            var work = await nodes.Ask(ports[4 + (2 * Array.IndexOf(others, site))], "node", "work");
            Assert.Equal(expected.Select(r => $"{r} 1"), work.Select(w => $"{w["round"]} {w["trained"]}"));
        }
        Directory.Delete(folder, recursive: true);

        async Task<string> Submit(string file) => await FedKimProgram.RunAsync(stop, "federation", "submit", file, "--node", node);

        async Task<string> Result(string name) => JsonNode.Parse(await FedKimProgram.RunAsync(stop, "federation", "report", name, "--node", node))!["result"]!.ToJsonString();

        async Task<(DateTimeOffset Opened, DateTimeOffset Ended)> Times(string name, int round)
        {
            var story = await nodes.Ask(ports[1], "round", "why", ("federation", name), ("round", $"{round}"));
            return (DateTimeOffset.Parse(story[0]["time"].ToString()!), DateTimeOffset.Parse(story[^1]["time"].ToString()!));
        }
    }

    private static async Task<string> Alone(string folder, string name, int seed, string[] sites)
    {
        await using var run = RunningFederation.Start("--federation", Write(folder, name, seed, sites, null));
        return (await run.End())["result"]!.ToJsonString();
    }

    private static string Write(string folder, string name, int seed, string[] sites, string? injector)
    {
        string file = Path.Combine(folder, injector is null ? $"{name}-alone.conf" : $"{name}.conf");
        File.WriteAllText(file, $"""
            include "{RunningFederation.File("rehearsal.conf")}"
            federation.name = {name}
            federation.seed = {seed}
            federation.rounds = 2
            federation.clients = [{string.Join(", ", sites)}]
            federation.quorum = {sites.Length}
            federation.rehearsal.mebibytes = 1
            federation.rehearsal.milliseconds = {(injector is null ? 0 : 2000)}
            federation.injector = {injector ?? "none"}
            """);
        return file;
    }
}
