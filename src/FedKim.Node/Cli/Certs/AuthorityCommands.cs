using System.CommandLine;
using System.Text.Json;
using FedKim.Certificates;
using FedKim.Launch;

namespace FedKim.Node.Cli.Certs;

/// <summary>What the keeper of an authority does with the authority itself.</summary>
internal static class AuthorityCommands
{
    public static Command Init()
    {
        var (folder, passphrase) = (CertsCommand.Folder(), Passphrase.File());
        var consortium = new Option<string>("--consortium") { Description = "Name of all sites that share a cluster: lower-case letters, digits, dots, hyphens and underscores.", Required = true };
        var ask = new Option<bool>("--ask-passphrase") { Description = "Ask for a passphrase on the terminal, under which the key is enciphered." };
        var command = new Command("init", "Makes a consortium's authority. Keep its folder away from every node, and a copy of it in a safe.") { folder, consortium, ask, passphrase };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(folder);
            using var authority = CertificateAuthority.Init(
                path, parsed.GetRequiredValue(consortium), Passphrase.New(parsed.GetValue(passphrase), parsed.GetValue(ask)), TimeProvider.System);
            Console.WriteLine($"{path} | {authority.Consortium} | until {CertsCommand.Time(authority.Certificate.NotAfter)} | {SpokenPrint.Of(authority.Certificate.PublicKey)}");
            return ExitCodes.Ok;
        });
        return command;
    }

    public static Command Revoke()
    {
        var (folder, passphrase) = (CertsCommand.Folder(), Passphrase.File());
        var which = new Argument<string>("WHICH") { Description = "A site, or the serial number of one certificate." };
        var command = new Command(
            "revoke", $"Takes certificates back and writes {CertificateAuthority.RevokedName} anew. Bring that file to the nodes: they refuse the certificates from then on.") { folder, which, passphrase };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(folder);
            using var authority = Passphrase.Open(path, parsed.GetValue(passphrase));
            var taken = authority.Revoke(parsed.GetRequiredValue(which));
            foreach (var certificate in taken)
                Console.WriteLine(CertsCommand.Line(certificate));
            Console.WriteLine($"{Path.Combine(path, CertificateAuthority.RevokedName)} | {(taken.IsEmpty ? "nothing was left to revoke" : $"{taken.Length} more revoked")}");
            return ExitCodes.Ok;
        });
        return command;
    }

    public static Command List()
    {
        var folder = CertsCommand.Folder();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("list", "Lists what an authority has signed, and what it has taken back. Needs no key.") { folder, json };
        command.SetAction(parsed =>
        {
            var all = new IssuedCertificates(parsed.GetRequiredValue(folder)).All();
            if (parsed.GetValue(json))
                Console.WriteLine(Json(all));
            foreach (var certificate in parsed.GetValue(json) ? [] : all)
                Console.WriteLine(CertsCommand.Line(certificate));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Json(IEnumerable<IssuedCertificate> all) =>
        JsonSerializer.Serialize(all.Select(c => new { c.Serial, Id = c.Id.ToString(), c.Begins, c.Ends, c.Print, c.Revoked, c.Hosts }), JsonSerializerOptions.Web);
}
