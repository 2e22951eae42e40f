using System.Collections.Immutable;
using System.Text;
using FedKim.Certificates;
using FedKim.Configuration;

namespace FedKim.Node.Cli.Certs;

/// <summary>The node file of a site's bundle: what its authority knows is filled in, and what only the site knows is asked for.</summary>
internal static class SiteNodeFile
{
    // As hocon/reference.conf has it.
    private const int ClusterPort = 9100;

    /// <summary>Writes it.</summary>
    /// <param name="issued">The site's certificate.</param>
    /// <param name="servers">Where servers are reached.</param>
    /// <returns>HOCON; empty for people and programs, who are no nodes.</returns>
    public static string Of(IssuedCertificate issued, ImmutableArray<string> servers)
    {
        var (id, text) = (issued.Id, new StringBuilder());
        if (id.Role is PeerRole.Operator or PeerRole.Observer)
            return "";
        text.Append($$"""
            # The node of {{id.Site}}, of the consortium {{id.Consortium}}. It lies beside the site's key, and its paths start here.
            # Every setting that is not written here has the value in hocon/reference.conf.

            fedkim {
              site = {{HoconText.Quoted(id.Site)}}
              roles = [{{PeerId.Name(id.Role)}}]

              # Journal, weights, checkpoints and logs, on a local disk.
              work = "work"

            """);
        if (id.Role is PeerRole.Hospital or PeerRole.Injector)
        {
            text.Append("""

              # To be filled in: the folder with this site's data. Nothing outside of it is read, and nothing in it leaves the site.
              data = ""

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

              cluster {

            """);
        if (issued.Hosts.Count > 0)
            text.Append($"    host = {HoconText.Quoted(issued.Hosts[0])}\n");
        return text.Append($$"""
                seeds = [{{string.Join(", ", servers.Select(server => HoconText.Quoted($"{server[..server.LastIndexOf(':')]}:{ClusterPort}")))}}]
                servers = {{servers.Length}}
              }
            }

            """).ToString();
    }
}
