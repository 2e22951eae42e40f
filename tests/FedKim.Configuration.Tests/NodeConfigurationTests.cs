using FedKim.Actors.Hospital.Plans;
using FedKim.Models;
using FedKim.Testing;

namespace FedKim.Configuration.Tests;

public sealed class NodeConfigurationTests : IDisposable
{
    private const string Hospital = """
        fedkim {
          site = "hospital-a"
          roles = [hospital]
          data = "data"
          cluster.seeds = ["127.0.0.1:9100"]
        }
        """;

    private const string Server = """
        fedkim {
          site = "server"
          roles = [server]
          cluster.seeds = ["127.0.0.1:9100"]
          SETTING
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public NodeConfigurationTests() => Directory.CreateDirectory(Path.Combine(_folder.Path, "data"));

    public static IEnumerable<TheoryDataRow<string>> Files => Repository.Files("cluster").Concat(Repository.Files("cluster/container")).Select(file => new TheoryDataRow<string>(file));

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Files))]
    public void Every_node_file_of_the_repository_lacks_nothing_but_its_data_and_its_certificate(string file)
    {
        var e = Record.Exception(() => NodeConfiguration.Read(Path.Combine(Repository.Root, file)));

        Assert.All(e is InvalidConfigurationException invalid ? invalid.Problems : [], problem => Assert.Matches("fedkim\\.data is \"/srv/fedkim/|fedkim\\.tls\\.[a-z]+ is \"/etc/fedkim/", problem));
        Assert.True(e is null or InvalidConfigurationException);
    }

    [Fact]
    public void A_node_file_writes_only_what_differs()
    {
        var node = NodeConfiguration.Read(_folder.Write("node.conf", Hospital));

        Assert.Equal(("hospital-a", 9100, 9110), (node.Site, node.Port, node.CommandPort));
        Assert.Equal(Path.Combine(_folder.Path, "data"), node.Data);
        Assert.Equal(Path.Combine(_folder.Path, "work"), node.Work);
        var akka = AkkaConfiguration.Of(node);
        Assert.Equal(["hospital"], akka.GetStringList("akka.cluster.roles"));
        Assert.Equal(["127.0.0.1:9100"], node.Seeds);
        Assert.Equal("keep-majority", akka.GetString("akka.cluster.split-brain-resolver.active-strategy"));
    }

    [Fact]
    public void A_hospital_trains_for_what_it_is_asked_unless_its_file_says_otherwise()
    {
        Assert.Equal(PlanAcceptance.Certified, NodeConfiguration.Read(_folder.Write("node.conf", Hospital)).Accept);

        var listed = NodeConfiguration.Read(_folder.Write("listed.conf", Hospital.Replace("data = ", "hospital { accept = listed, plans = [demo, rehearsal] }\n  data = ", StringComparison.Ordinal))).Accept;

        Assert.Equal(AcceptedPlans.Listed, listed.Plans);
        Assert.Equal(["demo", "rehearsal"], listed.Listed);
    }

    [Fact]
    public void A_node_carries_the_site_it_is_named_for_or_those_that_its_file_names_each_with_folders_of_its_own()
    {
        var one = NodeConfiguration.Read(_folder.Write("node.conf", Hospital));
        Assert.Equal(["hospital-a"], one.Clients);
        Assert.Equal((false, Path.Combine(one.Work, "rounds"), one.Data), (one.CarriesSites, one.RoundsOf("hospital-a"), one.DataOf("hospital-a")));

        var several = NodeConfiguration.Read(_folder.Write("several.conf", Carrying("security = off")));
        Assert.Equal(["site-1", "site-2"], several.Clients);
        Assert.Equal(
            (true, Path.Combine(one.Work, "sites", "site-2", "rounds"), Path.Combine(one.Data, "site-2")),
            (several.CarriesSites, several.RoundsOf("site-2"), several.DataOf("site-2")));
    }

    [Theory]
    [InlineData("", "fedkim.hospital.clients names 2 sites, and security is on: a certificate names one site")]
    [InlineData("security = off, cluster { link = outbound, doors = [\"127.0.0.1:9101\"] }", "names 2 sites, and cluster.link is outbound: a line to a server's door speaks for the one site")]
    [InlineData("security = off, hospital.accept = ask", "names 2 sites, and accept is ask: one word cannot be said for several sites")]
    [InlineData("security = off, roles = [hospital, injector]", "names 2 sites, and roles are hospital, injector")]
    [InlineData("security = off, hospital.clients = [site-1, site-1]", "fedkim.hospital.clients names site-1 2 times")]
    [InlineData("security = off, hospital.clients = [Site_1]", "fedkim.hospital.clients contains \"Site_1\"")]
    public void What_does_not_go_with_several_sites_is_named(string setting, string problem) => Assert.Contains(
        problem, Assert.Throws<InvalidConfigurationException>(() => NodeConfiguration.Read(_folder.Write("several.conf", Carrying(setting)))).Message, StringComparison.Ordinal);

    private static string Carrying(string setting) => Hospital.Replace("data = ", $"hospital.clients = [site-2, site-1]\n  {setting}\n  data = ", StringComparison.Ordinal);

    [Theory]
    [InlineData("accept = listed", "fedkim.hospital.plans is empty, and accept is listed")]
    [InlineData("plans = [demo]", "fedkim.hospital.plans names demo, and accept is certified")]
    [InlineData("accept = all", "fedkim.hospital.accept is \"all\"")]
    public void What_a_site_accepts_must_say_something(string setting, string problem)
    {
        string file = _folder.Write("node.conf", Hospital.Replace("data = ", $"hospital {{ {setting} }}\n  data = ", StringComparison.Ordinal));
        Assert.Contains(problem, Assert.Throws<InvalidConfigurationException>(() => NodeConfiguration.Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hospital_with_an_outbound_link_names_doors_and_no_seeds_and_listens_for_nobody()
    {
        var node = NodeConfiguration.Read(_folder.Write("node.conf", """
            fedkim {
              security = off
              site = "hospital-a"
              roles = [hospital]
              data = "data"
              cluster { link = outbound, doors = ["one.example.org:9101", "two.example.org:9101"], proxy = "http://proxy.example.org:3128" }
            }
            """));

        Assert.Equal((SiteLink.Outbound, "proxy.example.org"), (node.Link, node.Proxy?.Host));
        Assert.Equal(["one.example.org:9101", "two.example.org:9101"], node.Doors);
        Assert.All(node.Listens(), port => Assert.True(port.OnLoopback));
    }

    [Theory]
    [InlineData("link = outbound", "[hospital]", "fedkim.cluster.doors is empty, but link is outbound")]
    [InlineData("link = outbound, doors = [\"a:1\"]", "[hospital, injector]", "fedkim.roles are hospital, injector, but cluster.link is outbound")]
    [InlineData("link = outbound, doors = [\"a\"]", "[hospital]", "fedkim.cluster.doors contains \"a\"")]
    [InlineData("link = outbound, doors = [\"a:1\"], proxy = \"proxy\"", "[hospital]", "fedkim.cluster.proxy is \"proxy\"")]
    [InlineData("link = inbound", "[hospital]", "fedkim.cluster.link is \"inbound\"")]
    public void An_outbound_link_that_cannot_be_is_refused(string cluster, string roles, string problem)
    {
        string file = _folder.Write("node.conf", $"fedkim {{ site = hospital-a, roles = {roles}, data = data, cluster {{ {cluster} }} }}");

        var e = Assert.Throws<InvalidConfigurationException>(() => NodeConfiguration.Read(file));

        Assert.Contains(e.Problems, found => found.Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, "keep-majority", "fedkim.lease.sql")]
    [InlineData(2, "lease-majority", "fedkim.lease.sql")]
    [InlineData(3, "keep-majority", "fedkim.lease.sql")]
    public void Of_several_servers_a_lease_says_which_coordinates_and_of_two_which_goes_on(int servers, string strategy, string lease)
    {
        var node = NodeConfiguration.Read(_folder.Write("node.conf", Server.Replace("SETTING", $"cluster.servers = {servers}\n  journal.file = shared.db")));

        var akka = AkkaConfiguration.Of(node);
        Assert.Equal(strategy, akka.GetString("akka.cluster.split-brain-resolver.active-strategy"));
        Assert.Equal(lease, akka.GetString("akka.cluster.singleton.use-lease", ""));
    }

    [Fact]
    public void One_of_several_servers_has_no_other_role()
    {
        string text = Server.Replace("SETTING", "cluster.servers = 3\n  journal.file = shared.db\n  data = \"data\"").Replace("[server]", "[server, hospital]");
        var e = Assert.Throws<InvalidConfigurationException>(() => NodeConfiguration.Read(_folder.Write("node.conf", text)));

        Assert.Contains("fedkim.roles are hospital, server, but cluster.servers is 3", Assert.Single(e.Problems));
    }

    [Fact]
    public void Several_servers_that_would_each_keep_a_journal_of_their_own_are_refused()
    {
        var e = Assert.Throws<InvalidConfigurationException>(
            () => NodeConfiguration.Read(_folder.Write("node.conf", Server.Replace("SETTING", "cluster.servers = 3"))));

        Assert.Contains("fedkim.cluster.servers is 3, but each server would keep a journal of its own.", Assert.Single(e.Problems));
    }

    [Fact]
    public void What_a_node_file_says_about_akka_may_be_any_text()
    {
        var node = NodeConfiguration.Read(_folder.Write("node.conf", Hospital + "\nakka.own = [\"user@host?\", \"a b\"]\n"));
        Assert.Equal(["user@host?", "a b"], AkkaConfiguration.Of(node).GetStringList("akka.own"));
        Assert.False(node.Akka.HasPath("fedkim"));
    }

    [Fact]
    public void What_a_node_file_says_about_akka_wins()
    {
        var node = NodeConfiguration.Read(_folder.Write("node.conf", Hospital + "\nakka.cluster.split-brain-resolver.stable-after = 9s\n"));

        Assert.Equal(TimeSpan.FromSeconds(9), AkkaConfiguration.Of(node).GetTimeSpan("akka.cluster.split-brain-resolver.stable-after"));
    }

    [Theory]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("[0:0::0:1]")]
    public void An_IPv6_address_is_known_by_one_text_however_it_is_written(string written)
    {
        string text = Hospital.Replace("cluster.seeds = [\"127.0.0.1:9100\"]", $"cluster {{ host = \"{written}\", seeds = [\"[0:0::0:1]:9100\"] }}");

        var node = NodeConfiguration.Read(_folder.Write("node.conf", text));

        Assert.Equal(("[::1]", "[::1]", "[::1]:9100"), (node.Host, node.Bind, Assert.Single(node.Seeds)));
    }

    [Theory]
    [InlineData("data = \"data\"", "data = \"nowhere\"", ":4: fedkim.data is \"{0}/nowhere\", and there is no such folder. Its data is read from there; correct the path or mount the folder.")]
    [InlineData("data = \"data\"", "", ":1: fedkim.data is missing; set it to a folder.")]
    [InlineData("roles = [hospital]", "roles = [hospitals]", ":3: fedkim.roles contains \"hospitals\"; allowed are hospital, injector, server. Did you mean hospital?")]
    [InlineData("roles = [hospital]", "roles = hospital", ":3: fedkim.roles is not a list; write it in brackets, such as [a, b].")]
    [InlineData("site = \"hospital-a\"", "site = \"Hospital A\"", ":2: fedkim.site is \"Hospital A\"; names are 1 to 63 lower-case letters")]
    [InlineData("cluster.seeds = [\"127.0.0.1:9100\"]", "cluster.seeds = [\"server\"]", ":5: fedkim.cluster.seeds contains \"server\"; write a node as host:port")]
    [InlineData("cluster.seeds = [\"127.0.0.1:9100\"]", "cluster.seeds = [\"::1:9100\"]", ":5: fedkim.cluster.seeds contains \"::1:9100\"; write a node as host:port, an IPv6 address in brackets")]
    [InlineData("cluster.seeds = [\"127.0.0.1:9100\"]", "cluster.seeds = [\"[::1]\"]", ":5: fedkim.cluster.seeds contains \"[::1]\"; write a node as host:port")]
    [InlineData("data = \"data\"", "data = \"data\"\n  cluster.host = \"127.0.0.1:9100\"", ":5: fedkim.cluster.host is \"127.0.0.1:9100\"; write a name or an address alone")]
    [InlineData("data = \"data\"", "data = \"data\"\n  cluster.bind = \"fe80::1%eth0\"", ":5: fedkim.cluster.bind is \"fe80::1%eth0\"; write a name or an address alone")]
    [InlineData("cluster.seeds = [\"127.0.0.1:9100\"]", "", ":1: fedkim.cluster.seeds is empty; name at least one server as host:port")]
    [InlineData("data = \"data\"", "data = \"data\"\n  commands.port = 9100", ":5: fedkim.commands.port is 9100, and so is fedkim.cluster.port. Give each its own port.")]
    [InlineData("data = \"data\"", "data = \"data\"\n  commands.port = 99999", ":5: fedkim.commands.port is \"99999\"; it must be a whole number, 1 to 65535.")]
    [InlineData("data = \"data\"", "data = \"data\"\n  torch.bits = all", ":5: fedkim.torch.bits is \"all\"; allowed are this-machine, same-everywhere.")]
    [InlineData("data = \"data\"", "data = \"data\"\n  torch.folder = \"gone\"", ":5: fedkim.torch.folder is \"{0}/gone\", and there is no such folder. Name the folder that holds libtorch_cpu.so")]
    [InlineData("data = \"data\"", "data = \"data\"\n  cluster.prot = 1", ":5: fedkim.cluster.prot is not a setting of FedKim. Did you mean port?")]
    public void A_mistake_is_answered_with_line_key_and_remedy(string right, string wrong, string message)
    {
        string file = _folder.Write("node.conf", Hospital.Replace(right, wrong));

        var e = Assert.Throws<InvalidConfigurationException>(() => NodeConfiguration.Read(file));

        Assert.Contains(e.Problems, problem => problem.StartsWith(file + string.Format(null, message, _folder.Path), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "auto", "model", null, "float32")]
    [InlineData("injector { device = \"cuda:1\", dtype = bf16, memory-limit = 4096, products = tf32 }", "cuda:1", "bf16", 4096, "tf32")]
    [InlineData("injector { device = cpu, products = bf16 }\n  torch.bits = same-everywhere", "cpu", "model", null, "bf16")]
    public void An_injector_computes_where_and_how_its_file_says(string setting, string device, string type, int? limit, string products)
    {
        var node = NodeConfiguration.Read(_folder.Write("node.conf", Hospital.Replace("[hospital]", "[injector]").Replace("data = \"data\"", $"data = \"data\"\n  {setting}")));

        Assert.Equal(new InjectorDevice(device, type, limit) { Products = products }, node.Injector);
        Assert.Null(node.Trainer);
    }

    [Theory]
    [InlineData("", "cpu")]
    [InlineData("hospital.device = \"cuda:1\"", "cuda:1")]
    [InlineData("hospital.device = auto", "auto")]
    public void A_hospital_trains_where_its_file_says_and_else_on_the_processor(string setting, string device)
    {
        var node = NodeConfiguration.Read(_folder.Write("node.conf", Hospital.Replace("data = \"data\"", $"data = \"data\"\n  {setting}")));

        Assert.Equal(new TorchDevice(device), node.Trainer);
        Assert.Null(node.Injector);
    }

    [Fact]
    public void A_hospital_on_a_GPU_shares_no_process_with_an_injector_that_shortens_all_products_there()
    {
        string file = _folder.Write("node.conf", Hospital.Replace("[hospital]", "[hospital, injector]")
            .Replace("data = \"data\"", "data = \"data\"\n  hospital.device = \"cuda:1\"\n  injector.products = tf32"));

        Assert.Contains("Give hospital and injector a node each", Assert.Throws<InvalidConfigurationException>(() => NodeConfiguration.Read(file)).Message);
    }

    [Theory]
    [InlineData("injector.device = gpu", ":5: fedkim.injector.device is \"gpu\"; allowed are auto, cpu, and cuda: with the number of a device, such as cuda:0.")]
    [InlineData("hospital.device = gpu", ":5: fedkim.hospital.device is \"gpu\"; allowed are auto, cpu, and cuda: with the number of a device, such as cuda:0.")]
    [InlineData("injector.products = half", ":5: fedkim.injector.products is \"half\"; allowed are float32, tf32, bf16.")]
    [InlineData("injector { device = cpu, products = tf32 }", ":5: fedkim.injector.products is tf32, and device is cpu: a CUDA device alone can do so. Say float32 or bf16, or name a GPU.")]
    [InlineData("injector.products = tf32\n  torch.bits = same-everywhere", ":5: fedkim.injector.products is tf32, and torch.bits is same-everywhere: no processor makes such products.")]
    [InlineData("injector.dtype = f16", ":5: fedkim.injector.dtype is \"f16\"; allowed are model, bf16, f32.")]
    [InlineData("injector.memory-limit = 0", ":5: fedkim.injector.memory-limit is \"0\"; it must be a whole number of MiB above zero, or none.")]
    [InlineData("injector.memory-limit = 4GB", ":5: fedkim.injector.memory-limit is \"4GB\"; it must be a whole number of MiB above zero, or none.")]
    public void A_device_that_is_none_is_answered_with_line_key_and_what_is_allowed(string setting, string message)
    {
        string file = _folder.Write("node.conf", Hospital.Replace("[hospital]", "[injector]").Replace("data = \"data\"", $"data = \"data\"\n  {setting}"));

        var e = Assert.Throws<InvalidConfigurationException>(() => NodeConfiguration.Read(file));

        Assert.Contains(e.Problems, problem => problem.StartsWith(file + message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "SQLite file {0}/work/journal.db")]
    [InlineData("journal.file = \"all.db\"", "SQLite file {0}/all.db")]
    [InlineData("journal { provider = postgres, connection = \"Host=db;Database=rounds;Password=secret\" }", "PostgreSQL database rounds on db:5432")]
    [InlineData("journal.provider = memory", "memory")]
    public void A_server_keeps_its_journal_where_its_file_says(string setting, string place)
    {
        var node = NodeConfiguration.Read(_folder.Write("node.conf", Server.Replace("SETTING", setting)));

        Assert.Equal(string.Format(null, place, _folder.Path), node.Journal?.Place);
        Assert.True(node.CreateJournal);
    }

    [Theory]
    [InlineData("journal.provider = mysql", ":5: fedkim.journal.provider is \"mysql\"; allowed are sqlite, postgres.")]
    [InlineData("journal.provider = postgres", ":5: fedkim.journal.connection is missing, and so is the environment variable FEDKIM_JOURNAL; write Host=…;Database=…;Username=… into one of them.")]
    [InlineData("journal.connection = \"Host=db\"", ":5: fedkim.journal.connection is set, but provider is sqlite, which has none. Set provider = postgres, or leave the connection out.")]
    [InlineData("journal { provider = postgres, connection = \"Host=db\" }", ":5: fedkim.journal.connection names no host or no database; write it as Host=…;Database=…;Username=….")]
    [InlineData("journal { provider = postgres, connection = \"Hst=db;Database=x\" }", ":5: fedkim.journal.connection is no PostgreSQL connection string; write it as Host=…;Database=…;Username=….")]
    [InlineData("journal { provider = postgres, file = \"x\", connection = \"Host=db;Database=x\" }", ":5: fedkim.journal.file is set, but provider is postgres, which has none. Set provider = sqlite, or leave the file out.")]
    public void A_journal_that_is_none_is_answered_with_line_key_and_remedy(string setting, string message)
    {
        string file = _folder.Write("node.conf", Server.Replace("SETTING", setting));

        var e = Assert.Throws<InvalidConfigurationException>(() => NodeConfiguration.Read(file));

        Assert.Contains(file + message, e.Problems);
    }

    [Theory]
    [InlineData("", true, false)]
    [InlineData("security = off", false, false)]
    [InlineData("cluster.host = \"::1\"", true, false)]
    [InlineData("tls { authority = a, certificate = b, key = c }", true, true)]
    [InlineData("tls { authority = a, certificate = b, key = c }\n  cluster.host = \"server.example\"", true, true)]
    [InlineData("tls { authority = a, certificate = b, key = c }\n  security = off", false, false)]
    [InlineData("security = off\n  cluster.host = \"server.example\"", false, false)]
    public void Nodes_of_one_machine_may_do_without_certificates_and_others_when_they_write_it(string setting, bool secured, bool certified)
    {
        foreach (string name in (string[])["a", "b", "c"])
            _folder.Write(name, "");

        var node = NodeConfiguration.Read(_folder.Write("node.conf", Server.Replace("SETTING", setting)));

        Assert.Equal((secured, certified), (node.IsSecured, node.Tls is not null));
        Assert.Equal(certified, AkkaConfiguration.Of(node).GetBoolean("akka.remote.dot-netty.tcp.enable-ssl", false));
        Assert.Equal(certified ? _folder["b"] : null, node.Tls?.Certificate);
    }

    [Theory]
    [InlineData("cluster.host = \"server.example\"", ":1: fedkim.tls names no certificate, and this node speaks with other machines: whoever reaches it, or stands on the way, would be obeyed.")]
    [InlineData("cluster { host = \"127.0.0.1\", bind = \"0.0.0.0\" }", ":1: fedkim.tls names no certificate, and this node speaks with other machines")]
    [InlineData("tls.certificate = data", ":5: fedkim.tls.key is missing; a certificate counts only with its key")]
    [InlineData("tls.certificate = nowhere", ":5: fedkim.tls.certificate is \"{0}/nowhere\", and there is no such file.")]
    [InlineData("tls.revoked = nowhere", ":5: fedkim.tls.revoked is \"{0}/nowhere\", and there is no such file.")]
    [InlineData("security = of", ":5: fedkim.security is \"of\"; allowed are on, off, true, false.")]
    public void A_node_that_others_reach_has_a_whole_certificate_or_does_not_start(string setting, string message)
    {
        string file = _folder.Write("node.conf", Server.Replace("SETTING", setting));

        var e = Assert.Throws<InvalidConfigurationException>(() => NodeConfiguration.Read(file));

        Assert.Contains(e.Problems, problem => problem.StartsWith(file + string.Format(null, message, _folder.Path), StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Equal(["nowhere.conf: there is no such file. Check the path."],
            Assert.Throws<InvalidConfigurationException>(() => NodeConfiguration.Read("nowhere.conf")).Problems);
}
