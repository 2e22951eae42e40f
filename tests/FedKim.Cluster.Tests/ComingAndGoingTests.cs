using System.Globalization;
using System.Text.Json.Nodes;
using FedKim.Launch.Machine;
using FedKim.Launch.Supervision;
using FedKim.Testing;

namespace FedKim.Cluster.Tests;

/// <summary>
/// Real processes: a sixth hospital starts while a federation of whoever is certified runs. It takes part from the next round on, is drained by a
/// command, resumed, and killed; nothing else is started again.
/// </summary>
public sealed class ComingAndGoingTests
{
    private const string Sixth = "hospital-f";

    [Fact]
    public async Task A_sixth_hospital_comes_is_drained_resumed_and_skipped_when_it_is_dead_and_nothing_else_restarts()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("open.conf", await File.ReadAllTextAsync(RunningFederation.File("rehearsal.conf")) + """

            federation {
              name = open, rounds = 5, clients = any, least = 5, quorum = 4, absent = skip after 15 s
              rehearsal { mebibytes = 1, milliseconds = 6000 }
            }
            """);
        await using var federation = RunningFederation.Start("--federation", file);
        await federation.Await("round", "list", r => (r["round"].ToString(), r["phase"].ToString()) == ("1", "Training"));
        var before = federation.Processes();
        await using var sixth = await Start(federation);

        await federation.Await("client", "list", r => (r["client"].ToString(), r["standing"].ToString()) == (Sixth, "accepted"));
        Assert.NotEmpty(await federation.Ask("client", "drain", ("site", Sixth)));
        int drained = await OpenRound(federation);
        await federation.Await("round", "list", r => (r["round"].ToString(), r["phase"].ToString()) == (Text(drained + 1), "Training"));
        Assert.NotEmpty(await federation.Ask("client", "resume", ("site", Sixth)));
        await federation.Await("client", "list", r => (r["client"].ToString(), r["standing"].ToString(), r["activity"].ToString()) == (Sixth, "awaited", "training"));
        await sixth.KillAsync();
        int killed = drained + 2;
        await federation.Await("round", "list", r => (r["round"].ToString(), r["phase"].ToString()) == (Text(killed), "Injecting"));
        Assert.Equal(before, federation.Processes());
        var rounds = (await federation.End())["rounds"]!.AsArray();

        Assert.DoesNotContain(Sixth, Accepted(rounds[0]!));
        Assert.Equal(2, drained);
        Assert.Contains(Sixth, Accepted(rounds[1]!));
        Assert.Equal(5, Accepted(rounds[2]!).Length);
        Assert.Equal("committed with 5 of 5 sites; drained by an operator: hospital-f", (string?)rounds[2]!["result"]);
        Assert.Matches(@"^committed with 5 of 6 sites, \d+ % of the samples; without hospital-f \(silent for 15 s\)$", (string?)rounds[3]!["result"]);
        Assert.Matches(@"^committed with 5 of 6 sites, \d+ % of the samples; without hospital-f \(silent for \d+ s when the round opened\)$", (string?)rounds[4]!["result"]);
    }

    private static string[] Accepted(JsonNode round) => [.. round["accepted"]!.AsArray().Select(a => (string)a!["client"]!)];

    private static async Task<int> OpenRound(RunningFederation federation) =>
        int.Parse((await federation.Await("federation", "status", _ => true))["openRound"].ToString(), CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // As hospital-a's node, with a certificate, a name, a folder and ports of its own.
    private static async Task<NodeProcess> Start(RunningFederation federation)
    {
        string certificates = Path.Combine(federation.Work, "certificates");
        await FedKimProgram.RunAsync(
            federation.Limit, "certs", "issue", Path.Combine(certificates, "authority"), "--site", Sixth, "--role", "hospital", "--out", Path.Combine(certificates, Sixth));
        string first = await File.ReadAllTextAsync(Path.Combine(federation.Work, "hospital-a.conf"), federation.Limit);
        string node = Path.Combine(federation.Work, $"{Sixth}.conf");
        var ports = Ports.Free(2);
        await File.WriteAllTextAsync(node, first.Replace("hospital-a", Sixth) + string.Create(CultureInfo.InvariantCulture,
            $"\nfedkim {{ cluster.port = {ports[0]}, commands.port = {ports[1]} }}\n"), federation.Limit);
        Directory.CreateDirectory(Path.Combine(federation.Work, "data", Sixth));
        var process = new NodeProcess(Launch.FedKimProgram.Launch(Sixth, federation.PathOf("sixth.log"), ["node", node]), TimeProvider.System);
        Assert.True(process.Start());
        return process;
    }
}
