using System.Text.Json.Nodes;

namespace FedKim.Cluster.Tests;

/// <summary>A palette of a package, in a real node that its file names the package to, asked for by a real <c>pbm</c>.</summary>
public sealed class OwnPaletteTests
{
    [Fact]
    public async Task A_palette_of_a_package_is_found_in_a_nodes_help_and_its_command_answers_with_rows()
    {
        await using var server = new ServerNode($"extensions = [\"{Path.Combine(AppContext.BaseDirectory, "OwnPalette.dll")}\"]");
        await server.Start();

        Assert.Contains("Counts the nodes of the cluster.", await PbmProgram.Run(server.Node, "help", "count"));
        Assert.Equal(1, (int)JsonNode.Parse(await PbmProgram.Run(server.Node, "count", "nodes", "--json"))!["nodes"]!);
        Assert.Equal(0, (int)JsonNode.Parse(await PbmProgram.Run(server.Node, "count", "nodes", "--role", "hospital", "--json"))!["nodes"]!);
        Assert.Contains("\"Names\":\"palette count\"", await File.ReadAllTextAsync(Path.Combine(server.Work, "log", "node.jsonl"), TestContext.Current.CancellationToken));
    }
}
