using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using FedKim.Certificates;
using FedKim.Launch;
using FedKim.Launch.Machine;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim certs</c>: a consortium's authority, and what sites ask of it.</summary>
internal static class CertsCommand
{
    private const int MostDays = 3650;
    private static readonly string[] Roles = [.. Enum.GetValues<PeerRole>().Select(PeerId.Name)];

    public static Command Create() => new("certs", "Makes the certificates by which the nodes of a consortium know each other.")
    {
        Init(), Request(), Sign(), Issue(), Renew(), Revoke(), List(), Show(),
    };

    private static Command Init()
    {
        var (folder, passphrase) = (Folder(), Passphrase());
        var consortium = new Option<string>("--consortium") { Description = "Name of all sites that share a cluster: lower-case letters, digits, dots, hyphens and underscores.", Required = true };
        var command = new Command("init", "Makes a consortium's authority. Keep its folder away from every node, and a copy of it in a safe.") { folder, consortium, passphrase };
        command.SetAction(parsed =>
        {
            using var authority = CertificateAuthority.Init(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(consortium), Secret(parsed.GetValue(passphrase)), TimeProvider.System);
            Console.WriteLine($"{parsed.GetRequiredValue(folder)} | {authority.Consortium} | until {Day(authority.Certificate.NotAfter)} | {SpokenPrint.Of(authority.Certificate.PublicKey)}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Request()
    {
        var (site, role, hosts) = (Site(), Role(), Hosts());
        var to = new Option<string>("--out") { Description = "A new folder: the site's key, which stays there, and request.pem for the authority.", Required = true };
        var command = new Command("request", "Makes a site's key and a request for its certificate. Read the fingerprint out to the authority's keeper.") { site, role, hosts, to };
        command.SetAction(parsed =>
        {
            PrivateFiles.MakeFolder(parsed.GetRequiredValue(to));
            var request = SiteRequest.Make(parsed.GetRequiredValue(to), parsed.GetRequiredValue(site), RoleOf(parsed.GetRequiredValue(role)), parsed.GetValue(hosts) ?? []);
            Console.WriteLine($"{Path.Combine(parsed.GetRequiredValue(to), SiteRequest.RequestName)} | {request.Site} | {PeerId.Name(request.Role)} | {request.Print}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Sign()
    {
        var (folder, passphrase, days, to) = (Folder(), Passphrase(), Days(), Bundle());
        var request = new Argument<string>("request") { Description = "The site's request.pem." };
        var command = new Command("sign", "Signs a site's request and writes its bundle. Compare the fingerprint with the site first, on the telephone.") { folder, request, to, days, passphrase };
        command.SetAction(parsed =>
        {
            OutputPaths.CheckFile(to.Name, parsed.GetRequiredValue(to));
            using var authority = Open(parsed.GetRequiredValue(folder), parsed.GetValue(passphrase));
            using var certificate = authority.Sign(SiteRequest.Read(parsed.GetRequiredValue(request)), TimeSpan.FromDays(parsed.GetValue(days)));
            Give(authority, certificate, parsed.GetRequiredValue(to));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Issue()
    {
        var (folder, passphrase, days, site, role, hosts) = (Folder(), Passphrase(), Days(), Site(), Role(), Hosts());
        var to = new Option<string>("--out") { Description = "A new folder: the site's key, its request and its bundle.", Required = true };
        var command = new Command("issue", "Makes a site's key here and signs it, for tests and for nodes of one's own. Another's key is made where it stays: certs request.") { folder, site, role, hosts, to, days, passphrase };
        command.SetAction(parsed =>
        {
            string own = parsed.GetRequiredValue(to);
            using var authority = Open(parsed.GetRequiredValue(folder), parsed.GetValue(passphrase));
            PrivateFiles.MakeFolder(own);
            var request = SiteRequest.Make(own, parsed.GetRequiredValue(site), RoleOf(parsed.GetRequiredValue(role)), parsed.GetValue(hosts) ?? []);
            using var certificate = authority.Sign(request, TimeSpan.FromDays(parsed.GetValue(days)));
            Give(authority, certificate, Path.Combine(own, "site.fedkim"));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Renew()
    {
        var (folder, passphrase, days, to) = (Folder(), Passphrase(), Days(), Bundle());
        var site = new Argument<string>("site") { Description = "The site whose certificate ends soon." };
        var command = new Command("renew", "Signs a site's key again before its certificate ends; the site goes on with the same key.") { folder, site, to, days, passphrase };
        command.SetAction(parsed =>
        {
            OutputPaths.CheckFile(to.Name, parsed.GetRequiredValue(to));
            using var authority = Open(parsed.GetRequiredValue(folder), parsed.GetValue(passphrase));
            using var certificate = authority.Renew(parsed.GetRequiredValue(site), TimeSpan.FromDays(parsed.GetValue(days)));
            Give(authority, certificate, parsed.GetRequiredValue(to));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Revoke()
    {
        var (folder, passphrase) = (Folder(), Passphrase());
        var which = new Argument<string>("which") { Description = "A site, or the serial number of one certificate." };
        var command = new Command("revoke", $"Takes certificates back, and writes {CertificateAuthority.RevokedName} anew: nodes that get it refuse their holders from then on.") { folder, which, passphrase };
        command.SetAction(parsed =>
        {
            using var authority = Open(parsed.GetRequiredValue(folder), parsed.GetValue(passphrase));
            foreach (var taken in authority.Revoke(parsed.GetRequiredValue(which)))
                Console.WriteLine(Line(taken with { Revoked = TimeProvider.System.GetUtcNow() }));
            Console.WriteLine(Path.Combine(parsed.GetRequiredValue(folder), CertificateAuthority.RevokedName));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command List()
    {
        var (folder, passphrase) = (Folder(), Passphrase());
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("list", "Lists what an authority has signed, and what it has taken back.") { folder, json, passphrase };
        command.SetAction(parsed =>
        {
            using var authority = Open(parsed.GetRequiredValue(folder), parsed.GetValue(passphrase));
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(authority.Certificates.Select(c => new { c.Serial, Id = c.Id.ToString(), c.Begins, c.Ends, c.Print, c.Revoked }), JsonSerializerOptions.Web));
            foreach (var certificate in parsed.GetValue(json) ? [] : authority.Certificates)
                Console.WriteLine(Line(certificate));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Show()
    {
        var file = new Argument<string>("file") { Description = "A certificate in PEM, a site's bundle, or a request." };
        var command = new Command("show", "Shows whose a certificate, bundle or request is, by whom and until when, with the fingerprint to read out.") { file };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            if (Path.GetExtension(path) == ".pem" && PemFile.Read(path, "what is to be shown").Contains("REQUEST-----", StringComparison.Ordinal))
            {
                var request = SiteRequest.Read(path);
                Console.WriteLine($"request | {request.Site} | {PeerId.Name(request.Role)} | {string.Join(", ", request.Hosts)} | {request.Print}");
                return ExitCodes.Ok;
            }

            using var certificate = Path.GetExtension(path) == ".pem" ? PemFile.Certificate(path) : X509Certificate2.CreateFromPem(SiteBundle.Read(path).Certificate);
            Console.WriteLine(
                $"certificate | {PeerCheck.IdOf(certificate)?.ToString() ?? certificate.Subject} | signed by {certificate.Issuer} | from {Day(certificate.NotBefore)} until {Day(certificate.NotAfter)} | {SpokenPrint.Of(certificate.PublicKey)}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Give(CertificateAuthority authority, X509Certificate2 certificate, string bundle)
    {
        SiteBundle.Write(bundle, certificate, authority);
        PrivateFiles.AsUsual(bundle);
        Console.WriteLine($"{bundle} | {PeerCheck.IdOf(certificate)} | until {Day(certificate.NotAfter)} | {SpokenPrint.Of(certificate.PublicKey)}");
    }

    private static CertificateAuthority Open(string folder, string? passphrase) => CertificateAuthority.Open(folder, Secret(passphrase), TimeProvider.System);

    // A passphrase on a command line stands in the list of processes.
    private static string? Secret(string? file) => file is null ? null : PemFile.Read(file, "the passphrase").TrimEnd('\r', '\n') is { Length: > 0 } secret
        ? secret
        : throw new CertificateException($"{file} is empty; it must hold the passphrase.");

    private static PeerRole RoleOf(string name) => PeerId.RoleOf(name)!.Value;

    private static string Line(IssuedCertificate certificate) =>
        $"{certificate.Serial} | {certificate.Id} | until {Day(certificate.Ends.UtcDateTime)} | {(certificate.Revoked is { } at ? $"revoked {Day(at.UtcDateTime)}" : "counts")} | {certificate.Print}";

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static Argument<string> Folder() => new("folder") { Description = "The authority's folder." };

    private static Option<string?> Passphrase() => new("--passphrase-file") { Description = "A file with the passphrase of the authority's key; none where the key has none." };

    private static Option<string> Bundle() => new("--out") { Description = "The bundle to write, for the site; nothing in it is secret.", Required = true };

    private static Option<string> Site() => new("--site") { Description = "The site's name: lower-case letters, digits and hyphens.", Required = true };

    private static Option<string[]> Hosts() => new("--host") { Description = "A DNS name or address under which the node is reached; may be given several times. None for a site that only calls." };

    private static Option<string> Role()
    {
        var role = new Option<string>("--role") { Description = "As what it speaks.", Required = true };
        role.AcceptOnlyFromAmong(Roles);
        return role;
    }

    private static Option<int> Days()
    {
        var days = new Option<int>("--days") { Description = "How long the certificate lasts.", DefaultValueFactory = _ => 365 };
        days.Require(value => value is >= 1 and <= MostDays, $"--days must be from 1 to {MostDays}.");
        return days;
    }
}
