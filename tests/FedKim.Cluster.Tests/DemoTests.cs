using System.Text.Json.Nodes;

namespace FedKim.Cluster.Tests;

/// <summary>The demonstration as the README starts it, one round of it, twice: once in peace and once with nodes killed in mid-work.</summary>
public sealed class DemoTests
{
    private static readonly string[] Demo = ["--rounds", "1", "--seed", "3"];

    [Fact]
    public async Task A_learning_federation_whose_nodes_are_killed_ends_with_the_same_bits()
    {
        JsonNode peace, measuredAgain;
        await using (var federation = RunningFederation.Start(Demo))
        {
            peace = await federation.End();
            measuredAgain = JsonNode.Parse(await FedKimProgram.RunAsync(CancellationToken.None, "evaluate", "--run", federation.Work, "--json"))!;
        }

        JsonNode war;
        await using (var federation = RunningFederation.Start(Demo))
        {
            await federation.Await("client", "list", c => c["activity"].ToString() == "training");
            federation.Kill("server");
            await federation.Await("injector", "status", i => i["activity"].ToString() == "injecting" && i["done"].ToString() != "0");
            federation.Kill("injector");
            war = await federation.End();
        }

        Assert.Equal(peace["result"]!.ToJsonString(), war["result"]!.ToJsonString());
        Assert.Equal(peace["evaluation"]!.ToJsonString(), measuredAgain.ToJsonString());
        Assert.Equal(5, peace["rounds"]![0]!["participants"]!.AsArray().Count);
        Assert.Equal(7, peace["processes"]!.AsArray().Select(p => (int)p!["pid"]!).Distinct().Count());
        Assert.Equal(["committed"], peace["rounds"]!.AsArray().Select(r => (string)r!["outcome"]!));
        Assert.Equal(6, peace["evaluation"]!.AsArray().Select(e => (string)e!["task"]!).Distinct().Count());
    }
}
