using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using FedKim.Certificates;
using FedKim.Configuration;

namespace FedKim.Node.Cli.Certs;

/// <summary>
/// The node file of a site: what its authority knows is filled in, and what only the site knows is asked for, or filled in by <c>fedkim join</c>. A
/// hospital's node only calls; servers and injectors are members of the cluster.
/// </summary>
internal static class SiteNodeFile
{
    /// <summary>The port of the cluster, as hocon/reference.conf has it.</summary>
    public const int ClusterPort = 9100;

    /// <summary>The port of pbm, as hocon/reference.conf has it.</summary>
    public const int CommandPort = 9110;

    /// <summary>Whether a node of this role reads data of its site's.</summary>
    public static bool ReadsData(PeerRole role) => role is PeerRole.Hospital or PeerRole.Injector;

    /// <summary>Where members are asked to let a node in.</summary>
    /// <param name="servers">Where servers are reached, as host:port.</param>
    public static ImmutableArray<string> Seeds(ImmutableArray<string> servers) => [.. servers.Select(server => $"{HostOf(server)}:{ClusterPort}").Distinct()];

    /// <summary>The port at which a server takes models and links, as the others were told.</summary>
    /// <param name="hosts">Where the server is reached.</param>
    /// <param name="servers">Where all servers are, as host:port.</param>
    public static int DoorPort(IReadOnlyList<string> hosts, ImmutableArray<string> servers) =>
        servers.FirstOrDefault(server => hosts.Contains(HostOf(server).Trim('[', ']'))) is { } own
            ? int.Parse(own[(own.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture)
            : SiteServers.Port;

    /// <summary>Writes it.</summary>
    /// <param name="id">Who the node is.</param>
    /// <param name="hosts">Where others reach it.</param>
    /// <param name="servers">Where servers are reached, as host:port.</param>
    /// <param name="own">What only the site knows; null while it is to be filled in.</param>
    /// <returns>HOCON; empty for people and programs, who are no nodes.</returns>
    public static string Of(PeerId id, IReadOnlyList<string> hosts, ImmutableArray<string> servers, Own? own = null)
    {
        if (id.Role is PeerRole.Operator or PeerRole.Observer)
            return "";
        var text = new StringBuilder($$"""
            # The node of {{id.Site}}, of the consortium {{id.Consortium}}. It lies beside the site's key, and its paths start here.
            # Every setting that is not written here has the value in hocon/reference.conf.

            fedkim {
              site = {{HoconText.Quoted(id.Site)}}
              roles = [{{PeerId.Name(id.Role)}}]

              # Journal, weights, checkpoints and logs, on a local disk.
              work = {{HoconText.Quoted(own?.Work ?? "work")}}

            """);
        if (ReadsData(id.Role))
        {
            text.Append($$"""

                  # {{(own is null ? "To be filled in: the" : "The")}} folder with this site's data. Nothing outside of it is read, and nothing in it leaves the site.
                  data = {{HoconText.Quoted(own?.Data ?? "")}}

                """);
        }

        text.Append($$"""

              # Who this node is, and whom it believes. The files are read again when they change.
              tls {
                authority = {{HoconText.Quoted(CertificateAuthority.CertificateName)}}
                certificate = {{HoconText.Quoted(SiteBundle.CertificateName)}}
                key = {{HoconText.Quoted(SiteRequest.KeyName)}}
                revoked = {{HoconText.Quoted(CertificateAuthority.RevokedName)}}
              }


            """);
        text.Append(id.Role is PeerRole.Hospital ? Outbound(servers, own?.Proxy) : Member(hosts, servers));
        if (id.Role is PeerRole.Server)
            text.Append(Server(hosts, servers));
        if (own is { CommandPort: not CommandPort })
            text.Append(CultureInfo.InvariantCulture, $"\n  # Where pbm asks this node.\n  commands.port = {own.CommandPort}\n");
        return text.Append("}\n").ToString();
    }

    private static string Outbound(ImmutableArray<string> servers, Uri? proxy) => $$"""
          # This node opens one connection to a server's door; no port need be open for it.
          cluster {
            link = outbound
            doors = [{{List(servers)}}]
        {{(proxy is null ? "" : $"    proxy = {HoconText.Quoted(proxy.OriginalString)}\n")}}  }

        """;

    private static string Member(IReadOnlyList<string> hosts, ImmutableArray<string> servers) => $$"""
          cluster {
        {{(hosts.Count > 0 ? $"    host = {HoconText.Quoted(hosts[0])}\n" : "")}}    seeds = [{{List(Seeds(servers))}}]
            servers = {{servers.Length}}
          }

        """;

    private static string Server(IReadOnlyList<string> hosts, ImmutableArray<string> servers)
    {
        int door = DoorPort(hosts, servers);
        return (door == SiteServers.Port ? "" : string.Create(CultureInfo.InvariantCulture, $"\n  # Where the others were told to find this server.\n  weights.port = {door}\n"))
            + (servers.Length == 1 ? "" : $$"""

                  # All servers keep one journal. Its database is to be filled in as journal.connection, or in the environment variable {{NodeConfiguration.JournalVariable}}.
                  journal.provider = postgres

                """);
    }

    private static string List(IEnumerable<string> nodes) => string.Join(", ", nodes.Select(HoconText.Quoted));

    private static string HostOf(string server) => server[..server.LastIndexOf(':')];

    /// <summary>What only the site knows.</summary>
    /// <param name="Data">The folder of its data, as the file writes it.</param>
    /// <param name="Work">The node's work folder, as the file writes it.</param>
    /// <param name="Proxy">What leads out of the site; null for none.</param>
    /// <param name="CommandPort">Where pbm asks the node.</param>
    internal sealed record Own(string Data, string Work, Uri? Proxy, int CommandPort);
}
