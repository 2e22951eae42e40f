namespace FedKim.Cluster.Tests;

/// <summary>Real processes: a federation that is paused stays so whatever happens to its server, and is as if it had not been when it goes on.</summary>
public sealed class PauseTests
{
    [Fact]
    public async Task A_paused_federation_whose_server_is_killed_opens_no_round_until_it_is_resumed_and_ends_as_undisturbed()
    {
        await using var federation = RunningFederation.Start(Rehearsal.Arguments);

        await federation.Await("round", "list", r => r["phase"].ToString() == "Training");
        string paused = await PbmProgram.Run(federation.Node, "round", "pause", "-y");
        federation.Kill("server");
        var held = await federation.Await("federation", "show", r => r["committedRounds"].ToString() == "1" && r["waiting"].ToString().StartsWith("paused", StringComparison.Ordinal));
        var rounds = await federation.Ask("round", "list");
        string why = await PbmProgram.Run(federation.Node, "round", "why", "-r", "1");
        string resumed = await PbmProgram.Run(federation.Node, "round", "resume", "-y");
        var report = await federation.End();

        Assert.StartsWith("Federation rehearsal is paused: ", paused);
        Assert.Equal(("yes", "Running"), (held["paused"].ToString(), held["phase"].ToString()));
        Assert.Equal("Committed", Assert.Single(rounds)["phase"].ToString());
        Assert.Contains("An operator paused the federation", why);
        Assert.Equal("Federation rehearsal goes on\n", resumed);
        Assert.Equal((await Rehearsal.Undisturbed)["result"]!.ToJsonString(), report["result"]!.ToJsonString());
    }
}
