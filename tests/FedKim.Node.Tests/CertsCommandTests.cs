using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using FedKim.Certificates;
using FedKim.Launch;
using FedKim.Testing;

namespace FedKim.Node.Tests;

/// <summary>The program itself, as the keeper of an authority and the people of a site use it.</summary>
public sealed class CertsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_site_gets_a_certificate_that_counts_until_it_is_revoked()
    {
        string authority = Words(await DoneAsync("init", "authority", "--consortium", "clinics"));
        string server = await DoneAsync("request", "--site", "server-1", "--role", "server", "--host", "server-1.example.org", "--out", "server");
        Assert.Contains("server/request.pem | server-1 | server | server-1.example.org | ", server, StringComparison.Ordinal);
        await DoneAsync("sign", "authority", "server/request.pem", "--out", "server.fedkim");

        string words = Words(await DoneAsync("request", "--site", "hospital-a", "--role", "hospital", "--out", "a"));
        Assert.Equal(8, words.Split('-').Length);
        string signed = await DoneAsync("sign", "authority", "a/request.pem", "--out", "a.fedkim", "--days", "30");
        Assert.StartsWith("a.fedkim | spiffe://clinics/hospital/hospital-a | until ", signed, StringComparison.Ordinal);
        Assert.Equal(words, Words(signed));

        string shown = await DoneAsync("show", "a.fedkim");
        Assert.Contains("a.fedkim | spiffe://clinics/hospital/hospital-a | signed by CN=clinics | from ", shown, StringComparison.Ordinal);
        Assert.Contains($"{words} | counts\n", shown, StringComparison.Ordinal);
        Assert.EndsWith($" | {authority}\n", shown, StringComparison.Ordinal);
        Assert.Equal(words, Words(await DoneAsync("show", "a/request.pem")));

        var bundle = SiteBundle.Read(At("a.fedkim"));
        Assert.Equal(["server-1.example.org:9101"], bundle.Servers);
        Assert.Contains("site = \"hospital-a\"", bundle.NodeFile, StringComparison.Ordinal);
        Assert.Contains("doors = [\"server-1.example.org:9101\"]", bundle.NodeFile, StringComparison.Ordinal);
        bundle.WriteTo(At("a"));
        using (var trust = Load("a"))
            Assert.Equal("spiffe://clinics/hospital/hospital-a", trust.Id.ToString());

        string revoked = await DoneAsync("revoke", "authority", "hospital-a");
        Assert.Contains("| revoked ", revoked, StringComparison.Ordinal);
        Assert.EndsWith("authority/revoked.crl | 1 more revoked\n", revoked, StringComparison.Ordinal);
        File.Copy(At("authority/revoked.crl"), At("a/revoked.crl"), overwrite: true);
        Assert.Contains("its certificate is revoked", Assert.Throws<CertificateException>(() => Load("a")).Message, StringComparison.Ordinal);

        string[] lines = (await DoneAsync("list", "authority")).TrimEnd().Split('\n');
        Assert.Contains("hospital-a | until ", lines[0], StringComparison.Ordinal);
        Assert.Contains(" | revoked ", lines[0], StringComparison.Ordinal);
        Assert.Contains(" | counts | ", lines[1], StringComparison.Ordinal);
        using var json = JsonDocument.Parse(await DoneAsync("list", "authority", "--json"));
        Assert.Equal(["spiffe://clinics/hospital/hospital-a", "spiffe://clinics/server/server-1"], json.RootElement.EnumerateArray().Select(c => c.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_certificate_is_renewed_for_its_key_and_a_second_key_of_a_site_is_named()
    {
        await DoneAsync("init", "authority", "--consortium", "clinics");
        string first = await DoneAsync("issue", "authority", "--site", "hospital-a", "--role", "hospital", "--out", "a", "--server", "server-1.example.org:9443");
        Assert.Equal("server-1.example.org:9443\n", File.ReadAllText(At("a/servers.txt")));
        string renewed = await DoneAsync("renew", "authority", "hospital-a", "--out", "a.fedkim", "--server", "server-1.example.org:9443");
        Assert.Equal(Words(first), Words(renewed));
        SiteBundle.Read(At("a.fedkim")).WriteTo(At("a"));
        Load("a").Dispose();

        await DoneAsync("request", "--site", "hospital-a", "--role", "hospital", "--out", "other");
        string second = await DoneAsync("sign", "authority", "other/request.pem", "--out", "other.fedkim", "--server", "server-1.example.org:9443");
        Assert.Contains($"has another key too: {Words(first)}, ", second, StringComparison.Ordinal);
        Assert.Contains("fedkim certs revoke authority ", second, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Keys_are_their_accounts_alone()
    {
        await DoneAsync("init", "authority", "--consortium", "clinics");
        await DoneAsync("request", "--site", "hospital-a", "--role", "hospital", "--out", "a");
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.All(["authority/authority.key", "a/site.key"], key => Assert.Equal(Own, File.GetUnixFileMode(At(key))));
        Assert.All(["authority", "a"], folder => Assert.Equal(Own | UnixFileMode.UserExecute, File.GetUnixFileMode(At(folder))));
    }

    [Fact]
    public async Task A_passphrase_comes_from_a_file_or_the_environment()
    {
        File.WriteAllText(At("secret"), "correct horse\n");
        await DoneAsync("init", "authority", "--consortium", "clinics", "--passphrase-file", "secret");
        Assert.Contains("ENCRYPTED", File.ReadAllText(At("authority/authority.key")), StringComparison.Ordinal);
        await DoneAsync("request", "--site", "server", "--role", "server", "--host", "192.0.2.1", "--out", "server");
        string[] sign = ["sign", "authority", "server/request.pem", "--out", "server.fedkim"];
        Assert.Contains("--passphrase-file", await RefusedAsync(sign), StringComparison.Ordinal);
        await DoneAsync([.. sign, "--passphrase-file", "secret"]);
        var (code, _, _) = await EndAsync(sign, "correct horse");
        Assert.Equal(ExitCodes.Ok, code);
        (code, _, string errors) = await EndAsync(sign, "battery staple");
        Assert.Equal(ExitCodes.Configuration, code);
        Assert.Contains("is under another passphrase", errors, StringComparison.Ordinal);
        // What has been signed is no secret of the key.
        await DoneAsync("list", "authority");
    }

    [Fact]
    public async Task What_goes_wrong_is_a_line_that_says_what_to_do()
    {
        await DoneAsync("init", "authority", "--consortium", "clinics");
        await DoneAsync("request", "--site", "hospital-a", "--role", "hospital", "--out", "a");
        await SaysAsync("Name another folder.", "init", "authority", "--consortium", "clinics");
        await SaysAsync("Name another folder.", "request", "--site", "hospital-a", "--role", "hospital", "--out", "a");
        await SaysAsync("Sign the servers' requests first", "sign", "authority", "a/request.pem", "--out", "a.fedkim");
        await SaysAsync("write a server as host:port", "sign", "authority", "a/request.pem", "--out", "a.fedkim", "--server", "server");
        await SaysAsync("is no request for a certificate", "sign", "authority", "authority/authority.pem", "--out", "a.fedkim");
        await SaysAsync("there is no folder", "sign", "authority", "a/request.pem", "--out", "nowhere/a.fedkim");
        await SaysAsync("lower-case letters", "init", "other", "--consortium", "Our Clinics");
        await SaysAsync("Name it without a port", "request", "--site", "server", "--role", "server", "--host", "server:9101", "--out", "server");
        await SaysAsync("See: fedkim certs list", "revoke", "authority", "hospital-z");
        await SaysAsync("Sign a request of it", "renew", "authority", "hospital-a", "--out", "a.fedkim");
        await SaysAsync("Check the path", "revoke", "nowhere", "hospital-a");
        await SaysAsync("fedkim certs init", "list", "nowhere");
        await SaysAsync("Check the path", "show", "nowhere.pem");
        Assert.False(File.Exists(At("a.fedkim")));
        Assert.Empty(new IssuedCertificates(At("authority")).All());

        Assert.Equal(ExitCodes.Usage, (await EndAsync(["request", "--site", "hospital-a", "--role", "doctor", "--out", "b"])).Code);
        Assert.Equal(ExitCodes.Usage, (await EndAsync(["sign", "authority", "a/request.pem", "--out", "a.fedkim", "--days", "0"])).Code);

        async Task SaysAsync(string what, params string[] arguments) => Assert.Contains(what, await RefusedAsync(arguments), StringComparison.Ordinal);
    }

    private static string Words(string line) => line.TrimEnd().Split('\n')[0].Split(" | ")[^1];

    private string At(string name) => Path.Combine(_folder.Path, name);

    private PeerTrust Load(string folder) => PeerTrust.Load(
        new TrustFiles(At($"{folder}/authority.pem"), At($"{folder}/certificate.pem"), At($"{folder}/site.key"), At($"{folder}/revoked.crl")), TimeProvider.System, _ => { });

    private async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, errors) = await EndAsync(arguments);
        Assert.True(code == ExitCodes.Ok, $"fedkim certs {string.Join(' ', arguments)} ended with {code}: {errors}");
        return output;
    }

    private async Task<string> RefusedAsync(params string[] arguments)
    {
        var (code, _, errors) = await EndAsync(arguments);
        Assert.True(code == ExitCodes.Configuration, $"fedkim certs {string.Join(' ', arguments)} ended with {code}: {errors}");
        Assert.Single(errors.TrimEnd().Split('\n'));
        return errors;
    }

    private async Task<(int Code, string Output, string Errors)> EndAsync(string[] arguments, string? passphrase = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var start = new ProcessStartInfo(FedKimProgram.Words[0], [.. FedKimProgram.Words[1..], "certs", .. arguments])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FEDKIM_PASSPHRASE"] = passphrase;
        using var process = Process.Start(start)!;
        try
        {
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            string errors = await process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
