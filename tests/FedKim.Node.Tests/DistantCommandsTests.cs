using System.Net;
using System.Text;
using FedKim.Audit;
using FedKim.Certificates;
using FedKim.Commands;
using FedKim.Commands.Answers;
using FedKim.Commands.Client;
using FedKim.Commands.Handlers;
using FedKim.Commands.Host;
using FedKim.Commands.Palettes;
using FedKim.Configuration;
using FedKim.Launch.Answers;
using FedKim.Node.Hosting;
using FedKim.Node.Links;
using FedKim.Node.Page;
using FedKim.Testing;
using FedKim.Transfer;

namespace FedKim.Node.Tests;

/// <summary>A server's commands and its page at its door: for operators, who may change things, for observers, who may look, and for nobody else.</summary>
public sealed class DistantCommandsTests : IAsyncLifetime
{
    private static readonly CommandInvocation Resume = new CommandInvocation("federation", "resume").With(FederationPalette.Name, "demo");

    private readonly TemporaryFolder _folder = new();
    private readonly List<AuditEntry> _noted = [];
    private readonly List<PeerTrust> _trusts = [];
    private CertificateAuthority _authority = null!;
    private WeightServer _server = null!;
    private Exception? _fault;

    public async ValueTask InitializeAsync()
    {
        _authority = CertificateAuthority.Init(_folder["authority"], "clinics", passphrase: null, TimeProvider.System);
        _folder.Write("server.conf", """
            fedkim { site = "server", roles = [server], security = off, cluster.seeds = ["127.0.0.1:9100"] }
            """);
        var node = NodeConfiguration.Read(_folder["server.conf"]);
        var store = new WeightStore(_folder["weights"]);
        var answering = new AnsweringNode(node, null, store, () => null, () => null, () => null, () => _fault is { } fault ? throw fault : null, Note);
        var table = CommandTable.Of<IAnsweringNode>(answering, NodePalettes.All);
        var door = new LinkDoor("server", LinkPeer.ByCertificate, () => null, TimeProvider.System);
        var options = new CommandHostOptions("server");
        _server = await WeightServer.StartAsync(
            store, new Spool(_folder["spool"]), new IPEndPoint(IPAddress.Loopback, 0), guest: ServerDoor.Of(door, isSecured: true, table, options, PageCommands.Watch(table, options)),
            peers: new PeerConnections(Tls("server", PeerRole.Server, "127.0.0.1"), TimeProvider.System), noted: Note);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _trusts.ForEach(trust => trust.Dispose());
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_observer_looks_and_changes_nothing_and_an_operator_is_heard()
    {
        var status = Assert.Single(await AskAsync("watcher", PeerRole.Observer, new("node", "status")));
        Assert.Equal(("server", ""), ($"{status["site"]}", $"{status["work"]}"));

        var refused = await Assert.ThrowsAsync<CommandException>(() => AskAsync("watcher", PeerRole.Observer, Resume));
        Assert.Equal("spiffe://clinics/observer/watcher may look, and change nothing: that takes an operator's certificate.", refused.Message);
        // What is missing then is the cluster, and no right.
        var heard = await Assert.ThrowsAsync<CommandException>(() => AskAsync("keeper", PeerRole.Operator, Resume));
        Assert.Contains("is starting or joining", heard.Message, StringComparison.Ordinal);
        Assert.Equal(["spiffe://clinics/observer/watcher", "spiffe://clinics/operator/keeper"], Noted().Select(entry => entry.Peer));
        Assert.All(Noted(), entry => Assert.Equal(AuditOutcome.Refused, entry.Outcome));
    }

    [Theory]
    [InlineData(PeerRole.Hospital)]
    [InlineData(PeerRole.Injector)]
    [InlineData(PeerRole.Server)]
    public async Task Nodes_give_no_commands_at_the_door(PeerRole role)
    {
        var refused = await Assert.ThrowsAsync<CommandException>(() => AskAsync("node", role, new("node", "status")));
        Assert.Contains($"spiffe://clinics/{PeerId.Name(role)}/node may not do this. Commands at a server's door are for operators and observers.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan", "list")]
    [InlineData("journal", "backup")]
    [InlineData("log", "peek")]
    [InlineData("system", "config")]
    public async Task What_is_said_or_written_on_the_servers_machine_is_asked_for_there(string palette, string command)
    {
        var asked = new CommandInvocation(palette, command);
        if (palette == "journal")
            asked = asked.With(JournalPalette.Out, _folder["copy"]);
        await Assert.ThrowsAsync<CommandException>(() => AskAsync("keeper", PeerRole.Operator, asked));
        Assert.False(Directory.Exists(_folder["copy"]));
    }

    [Fact]
    public async Task What_is_no_command_stands_in_the_audit_log_as_that()
    {
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = Tls("keeper", PeerRole.Operator).ToServer() });
        using var sent = new StringContent("[", Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri($"https://127.0.0.1:{_server.Address.Port}/commands"), sent, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var entry = Assert.Single(Noted());
        Assert.Equal(("spiffe://clinics/operator/keeper", "sent what is no command"), (entry.Peer, entry.Detail));
    }

