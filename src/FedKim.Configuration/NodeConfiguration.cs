using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using FedKim.Actors;
using FedKim.Actors.Hospital.Plans;
using FedKim.Actors.Journals;
using FedKim.Models;
using Serilog.Events;

namespace FedKim.Configuration;

/// <summary>What one node file says, checked.</summary>
public sealed record NodeConfiguration
{
    /// <summary>Holds the connection string of the journal's database where the file does not.</summary>
    public const string JournalVariable = "FEDKIM_JOURNAL";

    /// <summary>The file itself, as it was given.</summary>
    public required string File { get; init; }

    /// <summary>The site's name; for a hospital also its client id.</summary>
    public required string Site { get; init; }

    /// <summary><c>server</c>, <c>injector</c>, <c>hospital</c>; at least one, in ordinal order.</summary>
    public required ImmutableArray<string> Roles { get; init; }

    /// <summary>Name or address under which other nodes reach this one.</summary>
    public required string Host { get; init; }

    /// <summary>Address this node listens on.</summary>
    public required string Bind { get; init; }

    /// <summary>Port of the actor transport, as other nodes reach it.</summary>
    public required int Port { get; init; }

    /// <summary>Port the actor transport listens on; another one than <see cref="Port"/> behind a forwarding.</summary>
    public required int BindPort { get; init; }

    /// <summary>Nodes that are asked to let this one in, <c>host:port</c>, in the order of the file.</summary>
    public required ImmutableArray<string> Seeds { get; init; }

    /// <summary>Servers the federation has.</summary>
    public required int Servers { get; init; }

    /// <summary>How soon silence counts as loss.</summary>
    public required Timing Timing { get; init; }

    /// <summary>How the node takes part.</summary>
    public SiteLink Link { get; init; }

    /// <summary>Every server's door for outbound links, <c>host:port</c>.</summary>
    public ImmutableArray<string> Doors { get; init; } = [];

    /// <summary>The proxy through which an outbound node reaches servers; null for none.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Folder in which the node keeps everything: journal, weights, checkpoints, logs.</summary>
    public required string Work { get; init; }

    /// <summary>Data of a hospital, or the held-out and public data of the injector; empty for a node that reads none.</summary>
    public required string Data { get; init; }

    /// <summary>Port of the weight server, on a server, as other nodes reach it.</summary>
    public required int WeightsPort { get; init; }

    /// <summary>Port the weight server listens on.</summary>
    public required int WeightsBindPort { get; init; }

    /// <summary>Port of the command host, on loopback.</summary>
    public required int CommandPort { get; init; }

    /// <summary>Federation file that a server opens at its start; empty for none.</summary>
    public required string Federation { get; init; }

    /// <summary>The sites that a hospital's node carries: its own name, or those that its file names.</summary>
    public ImmutableArray<string> Clients { get; init; } = [];

    /// <summary>How many federations a server runs at once.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>For which plans a hospital trains.</summary>
    public PlanAcceptance Accept { get; init; } = PlanAcceptance.Certified;

    /// <summary>Where a server keeps the journal; null on other nodes.</summary>
    public required Journal? Journal { get; init; }

    /// <summary>Whether a server may make and change the journal's tables.</summary>
    public required bool CreateJournal { get; init; }

    /// <summary>The device of an injector, and how it is used; null on other nodes.</summary>
    public required InjectorDevice? Injector { get; init; }

    /// <summary>The device of a hospital, or of those that the node carries; null on other nodes.</summary>
    public required TorchDevice? Trainer { get; init; }

    /// <summary>Folder of a PyTorch installation whose libtorch is used; empty for the one that comes with FedKim.</summary>
    public required string TorchFolder { get; init; }

    /// <summary>On which machines the same computation gives the same bits, of <see cref="TorchBits.All"/>.</summary>
    public required string TorchBits { get; init; }

    /// <summary>By what the node shows who it is; null where nobody shows it.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Roles of which this node lets others into its cluster, where they show certificates.</summary>
    public ImmutableArray<string> Admits { get; init; } = [NodeRoles.Server, NodeRoles.Injector];

