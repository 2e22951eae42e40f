using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Hospital;
using FedKim.Actors.Hospital.Plans;
using FedKim.Actors.Injector;
using FedKim.Actors.Journals;
using FedKim.Actors.Leases;
using FedKim.Actors.Members;
using FedKim.Actors.Server;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>
/// A federation in one process: a node is an actor system of its own, on loopback, with the journal and the weight plane of the product.
/// What is learned is a rehearsal, so that a round takes no time.
/// </summary>
/// <param name="journal">The server's journal, which ends with the federation; a file of its own when null.</param>
internal sealed class TestFederation(TestJournal? journal = null) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;
    private readonly ConcurrentDictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly int _serverPort = FreePort();
    private readonly int _injectorPort = FreePort();
    private readonly int _weightsPort = FreePort();

    /// <summary>How a hospital trains; a test may put something in its place before the node starts.</summary>
    public Dictionary<string, ILocalTraining> Training { get; } = [];

    /// <summary>For which plans a hospital trains; for whatever the server asks where it is not here.</summary>
    public Dictionary<string, PlanAcceptance> Accept { get; } = [];

    /// <summary>How many federations its server runs at once.</summary>
    public int Parallel { get; init; } = 1;

    /// <summary>How the injector works.</summary>
    public Func<IInjection> Injection { get; set; } = () => new RehearsalInjection();

    /// <summary>The plan of a federation of these sites.</summary>
    public static FederationPlan Plan(int rounds, int quorum, params string[] sites) => new()
    {
        Id = new FederationId("rehearsal"),
        Seed = 7,
        Rounds = rounds,
        Clients = [.. sites.Select(s => new ClientId(s))],
        Quorum = quorum,
        Deadline = TimeSpan.FromSeconds(45),
        Strategy = "fedavg",
        Weighting = "samples",
        Method = "rehearsal",
        Parts = RehearsalPlan.Parts,
        Learning = new RehearsalPlan(1).ToJson(),
    };

    /// <summary>The server's work folder.</summary>
    public string ServerFolder => Path.Combine(_folder, "server");

    /// <summary>A site's work folder.</summary>
    public string FolderOf(string site) => Path.Combine(_folder, site);

    /// <summary>The server's journal.</summary>
    public TestJournal Journal { get; } = journal ?? SqliteTestJournal.Make();

    /// <summary>A federation whose server, injector and these sites are started.</summary>
    /// <param name="sites">The hospitals.</param>
    /// <param name="arrange">Called before anything is started.</param>
    /// <param name="journal">The server's journal; a file of its own when null.</param>
    public static async Task<TestFederation> Start(string[] sites, Action<TestFederation>? arrange = null, TestJournal? journal = null)
    {
        var federation = new TestFederation(journal);
        arrange?.Invoke(federation);
        await federation.StartServer();
        federation.StartInjector();
        foreach (string site in sites)
            federation.StartHospital(site);
        return federation;
    }

    /// <summary>The round as soon as so many contributions count in it.</summary>
    public async Task<RoundView> Accepted(int round, int count)
    {
        await Await(v => v.OpenRound == round);
        return (RoundView)await Await<object>(new FederationQueries.GetRound(round), r => r is RoundView view && view.AcceptedCount >= count);
    }

    public async Task StartServer()
    {
        string folder = Path.Combine(_folder, "server");
        Directory.CreateDirectory(folder);
        var store = new WeightStore(Path.Combine(folder, "weights"));
        var spool = new Spool(Path.Combine(folder, "spool"));
        var weights = await WeightServer.StartAsync(store, spool, new IPEndPoint(IPAddress.Loopback, _weightsPort));
        await JournalSchema.CreateAsync(Journal.Journal);
        Begin();

        // What lies outside of the actor system stays when that begins anew.
        void Begin()
        {
            var system = Start("server", _serverPort, Journal.Journal);
            ServerRole.Start(system, "server", store, spool, weights.Address.ToString(), Path.Combine(folder, "scratch"), TimeProvider.System, Parallel);
            Keep("server", new Node(system, ServerRole.Proxy(system), new CancellationTokenSource(), weights), Begin);
        }
    }

    public void StartInjector(string site = "injector")
    {
        var system = Start("injector", site == "injector" ? _injectorPort : 0);
        var stop = new CancellationTokenSource();
        var proxy = ServerRole.Proxy(system);
        var store = new WeightStore(Path.Combine(_folder, site, "weights"), copies: true);
        string work = Path.Combine(_folder, site, "work");
        system.ActorOf(InjectorRole.Work(Injection, store, WeightRoute.Plain, work, proxy, stop.Token, site), "injector");
        Keeper(system, site, store, proxy);
        Keep(site, new Node(system, proxy, stop), () => StartInjector(site));
    }

    public void StartHospital(string site)
    {
        var system = Start("hospital", 0);
        var stop = new CancellationTokenSource();
        var proxy = ServerRole.Proxy(system);
        var store = new WeightStore(Path.Combine(_folder, site, "weights"), copies: true);
        string rounds = Path.Combine(_folder, site, "rounds");
        Func<ILocalTraining> training = () => Training.GetValueOrDefault(site) ?? new RehearsalTraining();
        var outlet = new Outlet();
        var client = system.ActorOf(
            HospitalRole.Work(new ClientId(site), training, store, WeightRoute.Plain, rounds, proxy, stop.Token, Accept.GetValueOrDefault(site), outlet), "client");
        system.ActorOf(Props.Create(() => new WeightKeeper(site, store, null, WeightRoute.Plain, proxy, outlet)), WeightKeeper.Name);
        Keep(site, new Node(system, proxy, stop, Client: client), () => StartHospital(site));
    }

    /// <summary>Ends a node at once, without a word to the others.</summary>
    public async Task Crash(string name)
    {
        Node? node;
        lock (_gate)
            _nodes.TryRemove(name, out node);
        await node!.DisposeAsync();
    }

    public Task<object> Submit(FederationPlan plan) => _nodes["server"].Proxy.Ask(OperatorMessages.Submit.Of(plan), Limit);

    /// <summary>Asks a hospital's own actor, as its people do.</summary>
    public Task<T> AskSite<T>(string site, object question) => _nodes[site].Client!.Ask<T>(question, Limit);

    public Task<T> Ask<T>(object question) => _nodes["server"].Proxy.Ask<T>(question, Limit);

    /// <summary>The federation as soon as it is as wanted.</summary>
    public Task<FederationView> Await(Func<FederationView, bool> wanted) => Await(new FederationQueries.GetFederation(), wanted);

    /// <summary>The answer as soon as it is as wanted.</summary>
    public async Task<T> Await<T>(object question, Func<T, bool> wanted)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            try
            {
                var answer = await _nodes["server"].Proxy.Ask<T>(question, AskAgain);
                if (wanted(answer))
                    return answer;
            }
            catch (AskTimeoutException) when (!limit.IsCancellationRequested)
            {
                // The federation's actor waits for its journal; it does not hear what is asked meanwhile.
            }
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Ends as soon as something is so.</summary>
    public async Task Until(Func<bool> wanted)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!wanted())
            await Task.Delay(50, limit.Token);
    }

    public Task<FederationView> AwaitEnd() => Await(v => v.Phase is "Completed" or "Failed" or "Stopped");

    public async ValueTask DisposeAsync()
    {
        foreach (string name in _nodes.Keys)
            await Crash(name);
        await Journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static void Keeper(ActorSystem system, string node, WeightStore store, IActorRef proxy) =>
        system.ActorOf(Props.Create(() => new WeightKeeper(node, store, null, WeightRoute.Plain, proxy)), WeightKeeper.Name);

    // As a node does: whom the cluster has excluded begins anew. Two nodes that cannot reach each other, the server among them, are excluded
    // both, and what keeps them apart may be no more than an association of an earlier process at the same address.
    private void Keep(string name, Node node, Action again)
    {
        _nodes[name] = node;
        node.System.WhenTerminated.ContinueWith(
            _ =>
            {
                lock (_gate)
                {
                    if (!_nodes.TryGetValue(name, out var current) || current != node)
                        return;
                    node.Stop.Cancel();
                    again();
                }
            },
            TaskScheduler.Default);
    }

    private ActorSystem Start(string role, int port, Journal? journal = null)
    {
        ImmutableArray<string> seeds = role == "server" ? [$"127.0.0.1:{_serverPort}", $"127.0.0.1:{_injectorPort}"] : [$"127.0.0.1:{_serverPort}"];
        var quiet = ConfigurationFactory.ParseString("akka { loglevel = WARNING, stdout-loglevel = WARNING }");
        var system = ActorSystem.Create(ActorConfiguration.System, quiet.WithFallback(ActorConfiguration.Member("127.0.0.1", port, [role], journal: journal,
            timing: Timing.Quick, leaseOwner: role)));
        var lease = journal is null ? null : new ServerLease(journal, LeaseOwner.Here(role, $"127.0.0.1:{port}"), TimeSpan.FromSeconds(3), TimeProvider.System);
        Membership.Start(system, role, seeds, lease, () => system.Terminate());
        return system;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed record Node(ActorSystem System, IActorRef Proxy, CancellationTokenSource Stop, WeightServer? Weights = null, IActorRef? Client = null) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Stop.CancelAsync();
            await System.Terminate();
            if (Weights is not null)
                await Weights.DisposeAsync();
        }
    }
}
