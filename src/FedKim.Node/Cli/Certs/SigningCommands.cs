using System.Collections.Immutable;
using System.CommandLine;
using FedKim.Certificates;
using FedKim.Launch;
using FedKim.Launch.Machine;

namespace FedKim.Node.Cli.Certs;

/// <summary>What the keeper of an authority signs, and gives to a site.</summary>
internal static class SigningCommands
{
    public static Command Sign()
    {
        var (folder, passphrase, days, to, servers) = (CertsCommand.Folder(), Passphrase.File(), CertsCommand.Days(), Bundle(), Servers());
        var request = new Argument<string>("REQUEST") { Description = "The site's request.pem." };
        var command = new Command(
            "sign", "Signs a site's request and writes its bundle. It prints the eight words that the site has: compare them on the telephone before the bundle is handed out.") { folder, request, to, servers, days, passphrase };
        command.SetAction(parsed =>
        {
            OutputPaths.CheckFile(to.Name, parsed.GetRequiredValue(to));
            using var authority = Passphrase.Open(parsed.GetRequiredValue(folder), parsed.GetValue(passphrase));
            var asked = SiteRequest.Read(parsed.GetRequiredValue(request));
            var known = SiteServers.Of(authority, parsed.GetValue(servers) ?? [], asked.Role, asked.Hosts);
            Give(parsed.GetRequiredValue(folder), authority, authority.Sign(asked, TimeSpan.FromDays(parsed.GetValue(days))), known, parsed.GetRequiredValue(to));
            return ExitCodes.Ok;
        });
        return command;
    }

    public static Command Issue()
    {
        var (folder, passphrase, days, servers) = (CertsCommand.Folder(), Passphrase.File(), CertsCommand.Days(), Servers());
        var (site, role, hosts) = (CertsCommand.Site(), CertsCommand.Role(), CertsCommand.Hosts());
        var to = new Option<string>("--out") { Description = "A folder: the site's key, its certificate, and all else that its bundle has.", Required = true };
        var command = new Command(
            "issue", "Makes a site's key here and signs it, for tests and for nodes of one's own. Another's key is made where it stays: certs request.") { folder, site, role, hosts, to, servers, days, passphrase };
        command.SetAction(parsed =>
        {
            string own = parsed.GetRequiredValue(to);
            using var authority = Passphrase.Open(parsed.GetRequiredValue(folder), parsed.GetValue(passphrase));
            var (speaks, reached) = (CertsCommand.RoleOf(parsed.GetRequiredValue(role)), parsed.GetValue(hosts) ?? []);
            var known = SiteServers.Of(authority, parsed.GetValue(servers) ?? [], speaks, reached);
            var issued = authority.Sign(SiteRequest.Make(own, parsed.GetRequiredValue(site), speaks, reached), TimeSpan.FromDays(parsed.GetValue(days)));
            BundleOf(authority, issued, known).WriteTo(own);
            Console.WriteLine(Line(own, issued));
            return ExitCodes.Ok;
        });
        return command;
    }

    public static Command Renew()
    {
        var (folder, passphrase, days, to, servers) = (CertsCommand.Folder(), Passphrase.File(), CertsCommand.Days(), Bundle(), Servers());
        var site = new Argument<string>("SITE") { Description = "The site whose certificate ends soon." };
        var command = new Command(
            "renew", "Signs a site's key again before its certificate ends. The key stays, so that nothing secret moves and its eight words still hold; for a new key, sign a new request.") { folder, site, to, servers, days, passphrase };
        command.SetAction(parsed =>
        {
            OutputPaths.CheckFile(to.Name, parsed.GetRequiredValue(to));
            using var authority = Passphrase.Open(parsed.GetRequiredValue(folder), parsed.GetValue(passphrase));
            var issued = authority.Renew(parsed.GetRequiredValue(site), TimeSpan.FromDays(parsed.GetValue(days)));
            var known = SiteServers.Of(authority, parsed.GetValue(servers) ?? [], issued.Id.Role, issued.Hosts);
            Give(parsed.GetRequiredValue(folder), authority, issued, known, parsed.GetRequiredValue(to));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Give(string folder, CertificateAuthority authority, IssuedCertificate issued, ImmutableArray<string> servers, string bundle)
    {
        BundleOf(authority, issued, servers).Write(bundle);
        Console.WriteLine(Line(bundle, issued));
        // A second key may be a mistake, or a stranger's.
        var now = TimeProvider.System.GetUtcNow();
        foreach (var other in authority.Certificates.Where(c => c.Id.Site == issued.Id.Site && c.Counts(now) && c.Print != issued.Print))
            Console.WriteLine($"{other.Id} has another key too: {other.Print}, until {CertsCommand.Time(other.Ends)}. If it is gone or nobody's, take it back: fedkim certs revoke {folder} {other.Serial}");
    }

    private static SiteBundle BundleOf(CertificateAuthority authority, IssuedCertificate issued, ImmutableArray<string> servers) => new(
        issued.Pem, authority.Certificate.ExportCertificatePem() + "\n", authority.RevokedList, servers, SiteNodeFile.Of(issued.Id, issued.Hosts, servers));

    private static string Line(string path, IssuedCertificate issued) =>
        string.Join(" | ", new[] { path, issued.Id.ToString(), string.Join(", ", issued.Hosts), $"until {CertsCommand.Time(issued.Ends)}", issued.Print }.Where(part => part.Length > 0));

    private static Option<string> Bundle() => new("--out") { Description = "The bundle to write, for the site; nothing in it is secret.", Required = true };

    private static Option<string[]> Servers() => new("--server")
    {
        Description = "Where a server is reached, as host:port; may be given several times. Without it: the first --host of every server that was signed here, at the usual port.",
    };
}