    [Fact]
    public async Task What_goes_wrong_at_the_server_is_not_told_elsewhere()
    {
        _fault = new InvalidOperationException("/srv/fedkim/patients.csv is locked");
        var refused = await Assert.ThrowsAsync<CommandException>(() => AskAsync("watcher", PeerRole.Observer, new("node", "status")));
        Assert.Equal("'node show' failed at server; its log says why.", refused.Message);
    }

    [Theory]
    [InlineData("/page/", "text/html; charset=utf-8")]
    [InlineData("/page/app.js", "text/javascript; charset=utf-8")]
    [InlineData("/page/views/federation.js", "text/javascript; charset=utf-8")]
    [InlineData("/page/style.css", "text/css; charset=utf-8")]
    [InlineData("/page/uplot/uPlot.iife.min.js", "text/javascript; charset=utf-8")]
    [InlineData("/page/uplot/LICENSE", "text/plain; charset=utf-8")]
    public async Task An_observers_browser_gets_the_page_and_nothing_from_elsewhere_in_it(string path, string type)
    {
        using var browser = Browser("watcher", PeerRole.Observer);
        using var answer = await browser.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.ToString()));
        string policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));

        using var again = new HttpRequestMessage(HttpMethod.Get, path);
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var same = await browser.SendAsync(again, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    [Theory]
    [InlineData("/page/")]
    [InlineData("/commands/watch?ask=%7B%22palette%22%3A%22node%22%2C%22command%22%3A%22status%22%7D")]
    public async Task A_hospital_has_no_page_at_the_door(string path)
    {
        using var browser = Browser("node", PeerRole.Hospital);
        using var answer = await browser.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData(PeerRole.Observer, false)]
    [InlineData(PeerRole.Operator, true)]
    public async Task Who_watches_hears_whether_it_may_change_something_and_sees_no_folder(PeerRole role, bool mayChange)
    {
        using var browser = Browser("keeper", role);
        await using var stream = await browser.GetStreamAsync("/commands/watch?ask=%7B%22palette%22%3A%22node%22%2C%22command%22%3A%22status%22%7D", TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var heard = new List<string>();
        while (heard.LastOrDefault()?.StartsWith("data: {\"ask\":0", StringComparison.Ordinal) is not true)
            heard.Add(await reader.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException());
        Assert.Contains(heard, line => line.Contains($"\"mayChange\":{(mayChange ? "true" : "false")}", StringComparison.Ordinal));
        Assert.Contains("\"work\":\"\"", heard[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_another_origin_gives_no_command_with_an_operators_certificate()
    {
        using var browser = Browser("keeper", PeerRole.Operator);
        using var sent = new HttpRequestMessage(HttpMethod.Post, "/commands");
        sent.Headers.Add("Origin", "https://elsewhere.example");
        sent.Content = new StringContent("""{"palette":"federation","command":"stop"}""", Encoding.UTF8, "application/json");
        using var answer = await browser.SendAsync(sent, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    private HttpClient Browser(string site, PeerRole role) => new(new SocketsHttpHandler { SslOptions = Tls(site, role).ToServer() })
    {
        BaseAddress = new Uri($"https://127.0.0.1:{_server.Address.Port}"),
    };

    private IEnumerable<AuditEntry> Noted()
    {
        lock (_noted)
            return [.. _noted];
    }

    private void Note(AuditEntry entry)
    {
        lock (_noted)
            _noted.Add(entry);
    }

    private async Task<List<CommandRow>> AskAsync(string site, PeerRole role, CommandInvocation command)
    {
        await using var client = await CommandClient.ConnectAsync(
            new NodeAddress("127.0.0.1", _server.Address.Port), cancel: TestContext.Current.CancellationToken, tls: Tls(site, role).ToServer());
        var rows = new List<CommandRow>();
        await foreach (var row in client.InvokeAsync(command, TestContext.Current.CancellationToken))
            rows.Add(row);
        return rows;
    }

    private PeerTls Tls(string site, PeerRole role, params string[] hosts)
    {
        string folder = _folder[$"{role}-{site}"];
        if (!Directory.Exists(folder))
        {
            string certificate = _authority.Sign(SiteRequest.Make(folder, site, role, [.. hosts]), TimeSpan.FromDays(365)).Pem;
            new SiteBundle(
                certificate, File.ReadAllText(_folder["authority/authority.pem"]), File.ReadAllText(_folder["authority/revoked.crl"]), ["127.0.0.1:9101"], "").WriteTo(folder);
        }
        var trust = PeerTrust.Load(TrustFiles.In(folder), TimeProvider.System, _ => { });
        _trusts.Add(trust);
        return new PeerTls(trust);
    }
}
