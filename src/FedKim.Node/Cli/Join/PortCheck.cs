using System.Globalization;
using System.Net;
using FedKim.Certificates;
using FedKim.Launch.Machine;
using FedKim.Node.Cli.Certs;

namespace FedKim.Node.Cli.Join;

/// <summary>Looks at the ports on which the site's node will listen.</summary>
internal static class PortCheck
{
    /// <summary>What is found.</summary>
    /// <param name="plan">The node.</param>
    /// <param name="running">The process of the site's node that runs already, and has its ports; null for none.</param>
    public static IEnumerable<Finding> Of(SitePlan plan, string? running)
    {
        foreach (var (what, address, port, remedy) in Listens(plan))
        {
            string where = string.Create(CultureInfo.InvariantCulture, $"{port} for {what}");
            yield return running is not null ? new Finding("port", $"{where}: this site's node runs already, as {running}")
                : Ports.Problem(address, port) is { } problem ? Finding.Wrong("port", $"{where}: {problem}. End what listens there{remedy}")
                : new Finding("port", $"{where}: free");
        }
    }

    private static IEnumerable<(string What, IPAddress Address, int Port, string Remedy)> Listens(SitePlan plan)
    {
        var own = plan.Hosts is [var host, ..] && IPAddress.TryParse(host, out var address) ? address : IPAddress.Any;
        yield return ("pbm, on this machine alone", IPAddress.Loopback, plan.CommandPort, ", or choose another port: --pbm-port N");
        if (plan.Id.Role is not PeerRole.Hospital)
            yield return ("the other members", own, SiteNodeFile.ClusterPort, "");
        if (plan.Id.Role is PeerRole.Server)
            yield return ("models and links", own, SiteNodeFile.DoorPort(plan.Hosts, plan.Servers), "");
    }
}
