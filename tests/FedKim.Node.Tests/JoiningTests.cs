using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedKim.Certificates;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Node.Cli.Join;

namespace FedKim.Node.Tests;

/// <summary>What a site is told before it joins, against a door that is up; and what is written then.</summary>
public sealed class JoiningTests : IAsyncLifetime
{
    private JoiningSite _site = null!;

    public async ValueTask InitializeAsync() => _site = await JoiningSite.StartAsync();

    public ValueTask DisposeAsync() => _site.DisposeAsync();

    [Fact]
    public async Task A_site_that_is_let_in_gets_its_files_and_once_more_nothing_changes()
    {
        _site.Sign();
        var joining = _site.Join(port: 29910);
        var findings = await JoiningSite.FindingsOf(joining);
        Assert.DoesNotContain(findings, finding => finding.IsWrong);
        Assert.Contains(findings, finding => finding is { What: "server", IsDoubtful: false } && finding.Found == $"{_site.Server} → 127.0.0.1 → spiffe://clinics/server/server: it lets this site in");
        Assert.Contains(findings, finding => finding is { What: "clock", IsDoubtful: false } && finding.Found.EndsWith("agrees with that of server", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.What == "data" && finding.Found.Contains("has 1 file,", StringComparison.Ordinal));
        Assert.False(File.Exists(_site.NodeFile));

        Assert.Equal(["certificate.pem", "authority.pem", "revoked.crl", "servers.txt", "node.conf"], joining.Write());
        var node = NodeConfiguration.Read(_site.NodeFile);
        Assert.Equal((JoiningSite.Site, SiteLink.Outbound, _site.Data, Path.Combine(_site.Own, "work"), 29910), (node.Site, node.Link, node.Data, node.Work, node.CommandPort));
        Assert.Equal([_site.Server], node.Doors);

        var again = _site.Join(port: 29910);
        Assert.Contains(await JoiningSite.FindingsOf(again), finding => finding.What == "node file" && finding.Found.EndsWith("says this already", StringComparison.Ordinal));
        Assert.Empty(again.Write());
    }

    [Fact]
    public async Task Every_root_of_a_bundle_needs_its_words_and_what_a_root_has_signed_needs_none()
    {
        _site.Sign();
        var bundle = SiteBundle.Read(_site.Bundle);
        string first = Assert.Single(bundle.Roots(_site.Bundle)).Print;
        using var key = RSA.Create(2048);
        using var next = Authority("CN=next", key).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(900));
        using var betweenKey = RSA.Create(2048);
        using var between = Authority("CN=between", betweenKey).Create(next, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(800), [1]);
        using var otherKey = RSA.Create(2048);
        using var other = Authority("CN=other", otherKey).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(900));
        using var stranger = Authority("CN=stranger", betweenKey).Create(other, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(800), [1]);
        string second = SpokenPrint.Of(next.PublicKey);
        string both = bundle.Authority + "\n" + next.ExportCertificatePem() + "\n" + between.ExportCertificatePem();
        (bundle with { Authority = both }).Write(_site.Bundle);

        Assert.Equal((bool[])[false, false], await Wrong(first, second));
        Assert.Equal((bool[])[false, true], await Wrong(first));
        (bundle with { Authority = both + "\n" + stranger.ExportCertificatePem() }).Write(_site.Bundle);
        Assert.Equal((bool[])[false, false, true], await Wrong(first, second));

        async Task<bool[]> Wrong(params string[] words) =>
            [.. (await JoiningSite.FindingsOf(_site.Join(words: words))).Where(finding => finding.What == "authority").Select(finding => finding.IsWrong)];

