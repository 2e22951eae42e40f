using System.Text.Json.Nodes;

namespace FedKim.Cluster.Tests;

/// <summary>Real processes, real signals: a node that is killed inside a round does not change the round's result.</summary>
public sealed class KilledNodeTests
{
    [Theory]
    [InlineData("server", "Training")]
    [InlineData("server", "Injecting")]
    [InlineData("injector", "Training")]
    [InlineData("injector", "Injecting")]
    [InlineData("hospital-b", "Training")]
    public async Task A_node_killed_inside_a_round_does_not_change_the_result(string site, string phase)
    {
        await using var federation = RunningFederation.Start(Rehearsal.Arguments);

        await federation.Await("round", "list", r => r["phase"].ToString() == phase);
        federation.Kill(site);
        var report = await federation.End();

        var expected = await Rehearsal.Undisturbed;
        Assert.Equal(expected["result"]!.ToJsonString(), report["result"]!.ToJsonString());
        Assert.Equal(Accepted(expected), Accepted(report));
    }

    [Fact]
    public async Task Over_outbound_links_a_hospital_and_the_server_killed_inside_a_round_change_nothing_either()
    {
        await using var federation = RunningFederation.Start([.. Rehearsal.Arguments, "--link", "outbound"]);

        await federation.Await("round", "list", r => r["phase"].ToString() == "Training");
        var client = await federation.Await("client", "list", r => r["client"].ToString() == "hospital-b" && r["node"].ToString().Length > 0);
        federation.Kill("hospital-b");
        federation.Kill("server");
        var report = await federation.End();

        Assert.Equal("outbound via server, from 127.0.0.1", client["node"].ToString());
        var expected = await Rehearsal.Undisturbed;
        Assert.Equal(expected["result"]!.ToJsonString(), report["result"]!.ToJsonString());
        Assert.Equal(Accepted(expected), Accepted(report));
        foreach (string site in (string[])["hospital-a", "hospital-c"])
            Assert.Equal(["rehearsal/1", "rehearsal/2"], federation.Trained(site));
    }

    [Fact]
    public async Task What_was_accepted_before_the_server_died_is_not_asked_for_again()
    {
        await using var federation = RunningFederation.Start(Rehearsal.Arguments);

        await federation.Await("client", "list", r => r["standing"].ToString() == "accepted");
        federation.Kill("server");
        await federation.End();

        // Each hospital says in its own log when it has trained: once for round 1 and once for round 2, whatever it had to do again.
        foreach (string site in (string[])["hospital-a", "hospital-b", "hospital-c"])
            Assert.Equal(["rehearsal/1", "rehearsal/2"], federation.Trained(site));
    }

    private static string Accepted(JsonNode report) =>
        string.Join("\n", report["rounds"]!.AsArray().Select(r => $"{r!["number"]} {r["accepted"]!.ToJsonString()}"));
}
