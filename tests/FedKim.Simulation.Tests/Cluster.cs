using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using FedKim.Actors;
using FedKim.Actors.Hospital;
using FedKim.Actors.Injector;
using FedKim.Actors.Server;
using FedKim.Learning;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Simulation.Tests;

/// <summary>
/// Two servers, an injector and hospitals, made of the product's own actors, on one <see cref="FedKim.Simulation.Tests.Loop"/>. Folders and the
/// database outlive every process. One server's coordinator leads; when it has been dead or silent for a while another is started.
/// </summary>
internal sealed class Cluster : IDisposable
{
    private const string Injector = "injector";
    private static readonly string[] Servers = ["server-1", "server-2"];
    private static readonly TimeSpan Watching = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);
    private static readonly Config Configuration = Loops().WithFallback(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf")))
        .WithFallback(ConfigurationFactory.ParseString(Fragments.Text("serialization.conf")))
        .WithFallback(ConfigurationFactory.ParseString(Fragments.Text("persistence.conf")));

    [ThreadStatic]
    private static Cluster? t_current;

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-simulation-").FullName;
    private readonly ActorSystem _system;
    private readonly FederationPlan _plan;
    private readonly SeededGenerator _random;
    private readonly ConcurrentDictionary<string, Machine> _machines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Life> _lives = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Coordinator> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<(string Round, string Client)> _trainedAgain = [];
    private readonly List<string> _log = [];
    private readonly List<double> _storms = [];
    private Coordinator? _leader;
    private TimeSpan _leaderGone;
    private int _started;

    /// <param name="plan">The federation that is submitted.</param>
    /// <param name="seed">All that is left to chance derives from it.</param>
    /// <param name="faults">What goes wrong.</param>
    /// <param name="absent">Sites that never come.</param>
    public Cluster(FederationPlan plan, long seed, IEnumerable<Fault> faults, IReadOnlyCollection<string> absent)
    {
        t_current = this;
        (_plan, _random) = (plan, SeededGenerator.Derive(seed, "cluster"));
        Loop = new Loop();
        Database = new Database();
        Faults = new Faults(this, faults, SeededGenerator.Derive(seed, "writes"));
        _system = ActorSystem.Create("fedkim", ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(Configuration)));
        _system.EventStream.Subscribe(
            new RemoteRef(new RootActorPath(Address.AllSystems) / "log", ((ExtendedActorSystem)_system).Provider, (message, _) => _log.Add($"{Loop.Now:mm\\:ss\\.fff} {message}")),
            typeof(Akka.Event.LogEvent));
        Network = new Network(Loop, SeededGenerator.Derive(seed, "network"), ((ExtendedActorSystem)_system).Provider);
        foreach (string server in Servers)
            StartNode(server);
        Lead(_lives[Servers[0]]);
        foreach (string node in plan.Clients.Select(c => c.Value).Except(absent).Prepend(Injector))
            StartNode(node);
        Faults.Start();
        Watch();
        Submit();
    }

    /// <summary>The cluster that runs on this thread.</summary>
    public static Cluster Current => t_current ?? throw new InvalidOperationException("No simulated cluster runs on this thread.");

    public Loop Loop { get; }

    public Database Database { get; }

    public Network Network { get; }

    public Faults Faults { get; }

    /// <summary>The node whose coordinator leads, or led last.</summary>
    public string LeadingNode => _leader!.Life.Node;

    /// <summary>Contributions that were trained after they had been accepted.</summary>
    public IReadOnlyCollection<(string Round, string Client)> TrainedAgain => _trainedAgain;

    /// <summary>What the actors warned of.</summary>
    public IReadOnlyList<string> Log => _log;

    /// <summary>The machine an actor belongs to.</summary>
    public Machine MachineOf(ActorPath path) =>
        path.Elements is ["user", var name, ..] && _machines.TryGetValue(name, out var machine) ? machine : Loop.Outside;

    /// <summary>A server that runs, for those who want to reach its weight plane.</summary>
    public (Machine Machine, WeightPlane Plane)? Server(string node) =>
        _lives.GetValueOrDefault(node) is { Machine.IsDead: false, Plane: { } plane } life ? (life.Machine, plane) : null;

    /// <summary>A site made a step.</summary>
    public void Trained(RoundId round, ClientId client)
    {
        if (Database.Round(round.ToString()).OfType<RoundEvents.ContributionAccepted>().Any(a => a.Client == client))
            _trainedAgain.Add((round.ToString(), client.Value));
    }

    public void Kill(string node, TimeSpan away, bool losesWeights = false)
    {
        if (!_lives.TryGetValue(node, out var life))
            return;
        Kill(life, away);
        if (losesWeights)
        {
            Directory.Delete(Path.Combine(_folder, node, "weights"), recursive: true);
            Directory.Delete(Path.Combine(_folder, node, "spool"), recursive: true);
        }
    }

    /// <summary>Flips a bit of every file that the node keeps, at this part of each.</summary>
    public void Rot(string node, double where)
    {
        // Files that are being written have no name yet, and the disk has not had them.
        int bit = 0;
        foreach (string path in Directory.EnumerateFiles(Path.Combine(_folder, node), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray()
            .Where(f => !f.EndsWith(".tmp", StringComparison.Ordinal) && !f.Contains($"{Path.DirectorySeparatorChar}scratch{Path.DirectorySeparatorChar}", StringComparison.Ordinal)))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length == 0)
                continue;
            long at = file.Position = Math.Min(file.Length - 1, (long)(where * file.Length));
            int value = file.ReadByte();
            file.Position = at;
            // Two names may be of one file: the second flip must not mend the first.
            file.WriteByte((byte)(value ^ (1 << (bit++ % 8))));
        }
    }

    public void Freeze(string node, TimeSpan length)
    {
        if (!_lives.TryGetValue(node, out var life) || life.Machine.IsDead || life.Machine.IsFrozen)
            return;
        life.Machine.Freeze();
        Loop.After(length, () =>
        {
            life.Machine.Thaw();
            // Whoever finds itself replaced goes on for a moment and ends.
            if (life.Leads && _leader!.Life != life)
                Loop.After(Some(4), () => Kill(life, Some(2)));
        });
    }

    public void DoubleCoordinator(TimeSpan length)
    {
        var first = _leader!.Life;
        if (Standby() is not { } second)
            return;
        Lead(second);
        Loop.After(length, () => Kill(first, Some(2)));
    }

    public void CutPower(TimeSpan away)
    {
        foreach (var life in _lives.Values.ToList())
            Kill(life, away + Some(1));
        // A server syncs before it says that it has something; the others do not, and check what they find.
        foreach (string file in _lives.Keys.Except(Servers).Order(StringComparer.Ordinal)
            .SelectMany(n => Directory.EnumerateFiles(Path.Combine(_folder, n), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)))
        {
            if (!_random.Chance(0.2))
                continue;
            using var cut = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            cut.SetLength(cut.Length / 2);
        }
    }

    public void Cut(string node, bool from, bool to, TimeSpan length)
    {
        var pairs = Servers.Concat(_lives.Keys).Distinct().Where(other => other != node)
            .SelectMany(other => new[] { (From: node, To: other, Cut: from), (From: other, To: node, Cut: to) }).Where(p => p.Cut).ToList();
        pairs.ForEach(p => Network.Cut(p.From, p.To));
        Loop.After(length, () => pairs.ForEach(p => Network.Mend(p.From, p.To)));
    }

    public void Storm(double degree, TimeSpan length)
    {
        _storms.Add(degree);
        Network.Storm = _storms.Max();
        Loop.After(length, () =>
        {
            _storms.Remove(degree);
            Network.Storm = _storms.DefaultIfEmpty(0).Max();
        });
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Config Loops() => ConfigurationFactory.ParseString($$"""
        akka {
          loggers = []
          loglevel = WARNING
          stdout-loglevel = OFF
          log-dead-letters = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          scheduler.implementation = "{{Name<LoopScheduler>()}}"
          actor.default-dispatcher.type = "{{Name<LoopDispatcherConfigurator>()}}"
          actor.internal-dispatcher.type = "{{Name<LoopDispatcherConfigurator>()}}"
          persistence {
            dispatchers {
              default-plugin-dispatcher.type = "{{Name<LoopDispatcherConfigurator>()}}"
              default-replay-dispatcher.type = "{{Name<LoopDispatcherConfigurator>()}}"
            }
            journal {
              plugin = "fedkim.simulation.journal"
              auto-start-journals = []
            }
            snapshot-store.plugin = "akka.persistence.no-snapshot-store"
          }
        }
        fedkim {
          dispatchers.learning.type = "{{Name<LoopDispatcherConfigurator>()}}"
          dispatchers.files.type = "{{Name<LoopDispatcherConfigurator>()}}"
          simulation.journal {
            class = "{{Name<DatabaseJournal>()}}"
            plugin-dispatcher = "akka.actor.default-dispatcher"
          }
        }
        """);

    private static string Name<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";

    private TimeSpan Some(double seconds) => TimeSpan.FromSeconds(_random.Uniform(0, seconds));

    // The operator, who says it until it is stored.
    private void Submit()
    {
        if (Database.Federation.OfType<FederationEvents.Submitted>().Any())
            return;
        if (_leader is { Life.Machine: { IsDead: false, IsFrozen: false } } leader)
            leader.Actor.Tell(OperatorMessages.Submit.Of(_plan), ActorRefs.NoSender);
        Loop.After(TimeSpan.FromSeconds(1), Submit);
    }

    // What cluster membership and the singleton do: one coordinator, on a server that answers.
    private void Watch()
    {
        bool gone = _leader!.Life.Machine is { IsDead: true } or { IsFrozen: true };
        _leaderGone = gone ? _leaderGone + Watching : TimeSpan.Zero;
        if (_leaderGone >= Silence && Standby() is { } next)
            Lead(next);
        Loop.After(Watching, Watch);
    }

    private Life? Standby()
    {
        var ready = Servers.Select(s => _lives[s]).Where(l => !l.Leads && l.Machine is { IsDead: false, IsFrozen: false }).ToList();
        return ready.Count == 0 ? null : ready[_random.NextInt(ready.Count)];
    }

    private void Lead(Life life)
    {
        life.Leads = true;
        _leaderGone = TimeSpan.Zero;
        var machine = life.Machine;
        string scratch = Path.Combine(_folder, life.Node, "scratch");
        var keepers = new RemoteRef(
            new RootActorPath(new Address("akka.tcp", "fedkim", machine.Name, 9000)) / "user" / "keepers",
            ((ExtendedActorSystem)_system).Provider,
            (message, sender) =>
            {
                if (message is WeightKeeper.Lead)
                    life.Keeper.Tell(message, sender);
                else
                    _lives.Values.Where(l => l.Node != life.Node).ToList().ForEach(l => Network.Of(l.Machine, l.Keeper).Tell(message, sender));
            });
        var leader = new Coordinator(life, StartActor(
            machine, "federation", ServerRole.Federation(machine.Name, life.Store, life.Spool!, $"http://{life.Node}/", scratch, keepers, Loop)));
        _leader = leader;
        // Not everybody hears of it at once.
        foreach (string node in _plan.Clients.Select(c => c.Value).Append(Injector))
        {
            Loop.After(_seen.ContainsKey(node) ? Some(3) : TimeSpan.Zero, () =>
            {
                if (_leader == leader || !_seen.ContainsKey(node))
                    _seen[node] = leader;
            });
        }
    }

    private void Kill(Life life, TimeSpan away)
    {
        if (life.Machine.IsDead)
            return;
        life.Machine.Kill();
        Loop.After(away, () => StartNode(life.Node));
    }

    private void StartNode(string node)
    {
        var machine = new Machine($"{node}-{++_started}", Loop);
        var store = new WeightStore(Path.Combine(_folder, node, "weights"), copies: true);
        var route = new WeightRoute(() => new Wire(this, machine), Loop);
        var spool = Servers.Contains(node) ? new Spool(Path.Combine(_folder, node, "spool")) : null;
        string work = Path.Combine(_folder, node, "work");
        // Servers hear at once who leads.
        var server = Network.Of(
            machine.Name, "federation", () => (spool is null ? _seen.GetValueOrDefault(node) : _leader) is { } seen ? (seen.Life.Machine, seen.Actor) : null);
        var keeper = StartActor(machine, WeightKeeper.Name, Props.Create(() => new WeightKeeper(machine.Name, store, spool, route, server)));
        _lives[node] = new Life(node, machine, store, spool, keeper, spool is null ? null : new WeightPlane(store, spool));
        if (node == Injector)
        {
            Func<IInjection> injection = () => new BreakableInjection(this);
            StartActor(machine, Injector, InjectorRole.Work(injection, store, route, work, server, CancellationToken.None));
        }
        else if (!Servers.Contains(node))
        {
            var client = new ClientId(node);
            Func<ILocalTraining> training = () => new WatchedTraining(this, machine);
            StartActor(machine, "hospital", HospitalRole.Work(client, training, store, route, work, server, CancellationToken.None));
        }
    }

    private IActorRef StartActor(Machine machine, string role, Props props)
    {
        string name = $"{machine.Name}.{role}";
        _machines[name] = machine;
        return _system.ActorOf(props, name);
    }

    /// <summary>One life of a node.</summary>
    private sealed record Life(string Node, Machine Machine, WeightStore Store, Spool? Spool, IActorRef Keeper, WeightPlane? Plane)
    {
        /// <summary>Whether it was made the leader, be it still or not.</summary>
        public bool Leads { get; set; }
    }

    /// <summary>A coordinator on a server.</summary>
    private sealed record Coordinator(Life Life, IActorRef Actor);
}