    /// <summary>False where the file says that whoever reaches this node is obeyed.</summary>
    public bool IsSecured { get; init; } = true;

    /// <summary>Packages of the user's own; full paths.</summary>
    public ImmutableArray<string> Extensions { get; init; } = [];

    /// <summary>The least severe lines that are logged.</summary>
    public required LogEventLevel LogLevel { get; init; }

    /// <summary>The file's own <c>akka</c> section, which wins over everything FedKim sets there; empty if it has none.</summary>
    public required Config Akka { get; init; }

    /// <summary>True when the node has the role.</summary>
    public bool Is(string role) => Roles.Contains(role);

    /// <summary>Whether its sites are not its own name alone: each has a folder of its own then, of its work and of its data.</summary>
    public bool CarriesSites => Clients.Any(client => client != Site);

    /// <summary>The folder of a site's rounds.</summary>
    public string RoundsOf(string client) => CarriesSites ? Path.Combine(Work, "sites", client, "rounds") : Path.Combine(Work, "rounds");

    /// <summary>The folder of a site's data.</summary>
    public string DataOf(string client) => CarriesSites ? Path.Combine(Data, client) : Data;

    // Where others reach it, or where it reaches them.
    private IEnumerable<string> SpeaksWith => Link == SiteLink.Outbound ? Doors.Select(HostOfAddress) : [Host, Bind, .. Seeds.Select(HostOfAddress)];

    private static string HostOfAddress(string address) => address[..Math.Max(0, address.LastIndexOf(':'))];