        static CertificateRequest Authority(string name, RSA key)
        {
            var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request;
        }
    }

    [Fact]
    public async Task The_authoritys_words_are_asked_for_once_and_others_than_the_keepers_are_refused()
    {
        _site.Sign();
        string words = Assert.Single(SiteBundle.Read(_site.Bundle).Authorities(_site.Bundle)).Print;
        var first = await AuthorityOf(_site.Join());
        Assert.True(first.IsDoubtful);
        Assert.Contains($"CN=clinics, {words}: ask the keeper on the telephone", first.Found, StringComparison.Ordinal);
        Assert.False((await AuthorityOf(_site.Join(words: words))).IsDoubtful);
        await HasWrong("authority", "do not use it, and call the keeper", _site.Join(words: _site.Request.Print));

        Assert.False((await AuthorityOf(_site.Join(words: words.Replace('-', ' ').ToUpperInvariant()))).IsDoubtful);

        _site.Join().Write();
        var again = await AuthorityOf(_site.Join());
        Assert.False(again.IsDoubtful);
        Assert.EndsWith($"as it was in {_site.Own}", again.Found, StringComparison.Ordinal);

        static async Task<Finding> AuthorityOf(Joining joining) => Assert.Single(await JoiningSite.FindingsOf(joining), finding => finding.What == "authority");
    }

    [Fact]
    public void A_bundle_for_another_key_is_refused_with_the_key_that_it_is_for()
    {
        _site.Sign();
        SiteRequest.Make(_site["other"], JoiningSite.Site, PeerRole.Hospital, []);
        var refused = Assert.Throws<CertificateException>(() => _site.Join(key: _site["other"]));
        Assert.Contains($"is not for the key {Path.Combine(_site["other"], SiteRequest.KeyName)}. The certificate is for the key {_site.Request.Print}.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--key", Assert.Throws<CertificateException>(() => _site.Join(key: _site.Data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_is_found_below_the_folder_of_the_bundle_and_two_of_it_are_named()
    {
        _site.Sign();
        SiteRequest.Make(_site["other"], JoiningSite.Site, PeerRole.Hospital, []);
        Assert.Equal(_site.Own, KeyFolder.Of(SiteBundle.Read(_site.Bundle), _site.Bundle, named: null));

        Directory.CreateDirectory(_site["copy"]);
        File.Copy(Path.Combine(_site.Own, SiteRequest.KeyName), Path.Combine(_site["copy"], SiteRequest.KeyName));
        var refused = Assert.Throws<CertificateException>(() => KeyFolder.Of(SiteBundle.Read(_site.Bundle), _site.Bundle, named: null));
        Assert.Contains("Say with --key DIR which of them is the node's", refused.Message, StringComparison.Ordinal);

        File.Delete(Path.Combine(_site["copy"], SiteRequest.KeyName));
        File.Delete(Path.Combine(_site.Own, SiteRequest.KeyName));
        refused = Assert.Throws<CertificateException>(() => KeyFolder.Of(SiteBundle.Read(_site.Bundle), _site.Bundle, named: null));
        Assert.Contains("is for none of the keys in", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_ended_is_named_and_the_rest_is_looked_at_all_the_same()
    {
        _site.Sign(TimeSpan.FromDays(1));
        await HasWrong("certificate", "every server would refuse it: its certificate ended at ", _site.Join(data: _site["nowhere"], clock: new Shifted(TimeSpan.FromDays(2))), "data");
    }

    [Fact]
    public async Task A_certificate_that_begins_later_asks_for_the_clocks()
    {
        _site.Sign();
        await HasWrong("certificate", "Are both clocks right? Ask", _site.Join(clock: new Shifted(TimeSpan.FromHours(-25))));
    }

    [Fact]
    public async Task A_certificate_that_the_bundle_itself_takes_back_is_named()
    {
        _site.Sign();
        var bundle = SiteBundle.Read(_site.Bundle);
        _site.Revoke(told: false);
        (bundle with { Revoked = File.ReadAllText(_site["authority/revoked.crl"]) }).Write(_site.Bundle);
        await HasWrong("certificate", "every server would refuse it: its certificate is revoked", _site.Join());
    }

    [Fact]
    public async Task A_certificate_that_was_revoked_since_is_refused_by_the_server_and_both_causes_are_said()
    {
        _site.Sign();
        _site.Revoke(told: true);
        await HasWrong("server", "→ spiffe://clinics/server/server: it refuses this site's certificate, and does not say why: the certificate was revoked after the list of ", _site.Join());
    }

    [Fact]
    public async Task A_server_that_is_down_leaves_the_way_out_open_and_one_that_is_up_is_enough()
    {
        string down = $"127.0.0.1:{Ports.Free(1)[0]}";
        _site.Sign(servers: down);
        var finding = Assert.Single(await JoiningSite.FindingsOf(_site.Join()), finding => finding.IsWrong);
        Assert.Equal(("server", ExitCodes.Unreachable), (finding.What, finding.Code));
        Assert.Contains($"{down}: 127.0.0.1 is reached and refuses port", finding.Found, StringComparison.Ordinal);
        Assert.EndsWith("The way out from here is open", finding.Found, StringComparison.Ordinal);

        _site.Sign(servers: [down, _site.Server]);
        var both = await JoiningSite.FindingsOf(_site.Join());
        Assert.DoesNotContain(both, finding => finding.IsWrong);
        Assert.Equal([true, false], both.Where(finding => finding.What == "server").Select(finding => finding.IsDoubtful));
    }

    [Fact]
    public async Task A_key_that_others_may_read_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such rights.");
        _site.Sign();
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(_site.Own, SiteRequest.KeyName), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await HasWrong("key", "may be read by others than this account", _site.Join());
    }

    [Fact]
    public async Task A_bundle_whose_servers_are_no_addresses_is_not_followed()
    {
        _site.Sign(servers: "server.example.org/../secret:9101");
        await HasWrong("bundle", "does not name 1 to 20 servers as host:port", _site.Join());
        _site.Sign(servers: [.. Enumerable.Range(1, 21).Select(host => $"127.0.0.{host}:1")]);
        await HasWrong("bundle", "does not name 1 to 20 servers as host:port", _site.Join());
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_named()
    {
        _site.Sign(servers: "no-such-host.invalid:9101");
        await HasUnreachable("the name no-such-host.invalid is not found", _site.Join());
    }

    [Theory]
    [InlineData("220 mail.example.org\r\n", "something listens there, and it is no server of FedKim with TLS")]
    [InlineData(null, "the connection is taken and TLS does not begin: another program listens there")]
    public async Task Another_program_on_the_port_is_told_apart(string? says, string found)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var answering = AnswerAsync();
        _site.Sign(servers: other.LocalEndpoint.ToString()!);
        await HasUnreachable(found, _site.Join());
        using var accepted = await answering;

        async Task<TcpClient> AnswerAsync()
        {
            var client = await other.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            if (says is not null)
                await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(says));
            return client;
        }
    }

    [Fact]
    public async Task A_server_of_another_authority_is_refused_by_name()
    {
        await using var stranger = await JoiningSite.StartAsync();
        _site.Sign(servers: stranger.Server);
        await HasWrong("server", "who answers shows spiffe://clinics/server/server: its certificate was signed by another authority", _site.Join());
    }

    [Fact]
    public async Task A_clock_that_is_off_is_a_warning()
    {
        _site.Sign();
        var findings = await JoiningSite.FindingsOf(_site.Join(clock: new Shifted(TimeSpan.FromSeconds(75))));
        Assert.DoesNotContain(findings, finding => finding.IsWrong);
        Assert.Matches("this machine's clock is 7[3-6] s ahead of that of server", Assert.Single(findings, finding => finding is { What: "clock", IsDoubtful: true }).Found);
    }

    [Fact]
    public async Task A_proxy_is_gone_through_and_what_it_forbids_is_its_own()
    {
        _site.Sign();
        await using (var proxy = new LinkProxy())
        {
            var way = new Uri($"http://127.0.0.1:{proxy.Port}");
            var joining = _site.Join(proxy: way);
            var findings = await JoiningSite.FindingsOf(joining);
            Assert.Contains(findings, finding => finding.Found == $"{_site.Server} → proxy 127.0.0.1:{proxy.Port} → spiffe://clinics/server/server: it lets this site in");
            Assert.Equal([_site.Server], proxy.Asked);
            joining.Write();
            Assert.Equal(way, NodeConfiguration.Read(_site.NodeFile).Proxy);
        }

        using var forbids = new TcpListener(IPAddress.Loopback, 0);
        forbids.Start();
        var forbidding = ForbidAsync();
        await HasUnreachable("forbids the way to", _site.Join(key: _site.Own, proxy: new Uri($"http://{forbids.LocalEndpoint}")), "node file");
        using var accepted = await forbidding;
        await HasUnreachable("the proxy 127.0.0.1:1 is not reached: 127.0.0.1 is reached and refuses port 1", _site.Join(proxy: new Uri("http://127.0.0.1:1")), "node file");

        async Task<TcpClient> ForbidAsync()
        {
            var client = await forbids.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync("HTTP/1.1 403 Forbidden\r\n\r\n"u8.ToArray());
            return client;
        }
    }

    [Fact]
    public async Task Data_must_be_there_and_apart_from_the_work_folder()
    {
        _site.Sign();
        await HasWrong("data", $"there is no folder {_site["nowhere"]}", _site.Join(data: _site["nowhere"]));
        await HasWrong("data", "lie in each other", _site.Join(work: Path.Combine(_site.Data, "work")));
        Directory.CreateDirectory(_site["work/data"]);
        await HasWrong("data", "lie in each other", _site.Join(data: _site["work/data"], work: _site["work"]));
        Directory.CreateDirectory(_site["empty"]);
        var empty = Assert.Single(await JoiningSite.FindingsOf(_site.Join(data: _site["empty"])), finding => finding is { What: "data", IsDoubtful: true });
        Assert.Contains("has no files", empty.Found, StringComparison.Ordinal);
        if (OperatingSystem.IsWindows())
            return;
        Directory.CreateSymbolicLink(_site["link"], _site.Data);
        await HasWrong("data", "lie in each other", _site.Join(work: Path.Combine(_site["link"], "work")));
        File.SetUnixFileMode(_site.Data, File.GetUnixFileMode(_site.Data) | UnixFileMode.OtherWrite);
        Assert.Contains(await JoiningSite.FindingsOf(_site.Join()), finding => finding is { What: "data", IsDoubtful: true } && finding.Found.EndsWith($"chmod o-w {_site.Data}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_work_folder_is_closed_to_others_and_a_port_that_is_taken_is_named()
    {
        _site.Sign();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        await HasWrong("port", "another program listens on that port", _site.Join(port: ((IPEndPoint)other.LocalEndpoint).Port));
        await HasWrong("work", "is a file", _site.Join(work: _site.Bundle));
        if (OperatingSystem.IsWindows())
            return;
        Directory.CreateDirectory(_site["open"]);
        File.SetUnixFileMode(_site["open"], (UnixFileMode)0b111_101_101);
        Assert.Contains(await JoiningSite.FindingsOf(_site.Join(work: _site["open"])), finding => finding is { What: "work", IsDoubtful: true });
    }

    [Fact]
    public async Task A_node_file_that_is_there_stays_and_is_told_where_it_says_something_else()
    {
        _site.Sign();
        _site.Join(port: 29911).Write();
        File.AppendAllText(_site.NodeFile, "fedkim.log.level = debug\n");
        string own = File.ReadAllText(_site.NodeFile);
        var joining = _site.Join(port: 29911);
        Assert.Contains(await JoiningSite.FindingsOf(joining), finding => finding.Found.EndsWith("is the site's own by now, agrees with this command, and stays", StringComparison.Ordinal));
        Assert.Empty(joining.Write());
        Directory.CreateDirectory(_site["more"]);
        await HasWrong("node file", $"fedkim.data is \"{_site.Data}\" there, and \"{_site["more"]}\" is asked for", _site.Join(data: _site["more"], port: 29911));
        Assert.Equal(own, File.ReadAllText(_site.NodeFile));
    }

    [Fact]
    public async Task An_older_bundle_brings_nothing_back()
    {
        _site.Sign();
        File.Copy(_site.Bundle, _site["older.fedkim"]);
        var old = SiteBundle.Read(_site.Bundle);
        _site.Join(port: 29912).Write();
        // Times in certificates and lists are whole seconds.
        var begins = old.Show(_site.Bundle).Begins;
        while (true)
        {
            _site.Sign();
            if (SiteBundle.Read(_site.Bundle).Show(_site.Bundle).Begins > begins)
                break;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.Equal(["certificate.pem"], _site.Join(port: 29912).Write());
        string renewed = File.ReadAllText(Path.Combine(_site.Own, SiteBundle.CertificateName));

        File.Copy(_site["older.fedkim"], _site.Bundle, overwrite: true);
        var joining = _site.Join(port: 29912);
        Assert.Contains(await JoiningSite.FindingsOf(joining), finding => finding is { What: "bundle", IsDoubtful: true } && finding.Found.Contains("is older than what is in", StringComparison.Ordinal));
        Assert.Empty(joining.Write());
        Assert.Equal(renewed, File.ReadAllText(Path.Combine(_site.Own, SiteBundle.CertificateName)));
    }

    private static async Task HasWrong(string what, string found, Joining joining, params string[] also)
    {
        var wrong = (await JoiningSite.FindingsOf(joining)).Where(finding => finding.IsWrong).ToArray();
        Assert.Equal([what, .. also], wrong.Select(finding => finding.What));
        Assert.Equal(ExitCodes.Configuration, wrong[0].Code);
        Assert.Contains(found, wrong[0].Found, StringComparison.Ordinal);
    }

    private static async Task HasUnreachable(string found, Joining joining, params string[] also)
    {
        var wrong = (await JoiningSite.FindingsOf(joining)).Where(finding => finding.IsWrong).ToArray();
        Assert.Equal(["server", .. also], wrong.Select(finding => finding.What));
        Assert.Equal(ExitCodes.Unreachable, wrong[0].Code);
        Assert.Contains(found, wrong[0].Found, StringComparison.Ordinal);
    }

    private sealed class Shifted(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}
