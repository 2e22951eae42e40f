using FedKim.Certificates;
using FedKim.Configuration;
using FedKim.Node.Cli.Certs;
using FedKim.Testing;

namespace FedKim.Node.Tests;

/// <summary>A bundle's node file is one that a node starts with, as soon as what only the site knows is filled in.</summary>
public sealed class SiteNodeFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SiteNodeFileTests()
    {
        foreach (string name in (string[])["authority.pem", "certificate.pem", "site.key", "revoked.crl", "data/x"])
            _folder.Write(name, "");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_hospital_only_calls()
    {
        var node = Read(PeerRole.Hospital, [], ["server-1.example.org:9101", "server-2.example.org:9443"]);
        Assert.Equal(SiteLink.Outbound, node.Link);
        Assert.Equal(["server-1.example.org:9101", "server-2.example.org:9443"], node.Doors);
        Assert.Empty(node.Seeds);
        Assert.Equal(_folder["site.key"], node.Tls?.Key);
    }

    [Fact]
    public void An_injector_is_a_member()
    {
        var node = Read(PeerRole.Injector, ["injector.example.org"], ["server.example.org:9443"]);
        Assert.Equal((SiteLink.Member, "injector.example.org"), (node.Link, node.Host));
        Assert.Equal(["server.example.org:9100"], node.Seeds);
    }

    [Fact]
    public void A_server_listens_where_the_others_were_told_to_find_it()
    {
        var node = Read(PeerRole.Server, ["2001:db8::1"], ["[2001:db8::1]:9443"]);
        Assert.Equal(("[2001:db8::1]", 9443), (node.Host, node.WeightsPort));
        Assert.Equal(["[2001:db8::1]:9100"], node.Seeds);
        Assert.Equal(9101, Read(PeerRole.Server, ["server.example.org"], ["server.example.org:9101"]).WeightsPort);
    }

    [Fact]
    public void Several_servers_keep_one_journal_which_only_they_know()
    {
        string[] servers = ["server-1.example.org:9101", "server-2.example.org:9101", "server-3.example.org:9101"];
        string text = Text(PeerRole.Server, ["server-2.example.org"], servers) + "fedkim.journal.connection = \"Host=db.example.org;Database=fedkim;Username=fedkim\"\n";
        var node = NodeConfiguration.Read(_folder.Write("node.conf", text));
        Assert.Equal(3, node.Servers);
        Assert.Equal(["server-1.example.org:9100", "server-2.example.org:9100", "server-3.example.org:9100"], node.Seeds);
    }

    [Fact]
    public void What_the_site_knows_is_written_as_it_is_read()
    {
        string data = Directory.CreateDirectory(_folder["a \"strange\" folder"]).FullName;
        var own = new SiteNodeFile.Own(data, "own work", new Uri("http://proxy.example.org:3128"), 9120);
        var node = NodeConfiguration.Read(_folder.Write("node.conf", SiteNodeFile.Of(Id(PeerRole.Hospital), [], ["server.example.org:9101"], own)));
        Assert.Equal((data, _folder["own work"], own.Proxy, 9120), (node.Data, node.Work, node.Proxy, node.CommandPort));
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("observer")]
    public void People_are_no_nodes(string role) => Assert.Empty(Text(PeerId.RoleOf(role)!.Value, [], ["server.example.org:9101"]));

    private static PeerId Id(PeerRole role) => PeerId.Of("clinics", role, "site-1")!;

    private static string Text(PeerRole role, string[] hosts, string[] servers) =>
        SiteNodeFile.Of(Id(role), hosts, [.. servers]).Replace("data = \"\"", "data = \"data\"", StringComparison.Ordinal);

    private NodeConfiguration Read(PeerRole role, string[] hosts, string[] servers)
    {
        var node = NodeConfiguration.Read(_folder.Write("node.conf", Text(role, hosts, servers)));
        Assert.Equal(("site-1", PeerId.Name(role), _folder["work"]), (node.Site, Assert.Single(node.Roles), node.Work));
        return node;
    }
}
