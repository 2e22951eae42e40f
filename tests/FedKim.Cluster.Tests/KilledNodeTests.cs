using System.Text.Json.Nodes;

namespace FedKim.Cluster.Tests;

/// <summary>Real processes, real signals: a node that is killed inside a round does not change the round's result.</summary>
public sealed class KilledNodeTests
{
    // A rehearsal that takes long enough in each phase to be struck in it.
    private static readonly string[] Rehearsal = ["--federation", RunningFederation.File("rehearsal.conf"), "--hospitals", "3", "--rounds", "2", "--seed", "5"];

    private static readonly Lazy<Task<JsonNode>> Undisturbed = new(async () =>
    {
        await using var federation = RunningFederation.Start(Rehearsal);
        return await federation.End();
    });

    [Theory]
    [InlineData("server", "Training")]
    [InlineData("server", "Injecting")]
    [InlineData("injector", "Training")]
    [InlineData("injector", "Injecting")]
    [InlineData("hospital-b", "Training")]
    public async Task A_node_killed_inside_a_round_does_not_change_the_result(string site, string phase)
    {
        await using var federation = RunningFederation.Start(Rehearsal);

        await federation.Await("round", "list", r => r["phase"].ToString() == phase);
        federation.Kill(site);
        var report = await federation.End();

        var expected = await Undisturbed.Value;
        Assert.Equal(expected["result"]!.ToJsonString(), report["result"]!.ToJsonString());
        Assert.Equal(Accepted(expected), Accepted(report));
    }

    [Fact]
    public async Task What_was_accepted_before_the_server_died_is_not_asked_for_again()
    {
        await using var federation = RunningFederation.Start(Rehearsal);

        await federation.Await("client", "list", r => r["standing"].ToString() == "accepted");
        federation.Kill("server");
        await federation.Await("federation", "status", r => r["openRound"].ToString() == "2");
        var clients = await federation.Ask("client", "list");
        await federation.End();

        // No hospital's process died: each has trained once for round 1, and once more where its update of round 2 is ready.
        Assert.Equal(3, clients.Count);
        Assert.All(clients, c => Assert.Equal(c["round"].ToString() == "rehearsal/2" && IsReady(c["activity"].ToString()) ? "2" : "1", c["trained"].ToString()));
    }

    private static bool IsReady(string activity) => activity is "sending" or "waiting" or "counted";

    private static string Accepted(JsonNode report) =>
        string.Join("\n", report["rounds"]!.AsArray().Select(r => $"{r!["number"]} {r["accepted"]!.ToJsonString()}"));
}
