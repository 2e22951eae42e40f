using System.Collections.Immutable;
using System.Net;
using FedKim.Certificates;
using FedKim.Launch.Machine;
using FedKim.Node.Cli.Certs;
using FedKim.Node.Cli.Join;
using FedKim.Testing;
using FedKim.Transfer;

namespace FedKim.Node.Tests;

/// <summary>A consortium with a server that is up, and a site that has made its request: what a test of joining begins with.</summary>
internal sealed class JoiningSite : IAsyncDisposable
{
    public const string Site = "hospital-a";

    private readonly TemporaryFolder _folder = new();
    private readonly CertificateAuthority _authority;
    private readonly PeerTrust _server;
    private readonly WeightServer _weights;

    private JoiningSite(TemporaryFolder folder, CertificateAuthority authority, SiteRequest request, PeerTrust server, WeightServer weights) =>
        (_folder, _authority, Request, _server, _weights) = (folder, authority, request, server, weights);

    public SiteRequest Request { get; }

    public string Server => $"127.0.0.1:{_weights.Address.Port}";

    public string Bundle => _folder["hospital-a.fedkim"];

    /// <summary>The folder of the site's key.</summary>
    public string Own => _folder["own"];

    public string Data => _folder["data"];

    public string NodeFile => Path.Combine(Own, SiteBundle.NodeFileName);

    public string this[string name] => _folder[name];

    public static async Task<JoiningSite> StartAsync()
    {
        var folder = new TemporaryFolder();
        var authority = CertificateAuthority.Init(folder["authority"], "clinics", passphrase: null, TimeProvider.System);
        folder.Write("data/patients.csv", "age\n");
        var request = SiteRequest.Make(folder["own"], Site, PeerRole.Hospital, []);
        var server = authority.Sign(SiteRequest.Make(folder["server"], "server", PeerRole.Server, ["127.0.0.1"]), TimeSpan.FromDays(365));
        BundleOf(authority, server, []).WriteTo(folder["server"]);
        var trust = PeerTrust.Load(
            new TrustFiles(folder["server/authority.pem"], folder["server/certificate.pem"], folder["server/site.key"], folder["authority/revoked.crl"]), TimeProvider.System, _ => { });
        var weights = await WeightServer.StartAsync(
            new WeightStore(folder["weights"]), new Spool(folder["spool"]), new IPEndPoint(IPAddress.Loopback, 0), peers: new PeerConnections(new PeerTls(trust), TimeProvider.System));
        return new JoiningSite(folder, authority, request, trust, weights);
    }

    /// <summary>Signs the site's request.</summary>
    /// <param name="life">How long the certificate lasts; null for a year.</param>
    /// <param name="servers">Where servers are; none for where the one is.</param>
    public void Sign(TimeSpan? life = null, params string[] servers) =>
        BundleOf(_authority, _authority.Sign(Request, life ?? TimeSpan.FromDays(365)), servers.Length > 0 ? [.. servers] : [Server]).Write(Bundle);

    /// <summary>Takes the site's certificate back.</summary>
    /// <param name="told">Whether the server hears of it.</param>
    public void Revoke(bool told)
    {
        _authority.Revoke(Site);
        if (told)
            _server.Look();
    }

    /// <summary>Joins with the bundle.</summary>
    public Joining Join(
        string? key = null, string? data = null, string? work = null, Uri? proxy = null, int port = 0, TimeProvider? clock = null, params string[] words) => Joining.Of(
        Bundle, key ?? Own, words, data ?? Data, work, proxy, port > 0 ? port : Ports.Free(1)[0], clock ?? TimeProvider.System);

    /// <summary>What joining finds.</summary>
    public static async Task<ImmutableArray<Finding>> FindingsOf(Joining joining)
    {
        var found = ImmutableArray.CreateBuilder<Finding>();
        await foreach (var finding in joining.CheckAsync(TestContext.Current.CancellationToken))
            found.Add(finding);
        return found.ToImmutable();
    }

    public async ValueTask DisposeAsync()
    {
        await _weights.DisposeAsync();
        _server.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    private static SiteBundle BundleOf(CertificateAuthority authority, IssuedCertificate issued, ImmutableArray<string> servers) =>
        new(issued.Pem, authority.Certificate.ExportCertificatePem(), authority.RevokedList, servers, SiteNodeFile.Of(issued.Id, issued.Hosts, servers));
}
