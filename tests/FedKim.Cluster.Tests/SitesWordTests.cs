namespace FedKim.Cluster.Tests;

/// <summary>A hospital whose people are asked, as they meet it: by commands at its own node.</summary>
public sealed class SitesWordTests
{
    [Fact]
    public async Task A_plan_is_shown_waits_for_its_sites_word_and_is_trained_for_when_that_is_said()
    {
        await using var nodes = new RunningNodes();
        var ports = nodes.Ports;
        string seeds = $"cluster.seeds = [\"127.0.0.1:{ports[0]}\"]";
        await File.WriteAllTextAsync(nodes.PathOf("federation.conf"), $"""
            include "{RunningFederation.File("rehearsal.conf")}"
            federation.rounds = 1
            federation.clients = [hospital-a]
            federation.quorum = 1
            federation.rehearsal.milliseconds = 0
            """, TestContext.Current.CancellationToken);
        nodes.Write("server", "server, injector", ports[0], ports[1], $"{seeds}, weights.port = {ports[2]}, server.federation = \"federation.conf\"");
        nodes.Write("hospital-a", "hospital", ports[3], ports[4], $"{seeds}, hospital.accept = ask");
        nodes.Start("server");
        nodes.Start("hospital-a");

        await nodes.Answers(ports[1], "client", "list", rows => rows.Any(r => r["problem"].ToString() == "waits for its site's word on this plan"));
        await nodes.Answers(ports[4], "plan", "list", rows => rows.Any(r => r["federation"].ToString() == "rehearsal" && r["state"].ToString() == "waits for this site's word"));
        var shown = await nodes.Ask(ports[4], "plan", "show", ("plan", "rehearsal"));
        string digest = Assert.Single(await nodes.Ask(ports[4], "plan", "list"))["plan"].ToString()!;
        // Not at another's node, not of a plan that nobody asked for, and not by a name under which a server may send another plan.
        Assert.Empty(await nodes.Ask(ports[1], "plan", "approve", ("plan", digest)));
        Assert.Empty(await nodes.Ask(ports[4], "plan", "approve", ("plan", new string('0', 64))));
        Assert.Empty(await nodes.Ask(ports[4], "plan", "approve", ("plan", "rehearsal")));
        var approved = await nodes.Ask(ports[4], "plan", "approve", ("plan", digest));
        await nodes.Answers(ports[1], "federation", "status", rows => rows.Any(r => r["phase"].ToString() == "Completed"));

        Assert.Contains(shown, row => row["what"].ToString() == "reads" && row["text"].ToString() == "nothing: a rehearsal");
        Assert.Contains("trains for plan", Assert.Single(approved)["message"].ToString());
        string audit = await FedKimProgram.RunAsync(TestContext.Current.CancellationToken, "audit", "--node", nodes.PathOf("hospital-a.conf"));
        Assert.Contains($"approve plan {digest}", audit);
        Assert.Contains("this site's word", audit);
    }
}
