using System.Collections.Immutable;
using FedKim.Node.Configuration;

namespace FedKim.Node.Up;

/// <summary>One node of a federation on this machine.</summary>
/// <param name="Site">Its name.</param>
/// <param name="Role">What it does.</param>
/// <param name="Port">Port of its actor transport.</param>
/// <param name="WeightsPort">Port of its weight server, for a server.</param>
/// <param name="CommandPort">Where pbm finds it.</param>
internal sealed record NodePlan(string Site, string Role, int Port, int WeightsPort, int CommandPort)
{
    /// <summary>Ports below these are asked for by other means: free ones for what only nodes use, a fixed row for people.</summary>
    /// <param name="hospitals">The hospitals' names.</param>
    /// <param name="free">One port a node, and one more for the weights.</param>
    /// <param name="commandPort">The first of the row: server, injector, hospitals in ordinal order.</param>
    public static ImmutableArray<NodePlan> Of(ImmutableArray<string> hospitals, ImmutableArray<int> free, int commandPort)
    {
        var sites = new (string Site, string Role)[] { (SiteNames.Server, NodeRoles.Server), (SiteNames.Injector, NodeRoles.Injector) }
            .Concat(hospitals.Order(StringComparer.Ordinal).Select(hospital => (Site: hospital, Role: NodeRoles.Hospital)));
        return [.. sites.Select((s, i) => new NodePlan(s.Site, s.Role, free[i], s.Role == NodeRoles.Server ? free[^1] : 0, commandPort + i))];
    }

    /// <summary>The node's own folder of the data: a hospital's, or the one with public, development and test data; empty for a server.</summary>
    public string DataFolder(string data) => Role switch
    {
        NodeRoles.Server => "",
        NodeRoles.Injector => Path.Combine(data, SiteNames.Server),
        _ => Path.Combine(data, Site),
    };

    /// <summary>The node's file. The server names every node after itself as a seed, so that it finds the cluster it left when it comes back;
    /// the others name the server alone, so that no two of them form a cluster without it.</summary>
    /// <param name="nodes">All nodes.</param>
    /// <param name="data">The node's data folder; empty if it has none.</param>
    /// <param name="federation">The federation file, for a server.</param>
    /// <param name="journal">What keeps the journal, for a server.</param>
    public string File(ImmutableArray<NodePlan> nodes, string data, string federation, string journal)
    {
        string seeds = string.Join(", ", nodes.Where(node => Role == NodeRoles.Server || node.Role == NodeRoles.Server).Select(node => $"\"127.0.0.1:{node.Port}\""));
        return $$"""
            # Written by fedkim up.
            fedkim {
              site = "{{Site}}"
              roles = [{{Role}}]
              work = "{{Site}}"
              data = {{Quoted(data)}}
              cluster {
                host = "127.0.0.1"
                port = {{Port}}
                seeds = [{{seeds}}]
              }
              commands.port = {{CommandPort}}
              {{(Role == NodeRoles.Server ? $"weights.port = {WeightsPort}\n  server.federation = {Quoted(federation)}\n  journal.provider = {journal}" : "")}}
            }

            """;
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
