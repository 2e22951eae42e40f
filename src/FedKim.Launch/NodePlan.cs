using System.Collections.Immutable;
using FedKim.Actors;
using FedKim.Configuration;
using FedKim.Launch.Packages;

namespace FedKim.Launch;

/// <summary>One node of a federation on this machine.</summary>
/// <param name="Site">Its name.</param>
/// <param name="Role">What it does.</param>
/// <param name="Port">Port of its actor transport.</param>
/// <param name="WeightsPort">Port of its weight server, for a server.</param>
/// <param name="CommandPort">Where pbm finds it.</param>
public sealed record NodePlan(string Site, string Role, int Port, int WeightsPort, int CommandPort)
{
    /// <summary>The hospitals that it carries, where these are not itself alone; else empty.</summary>
    public ImmutableArray<string> Carries { get; init; } = [];

    /// <summary>How many hospitals end with it.</summary>
    public int Hospitals => Role != NodeRoles.Hospital ? 0 : Math.Max(1, Carries.Length);

    /// <summary>How many nodes so many hospitals take.</summary>
    public static int NodesOf(int hospitals, int perNode) => (hospitals + perNode - 1) / perNode;

    /// <summary>The nodes of a run. What only nodes use has any free port; what people ask has a row of them, one after another.</summary>
    /// <param name="servers">How many servers there are.</param>
    /// <param name="hospitals">The hospitals' names.</param>
    /// <param name="free">One port a node, and one more a server for its weights.</param>
    /// <param name="commandPort">The first of the row: servers, injector, hospitals in ordinal order.</param>
    /// <param name="perNode">How many hospitals a node carries, from 1.</param>
    public static ImmutableArray<NodePlan> Of(int servers, ImmutableArray<string> hospitals, ImmutableArray<int> free, int commandPort, int perNode = 1)
    {
        IEnumerable<(string Site, string Role, ImmutableArray<string> Carries)> sites =
        [
            .. Enumerable.Range(1, servers).Select(number => (SiteNames.NumberedServer(number), NodeRoles.Server, NoSites)),
            (SiteNames.Injector, NodeRoles.Injector, NoSites),
            .. hospitals.Order(StringComparer.Ordinal).Chunk(perNode).Select((some, i) =>
                perNode == 1 ? (some[0], NodeRoles.Hospital, NoSites) : (SiteNames.NumberedHospitals(i + 1), NodeRoles.Hospital, [.. some])),
        ];
        return [.. sites.Select((s, i) => new NodePlan(s.Site, s.Role, free[i], s.Role == NodeRoles.Server ? free[^(i + 1)] : 0, commandPort + i) { Carries = s.Carries })];
    }

    private static ImmutableArray<string> NoSites => [];

    /// <summary>The node's own folder of the data: a hospital's, or the one with public, development and test data; empty for a server.</summary>
    public string DataFolder(string data) => Role switch
    {
        NodeRoles.Server => "",
        NodeRoles.Injector => Path.Combine(data, SiteNames.Server),
        _ when !Carries.IsEmpty => data,
        _ => SiteNames.DataFolder(data, Site),
    };

    /// <summary>
    /// The node's file. Servers name every member, so that one that comes back finds the cluster it left; the others name the servers alone. All
    /// have the packages that this process has loaded: they work on every node, or on none.
    /// </summary>
    /// <param name="nodes">All nodes.</param>
    /// <param name="data">The node's data folder; empty if it has none.</param>
    /// <param name="federation">The federation file, for a server.</param>
    /// <param name="journal">What keeps the journal, for a server.</param>
    /// <param name="timing">How soon silence counts as loss.</param>
    /// <param name="link">How hospitals take part.</param>
    /// <param name="secured">Whether nodes show each other certificates.</param>
    /// <param name="bits">On which machines what they compute gives the same bits.</param>
    /// <param name="products">The precision of the injection's products.</param>
    public string File(
        ImmutableArray<NodePlan> nodes, string data, string federation, RunJournal journal, Timing timing, SiteLink link, bool secured, string bits, string products)
    {
        int servers = nodes.Count(node => node.Role == NodeRoles.Server);
        bool IsSeed(NodePlan node) => node.Role == NodeRoles.Server || (Role == NodeRoles.Server && (node.Role != NodeRoles.Hospital || link == SiteLink.Member));
        string seeds = string.Join(", ", nodes.Where(IsSeed).Select(node => $"\"127.0.0.1:{node.Port}\""));
        string server = Role != NodeRoles.Server ? "" : $"""
              weights.port = {WeightsPort}
              server.federation = {HoconText.Quoted(federation)}
              # One journal for all servers.
              {journal.Settings}
            """;
        string doors = string.Join(", ", nodes.Where(node => node.Role == NodeRoles.Server).Select(node => $"\"127.0.0.1:{node.WeightsPort}\""));
        string outbound = Role != NodeRoles.Hospital ? "" : $"""
                link = {link.ToString().ToLowerInvariant()}
                doors = [{doors}]
            """;
        string admits = Role != NodeRoles.Hospital && link == SiteLink.Member ? $"    admits = [{string.Join(", ", NodeRoles.All)}]" : "";
        string carries = Carries.IsEmpty ? "" : $"\n  hospital.clients = [{string.Join(", ", Carries)}]";
        string packages = string.Join(", ", Extensions.Loaded.Select(extension => HoconText.Quoted(extension.File)));
        string extensions = packages.Length == 0 ? "" : $"  extensions = [{packages}]";
        return $$"""
            # Written by fedkim up.
            fedkim {
              site = "{{Site}}"
              roles = [{{Role}}]
              work = "{{Site}}"
              data = {{HoconText.Quoted(data)}}
              cluster {
                host = "127.0.0.1"
                port = {{Port}}
                seeds = [{{seeds}}]
                servers = {{servers}}
                timing = {{timing.ToString().ToLowerInvariant()}}
            {{outbound}}{{admits}}
              }
              commands.port = {{CommandPort}}
              torch.bits = {{bits}}{{(Role == NodeRoles.Injector ? $"\n  injector.products = {products}" : "")}}
            {{(secured ? RunCertificates.Section(Site) : "  security = off")}}
            {{server}}
            {{extensions}}{{carries}}
            }

            """;
    }
}
