using System.Diagnostics;
using System.Text.Json.Nodes;

namespace FedKim.Cluster.Tests;

/// <summary>Real processes, real disks, real signals: what is wrong with the server alone costs no site its place and no federation its end.</summary>
public sealed class ServersOwnFaultTests : IDisposable
{
    private static Task<JsonNode>? s_undisturbed;

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-fault-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_server_that_is_stopped_for_longer_than_the_deadline_leaves_nobody_out()
    {
        var undisturbed = await Undisturbed();
        await using var federation = RunningFederation.Start(Arguments(deadline: "20 seconds"));

        await federation.Await("round", "list", r => r["phase"].ToString() == "Training");
        Signal("STOP", federation.Pid("server"));
        await Task.Delay(TimeSpan.FromSeconds(24), TestContext.Current.CancellationToken);
        Signal("CONT", federation.Pid("server"));
        var report = await federation.End();

        Same(undisturbed, report);
    }

    [Fact]
    public async Task The_deadline_ends_no_federation_whose_injector_is_late()
    {
        await using var federation = RunningFederation.Start(Arguments(deadline: "20 seconds", milliseconds: 0, quorum: 1));
        int injector = await federation.Process("injector");
        Signal("STOP", injector);

        await federation.Await("federation", "status", r => r["waiting"].ToString().Contains("waits for the injector's node", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromSeconds(25), TestContext.Current.CancellationToken);
        Signal("CONT", injector);
        var report = await federation.End();

        Assert.Equal("Completed", (string?)report["phase"]);
    }

    [Fact]
    public async Task A_full_disk_of_the_server_pauses_the_round_and_shows_until_there_is_room()
    {
        Assert.SkipUnless(Environment.UserName == "root" && OperatingSystem.IsLinux(), "A small disk is mounted, which only root may do.");
        var undisturbed = await Undisturbed();
        await using var federation = RunningFederation.Start(Arguments(deadline: "20 seconds"));
        await federation.Await("round", "list", r => r["phase"].ToString() == "Training");
        string spool = Path.Combine(federation.Work, "server", "spool");
        Run("mount", "-t", "tmpfs", "-o", "size=64k", "fedkim-test", spool);
        try
        {
            var round = await federation.Await("round", "list", r => r["waiting"].ToString().Contains("no space left", StringComparison.Ordinal));
            Assert.Contains("paused: no space left in the server's spool; goes on when there is", round["waiting"].ToString());
            await Task.Delay(TimeSpan.FromSeconds(24), TestContext.Current.CancellationToken);
            Assert.Contains("paused", (await federation.Await("federation", "status", _ => true))["waiting"].ToString());
        }
        finally
        {
            Run("umount", "-l", spool);
        }

        var report = await federation.End();

        Same(undisturbed, report);
        Assert.Contains("paused: no space left", federation.Output);
    }

    [Fact]
    public async Task Folders_that_are_removed_while_the_server_runs_are_made_anew_and_filled_again()
    {
        var undisturbed = await Undisturbed();
        await using var federation = RunningFederation.Start(Arguments(deadline: "1 minute"));

        await federation.Await("client", "list", r => r["standing"].ToString() == "accepted");
        foreach (string folder in (string[])["spool", "weights", "scratch"])
            Remove(Path.Combine(federation.Work, "server", folder));
        var report = await federation.End();

        Same(undisturbed, report);
    }

    // As rm -rf, once more where the server wrote meanwhile.
    private static void Remove(string folder)
    {
        while (true)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                // It made another file there.
            }
        }
    }

    [Fact]
    public async Task The_servers_log_tells_the_story_of_the_rounds_and_no_trace_of_an_exception()
    {
        await using var federation = RunningFederation.Start(Arguments(deadline: "2 minutes"));
        await federation.Await("round", "list", r => r["phase"].ToString() == "Training");
        federation.Kill("hospital-b");
        await federation.Await("round", "list", r => r["phase"].ToString() == "Injecting");
        string[] server = Log(federation, "server"), hospital = Log(federation, "hospital-a");
        await federation.End();

        string told = string.Join("\n", server);
        Assert.Contains("rounds of 3 sites", told);
        Assert.Contains("hospital-a is here", told);
        Assert.Contains("Invited: hospital-a, hospital-b, hospital-c", told);
        Assert.Contains("hospital-a contributed update", told);
        Assert.Contains("The updates were summed", told);
        Assert.All(server.Concat(hospital), line => Assert.DoesNotContain("   at ", line));
        Assert.All(server.Concat(hospital), line => Assert.DoesNotMatch("[Ss]ingleton|gated|dead letters", line));
    }

    private static string[] Log(RunningFederation federation, string site)
    {
        using var file = new FileStream(Path.Combine(federation.Work, site, "log", "node.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return
        [
            .. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!).Select(line => $"{line["Text"] ?? line["@mt"]} {line["@x"]}"),
        ];
    }

    // Neither a deadline, a quorum nor the time it takes changes what is computed: one run for all.
    private Task<JsonNode> Undisturbed() => s_undisturbed ??= Run();

    private async Task<JsonNode> Run()
    {
        await using var federation = RunningFederation.Start(Arguments(deadline: "2 minutes", milliseconds: 0));
        return await federation.End();
    }

    private static void Same(JsonNode expected, JsonNode report)
    {
        Assert.Equal("Completed", (string?)report["phase"]);
        Assert.Equal(expected["result"]!.ToJsonString(), report["result"]!.ToJsonString());
        Assert.All(report["rounds"]!.AsArray(), r => Assert.Empty(r!["dropped"]!.AsArray()));
    }

    private string[] Arguments(string deadline, int milliseconds = 2500, int quorum = 2)
    {
        string file = Path.Combine(_folder, "rehearsal.conf");
        File.WriteAllText(file, $$"""
            federation {
              name = rehearsal
              seed = 1
              rounds = 1
              clients = [hospital-a, hospital-b, hospital-c]
              quorum = {{quorum}}
              deadline = {{deadline}}
              strategy = fedavg
              weighting = samples
              method = rehearsal
              rehearsal { mebibytes = 2, milliseconds = {{milliseconds}}, stagger = {{milliseconds}} }
            }
            """);
        return ["--federation", file];
    }

    private static void Signal(string name, int pid) => Run("kill", $"-{name}", $"{pid}");

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
