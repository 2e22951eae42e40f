using System.CommandLine;
using System.Globalization;
using FedKim.Certificates;

namespace FedKim.Node.Cli.Certs;

/// <summary><c>fedkim certs</c>: a consortium's authority, and what sites ask of it.</summary>
internal static class CertsCommand
{
    private const int MostDays = 3650;

    public static Command Create() => new("certs", "Makes the certificates by which the nodes of a consortium know each other.")
    {
        AuthorityCommands.Init(), SiteCommands.Request(), SigningCommands.Sign(), SigningCommands.Issue(), SigningCommands.Renew(),
        AuthorityCommands.Revoke(), AuthorityCommands.List(), SiteCommands.Show(),
    };

    /// <summary>The authority's folder.</summary>
    public static Argument<string> Folder() => new("DIR") { Description = "The authority's folder." };

    /// <summary>The site.</summary>
    public static Option<string> Site() => new("--site") { Description = "The site's name: lower-case letters, digits and hyphens.", Required = true };

    /// <summary>As what it speaks.</summary>
    public static Option<string> Role()
    {
        var role = new Option<string>("--role") { Description = "As what it speaks.", Required = true };
        role.AcceptOnlyFromAmong([.. Enum.GetValues<PeerRole>().Select(PeerId.Name)]);
        return role;
    }

    /// <summary>The role that an option has.</summary>
    public static PeerRole RoleOf(string name) => PeerId.RoleOf(name)!.Value;

    /// <summary>Under which names a node is reached.</summary>
    public static Option<string[]> Hosts() => new("--host")
    {
        Description = "A DNS name or address under which the others reach the node; may be given several times. None for a site that only calls.",
    };

    /// <summary>How long a certificate lasts.</summary>
    public static Option<int> Days()
    {
        var days = new Option<int>("--days") { Description = "How long the certificate lasts.", DefaultValueFactory = _ => 365 };
        days.Require(value => value is >= 1 and <= MostDays, $"--days must be from 1 to {MostDays}.");
        return days;
    }

    /// <summary>A certificate on a line.</summary>
    public static string Line(IssuedCertificate certificate) =>
        $"{certificate.Serial} | {certificate.Id} | until {Time(certificate.Ends)} | {(certificate.Revoked is { } at ? $"revoked {Time(at)}" : certificate.Counts(TimeProvider.System.GetUtcNow()) ? "counts" : "ended")} | {certificate.Print}";

    /// <summary>A time, as everybody has it.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
