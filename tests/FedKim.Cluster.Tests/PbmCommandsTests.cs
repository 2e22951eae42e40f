using System.Text.Json.Nodes;

namespace FedKim.Cluster.Tests;

/// <summary>What any server answers, asked for by a real <c>pbm</c> at a real node.</summary>
public sealed class PbmCommandsTests
{
    private static readonly string[] Asked =
    [
        "node show", "node status", "cluster show", "cluster leader", "federation list", "federation queue", "client list", "transfer list", "journal show", "journal check",
        "log peek", "log level", "certs list", "actor hierarchy", "system show", "system config", "system threads",
    ];

    [Fact]
    public async Task What_needs_nothing_is_answered_in_80_columns_and_in_JSON()
    {
        await using var server = new ServerNode();
        await server.Start();
        foreach (string asked in Asked)
        {
            string[] words = [server.Node, .. asked.Split(' ')];
            string table = await PbmProgram.Run(words);
            Assert.All(table.Split('\n'), line => Assert.True(line.Length <= 80, $"{asked}: {line}"));
            Assert.DoesNotContain("NaN", table, StringComparison.Ordinal);
            Assert.NotNull(JsonNode.Parse(await PbmProgram.Run([.. words, "--json"])));
        }
    }

    [Fact]
    public async Task What_changes_something_is_done_once_it_is_said_to_be_meant_and_stands_in_the_audit_log()
    {
        await using var server = new ServerNode();
        await server.Start();
        var refused = await PbmProgram.End(server.Node, "log", "level", "-l", "debug");
        Assert.Equal((2, ""), (refused.Code, refused.Output));
        Assert.Equal("The log tells info and what is more severe\n", await PbmProgram.Run(server.Node, "log", "level"));
        Assert.Equal("The log tells debug and what is more severe\n", await PbmProgram.Run(server.Node, "log", "level", "-l", "debug", "-y"));
        Assert.Contains("MiB are given back", await PbmProgram.Run(server.Node, "system", "gc", "-y"), StringComparison.Ordinal);

        await server.Stop();
        string audit = await File.ReadAllTextAsync(Path.Combine(server.Work, "log", "audit.jsonl"), TestContext.Current.CancellationToken);
        Assert.Contains("tell debug in the log", audit, StringComparison.Ordinal);
        Assert.Contains("give memory back", audit, StringComparison.Ordinal);
    }
}