    /// <summary>Reads and checks a node file. Relative paths in it start at the file's own folder.</summary>
    /// <exception cref="InvalidConfigurationException">Something in it cannot be used.</exception>
    public static NodeConfiguration Read(string path)
    {
        var file = HoconFile.Read(path, Fragments.Text("reference.conf"));
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var fedkim = file.Section("fedkim");
        var (cluster, leads) = (fedkim.Child("cluster"), fedkim.Child("server"));
        var roles = fedkim.Texts("roles", NodeRoles.All);
        string work = Folder(fedkim.Text("work"));
        var journal = fedkim.Child("journal");
        var torch = fedkim.Child("torch");
        bool server = roles.Contains(NodeRoles.Server);
        var (port, bindPort) = PortsOf(cluster);
        var (weightsPort, weightsBindPort) = PortsOf(fedkim.Child("weights"));
        string site = SiteName(fedkim);
        var hospital = fedkim.Child("hospital");
        var sites = CarriedSites.Of(hospital, site);
        string bits = torch.Choice("bits", Models.TorchBits.All);
        var computing = DeviceSection.OfInjector(fedkim.Child("injector"), bits);
        var injector = roles.Contains(NodeRoles.Injector) ? computing : null;
        var trainer = DeviceSection.OfHospital(hospital, injector);

        var configuration = new NodeConfiguration
        {
            File = path,
            Site = site,
            Roles = [.. roles.Distinct().Order(StringComparer.Ordinal)],
            Host = HostOf(cluster, "host"),
            Bind = HostOf(cluster, cluster.Text("bind", "").Length > 0 ? "bind" : "host"),
            Port = port,
            BindPort = bindPort,
            Seeds = [.. cluster.Texts("seeds").Select(seed => HostPort(cluster, "seeds", seed))],
            Servers = cluster.Number("servers", least: 1, most: 9),
            Timing = Enum.Parse<Timing>(cluster.Choice("timing", [.. Enum.GetNames<Timing>().Select(t => t.ToLowerInvariant())]), ignoreCase: true),
            Link = Enum.Parse<SiteLink>(cluster.Choice("link", [.. Enum.GetNames<SiteLink>().Select(l => l.ToLowerInvariant())]), ignoreCase: true),
            Doors = [.. cluster.Texts("doors").Select(door => HostPort(cluster, "doors", door))],
            Proxy = ProxyOf(cluster),
            Work = work,
            Data = Folder(fedkim.Text("data", "")),
            WeightsPort = weightsPort,
            WeightsBindPort = weightsBindPort,
            CommandPort = PortOf(fedkim.Child("commands")),
            Federation = Folder(leads.Text("federation", "")),
            Clients = roles.Contains(NodeRoles.Hospital) ? sites : [],
            Parallel = leads.Number("parallel", least: 1, most: 100),
            Accept = AcceptSection.Of(hospital),
            Journal = JournalSection.Of(journal, Folder(journal.Text("file", "")) is { Length: > 0 } own ? own : Path.Combine(work, "journal.db"), server) is { } kept
                ? kept with { Mark = kept.Provider == JournalProvider.Memory ? "" : Path.Combine(work, "journal.mark") } : null,
            CreateJournal = journal.Flag("create"),
            Injector = injector,
            Trainer = roles.Contains(NodeRoles.Hospital) ? trainer : null,
            TorchFolder = Folder(torch.Text("folder", "")),
            TorchBits = bits,
            IsSecured = fedkim.Flag("security"),
            Admits = cluster.Texts("admits", NodeRoles.All),
            Extensions = [.. fedkim.Texts("extensions").Select(Folder)],
            LogLevel = Level(fedkim.Child("log").Choice("level", ["debug", "info", "warning", "error"])),
            Akka = OwnAkka(file),
        };

        if (roles.IsEmpty)
            fedkim.Problem("roles", $"is empty; name at least one of {string.Join(", ", NodeRoles.All)}.");
        if (configuration.Link == SiteLink.Outbound)
            CheckOutbound(fedkim, cluster, configuration);
        else if (configuration.Seeds.IsEmpty)
            cluster.Problem("seeds", "is empty; name at least one server as host:port, on the first server itself.");
        if (configuration.Is(NodeRoles.Hospital) || configuration.Is(NodeRoles.Injector))
            CheckFolder(fedkim, "data", configuration.Data, "Its data is read from there; correct the path or mount the folder.");
        if (configuration.Federation.Length > 0 && !System.IO.File.Exists(configuration.Federation))
            leads.Problem("federation", $"is \"{configuration.Federation}\", and there is no such file. Correct the path.");
        if (configuration.TorchFolder.Length > 0)
            CheckFolder(torch, "folder", configuration.TorchFolder, "Name the folder that holds libtorch_cpu.so, or leave the setting out.");
        if (configuration is { Servers: > 1, Journal.Provider: JournalProvider.Sqlite } && journal.Text("file", "").Length == 0)
        {
            cluster.Problem("servers", $"is {configuration.Servers}, but each server would keep a journal of its own. "
                + "Set journal.file to one file on this machine for all of them, or journal.provider to postgres.");
        }
        if (configuration is { Servers: > 1, Roles.Length: > 1 } && server)
        {
            fedkim.Problem("roles", $"are {string.Join(", ", configuration.Roles)}, but cluster.servers is {configuration.Servers}: one of several servers "
                + "drops what the coordinator does not need, a hospital's and the injector's work too. Give each role a node of its own.");
        }
        if (configuration.CarriesSites)
            CarriedSites.Check(hospital, configuration);
        CheckPorts(fedkim, configuration);
        configuration = configuration with { Tls = TlsFiles.Of(fedkim, configuration.SpeaksWith, Folder) };
        file.Complete();

        return configuration;

        string Folder(string text) => text.Length == 0 ? "" : Path.GetFullPath(text, folder);
    }

    /// <summary>The ports this node listens on, each with the setting below <c>fedkim</c> that says so, and whether it is one of loopback alone.</summary>
    public IEnumerable<(string Key, int Port, bool OnLoopback)> Listens()
    {
        if (Link == SiteLink.Member)
            yield return (BindPort == Port ? "cluster.port" : "cluster.bind-port", BindPort, false);
        yield return ("commands.port", CommandPort, true);
        if (Is(NodeRoles.Server))
            yield return (WeightsBindPort == WeightsPort ? "weights.port" : "weights.bind-port", WeightsBindPort, false);
    }

