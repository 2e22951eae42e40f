using System.CommandLine;
using FedKim.Certificates;
using FedKim.Launch;

namespace FedKim.Node.Cli.Certs;

/// <summary>What a site does to get a certificate, and what anybody may look at.</summary>
internal static class SiteCommands
{
    public static Command Request()
    {
        var (site, role, hosts) = (CertsCommand.Site(), CertsCommand.Role(), CertsCommand.Hosts());
        var to = new Option<string>("--out") { Description = $"A folder: {SiteRequest.KeyName}, the site's key, which stays there, and {SiteRequest.RequestName} for the authority.", Required = true };
        var command = new Command("request", "Makes a site's key and a request for its certificate. Send the request to the authority's keeper, and read the eight words out on the telephone.") { site, role, hosts, to };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(to);
            var request = SiteRequest.Make(folder, parsed.GetRequiredValue(site), CertsCommand.RoleOf(parsed.GetRequiredValue(role)), parsed.GetValue(hosts) ?? []);
            Console.WriteLine(Line(Path.Combine(folder, SiteRequest.RequestName), request));
            return ExitCodes.Ok;
        });
        return command;
    }

    public static Command Show()
    {
        var file = new Argument<string>("FILE") { Description = "A certificate in PEM, a request, or a site's bundle." };
        var command = new Command("show", "Shows whose a certificate, request or bundle is, by whom and until when, with the eight words to read out.") { file };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            if (IsArchive(path))
            {
                var bundle = SiteBundle.Read(path);
                var verdict = bundle.Check(path, TimeProvider.System.GetUtcNow());
                Console.WriteLine($"{Line(path, bundle.Show(path))} | {verdict.Problem ?? "counts"}");
                foreach (var authority in bundle.Authorities(path))
                    Console.WriteLine(Line($"{path}: {CertificateAuthority.CertificateName}", authority));
            }
            else if (PemFile.Read(path, "what is to be shown").Contains("REQUEST-----", StringComparison.Ordinal))
            {
                Console.WriteLine(Line(path, SiteRequest.Read(path)));
            }
            else
            {
                using var certificate = PemFile.Certificate(path);
                Console.WriteLine(Line(path, ShownCertificate.Of(certificate)));
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Line(string path, SiteRequest request) =>
        string.Join(" | ", new[] { path, request.Site, PeerId.Name(request.Role), string.Join(", ", request.Hosts), request.Print }.Where(part => part.Length > 0));

    private static string Line(string path, ShownCertificate certificate) =>
        $"{path} | {certificate.Name} | signed by {certificate.Issuer} | from {CertsCommand.Time(certificate.Begins)} until {CertsCommand.Time(certificate.Ends)} | {certificate.Print}";

    private static bool IsArchive(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> first = stackalloc byte[2];
        return file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length && first.SequenceEqual("PK"u8);
    }
}
