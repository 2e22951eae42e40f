using System.Text.Json.Nodes;

namespace FedKim.Cluster.Tests;

/// <summary>Federations that are submitted while one runs, at nodes that are up.</summary>
public sealed class QueueTests
{
    [Fact]
    public async Task Two_federations_submitted_at_once_both_end_as_alone_though_the_server_is_killed_between_them()
    {
        string folder = Directory.CreateTempSubdirectory("fedkim-").FullName;
        string file = Path.Combine(folder, "second.conf");
        await File.WriteAllTextAsync(file, $"""
            include "{RunningFederation.File("rehearsal.conf")}"
            federation.name = second
            federation.seed = 11
            federation.rounds = 1
            federation.clients = [hospital-a, hospital-b, hospital-c]
            federation.rehearsal.milliseconds = 0
            """);
        JsonNode alone;
        await using (var single = RunningFederation.Start("--federation", file, "--hospitals", "3"))
            alone = await single.End();

        await using var cluster = RunningFederation.StartAndStay(Rehearsal.Arguments);
        await cluster.Await("federation", "status", r => r["federation"].ToString() == "rehearsal");
        string said = await FedKimProgram.RunAsync(cluster.Limit, "federation", "submit", file, "--node", cluster.Node);
        string queue = await FedKimProgram.RunAsync(cluster.Limit, "federation", "queue", "--node", cluster.Node);
        await cluster.Await("federation", "status", r => r["federation"].ToString() == "second" || r["phase"].ToString() == "Evaluating");
        cluster.Kill("server");
        await cluster.Await("federation", "list", r => r["federation"].ToString() == "second" && r["phase"].ToString() == "Completed");
        var first = await Report(cluster, "rehearsal");
        var second = await Report(cluster, "second");

        Assert.Contains("Federation second is queued, place 1, behind rehearsal", said);
        Assert.Contains("second", queue);
        Assert.Equal((await Rehearsal.Undisturbed)["result"]!.ToJsonString(), first["result"]!.ToJsonString());
        Assert.Equal(alone["result"]!.ToJsonString(), second["result"]!.ToJsonString());
        Assert.Equal(["rehearsal/1", "rehearsal/2", "second/1"], cluster.Trained("hospital-a").Distinct());
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<JsonNode> Report(RunningFederation cluster, string name) =>
        JsonNode.Parse(await FedKimProgram.RunAsync(cluster.Limit, "federation", "report", name, "--node", cluster.Node))!;
}