    // As it was read: what Akka writes of a section it does not always read again.
    private static Config OwnAkka(HoconFile file)
    {
        if (!file.Config.HasPath("akka"))
            return Config.Empty;
        var (root, all) = (new HoconValue(), new HoconObject());
        all.Items["akka"] = file.Config.GetValue("akka");
        root.AppendValue(all);
        return new Config(new HoconRoot(root));
    }

    private static string SiteName(Section fedkim)
    {
        string site = fedkim.Text("site");
        if (site.Length > 0 && !Names.IsValid(site))
            fedkim.Problem("site", $"is \"{site}\"; {Names.Rule}.");
        return site;
    }

    private static int PortOf(Section section) => section.Number("port", least: 1, most: 65535);

    private static (int Port, int BindPort) PortsOf(Section section)
    {
        int port = PortOf(section);
        return (port, section.Number("bind-port", least: 0, most: 65535) is > 0 and var bindPort ? bindPort : port);
    }

    // An IPv6 address is known to all by one text: its shortest, in brackets.
    private static string HostOf(Section cluster, string key)
    {
        string host = cluster.Text(key);
        if (!host.Contains(':', StringComparison.Ordinal))
            return host;
        if (IPAddress.TryParse(host, out var address) && IsIPv6(address))
            return $"[{address}]";
        cluster.Problem(key, $"is \"{host}\"; write a name or an address alone, an IPv6 address as ::1 or [::1], without a zone. The port has a setting of its own.");
        return host;
    }

    private static string HostPort(Section cluster, string key, string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is < 1 or > 65535)
        {
            cluster.Problem(key, $"contains \"{text}\"; write a node as host:port, for example server.example.org:9100.");
            return text;
        }
        string host = text[..colon];
        if (host.IndexOfAny([':', '[', ']', '/', '@', ' ']) < 0)
            return text;
        if (host is ['[', .., ']'] && IPAddress.TryParse(host, out var address) && IsIPv6(address))
            return $"[{address}]:{port.ToString(CultureInfo.InvariantCulture)}";
        cluster.Problem(key, $"contains \"{text}\"; write a node as host:port, an IPv6 address in brackets and without a zone, for example [2001:db8::1]:9100.");
        return text;
    }

    private static void CheckOutbound(Section fedkim, Section cluster, NodeConfiguration node)
    {
        if (node.Roles is not [NodeRoles.Hospital])
            fedkim.Problem("roles", $"are {string.Join(", ", node.Roles)}, but cluster.link is outbound, which only a hospital's node can be. Set cluster.link = member, or give the hospital a node of its own.");
        if (node.Doors.IsEmpty)
            cluster.Problem("doors", "is empty, but link is outbound; name every server's door as host:port: its host and its weights.port.");
    }

    private static Uri? ProxyOf(Section cluster)
    {
        string text = cluster.Text("proxy", "");
        if (text.Length == 0)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" && proxy.AbsolutePath == "/")
            return proxy;
        cluster.Problem("proxy", $"is \"{text}\"; write a proxy as http://host:port.");
        return null;
    }

    private static bool IsIPv6(IPAddress address) => address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: 0 };

    private static LogEventLevel Level(string level) => level switch
    {
        "debug" => LogEventLevel.Debug,
        "warning" => LogEventLevel.Warning,
        "error" => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };

    private static void CheckFolder(Section section, string key, string folder, string remedy)
    {
        if (folder.Length == 0)
            section.Problem(key, $"is missing; set it to a folder. {remedy}");
        else if (!Directory.Exists(folder))
            section.Problem(key, $"is \"{folder}\", and there is no such folder. {remedy}");
    }

    private static void CheckPorts(Section fedkim, NodeConfiguration configuration)
    {
        foreach (var same in configuration.Listens().GroupBy(p => p.Port).Where(g => g.Count() > 1))
            fedkim.Problem(same.Last().Key, $"is {same.Key}, and so is fedkim.{same.First().Key}. Give each its own port.");
    }
}
