using System.Net;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using FedKim.Actors;
using FedKim.Actors.Hospital.Plans;
using FedKim.Actors.Journals;
using FedKim.Actors.Leases;
using FedKim.Actors.Links;
using FedKim.Actors.Members;
using FedKim.Actors.Server;
using FedKim.Audit;
using FedKim.Commands.Handlers;
using FedKim.Commands.Host;
using FedKim.Configuration;
using FedKim.Launch.Answers;
using FedKim.Launch.Packages;
using FedKim.Node.Links;
using FedKim.Node.Logging;
using FedKim.Node.Page;
using FedKim.Rounds;
using FedKim.Transfer;
using Serilog;
using Serilog.Core;

namespace FedKim.Node.Hosting;

/// <summary>
/// Runs one node: its log, its weight server, its command host, and two actor systems. One is in the cluster; when that has excluded the node,
/// does not let it in, or has no server any more, it ends and a new one joins. A hospital's or an injector's work is in the other, which is in no
/// cluster and lasts as long as the process: whatever becomes of the cluster, no step is made twice.
/// </summary>
internal sealed class NodeHost
{
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndLimit = LeaveLimit + TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JoinAgain = TimeSpan.FromSeconds(1);

    private readonly NodeConfiguration _node;
    private readonly IPAddress _address;
    private readonly ILogger _log;
    private readonly WeightStore _store;
    private readonly Outlet _outlet;
    private readonly Spool? _spool;
    private readonly FirstSubmission? _federation;
    private readonly Config _akka;
    private readonly ServerLease? _lease;
    private readonly ServerJournal? _journal;
    private readonly NodeTls? _tls;
    private readonly Action<AuditEntry> _noted;
    private readonly LoggingLevelSwitch _level;
    private volatile ActorSystem? _system;
    private volatile ActorSystem? _works;
    private volatile IActorRef? _server;
    private volatile IActorRef? _work;
    private volatile IActorRef? _gates;
    private volatile LinkView? _link;
    private volatile Exception? _fault;

    private NodeHost(NodeConfiguration node, IPAddress address, NodeTls? tls, ILogger log, LoggingLevelSwitch level, Action<AuditEntry> noted)
    {
        (_node, _address, _tls, _log, _level, _noted) = (node, address, tls, log, level, noted);
        _federation = node.Federation.Length > 0 ? new FirstSubmission(FederationFile.Parse(node.Federation).Plan, node.Federation, log, noted) : null;
        _store = new WeightStore(Path.Combine(node.Work, "weights"), copies: !node.Is(NodeRoles.Server));
        _store.Lost += digest => log.Warning(
            "Weights {Digest} are damaged on this node's disk, or gone from it: they are taken away, and fetched from whoever has them where they are needed", digest.Short);
        _outlet = new Outlet(isOpen: !node.Is(NodeRoles.Hospital) || node.CarriesSites);
        _spool = node.Is(NodeRoles.Server) ? new Spool(Path.Combine(node.Work, "spool")) : null;
        _store.Health.Told = new RepeatedWarning(log).Say;
        if (_spool is not null)
            _spool.Health.Told = new RepeatedWarning(log).Say;
        string owner = node.Is(NodeRoles.Server) ? LeaseIdentity.Of(node) : "";
        _akka = AkkaConfiguration.Of(node, owner);
        _lease = node.Journal is { } journal
            ? new ServerLease(journal, LeaseOwner.Here(owner, $"{node.Host}:{node.Port}"), _akka.GetTimeSpan($"{ActorConfiguration.LeasePath}.heartbeat-timeout", TimeSpan.Zero), TimeProvider.System)
            : null;
        _journal = node.Journal is { } kept ? new ServerJournal(node, kept, _lease!, _store, _spool!, log) : null;
        // What an earlier process did not finish is begun anew.
        if (Directory.Exists(Scratch))
            Directory.Delete(Scratch, recursive: true);
    }

    private Reach Reach => _tls is null ? new Reach(Proxy: _node.Proxy, Noted: _noted) : new Reach("https", _node.Proxy, _tls.Secure, _tls.Trust, _noted);

    private string Scratch => Path.Combine(_node.Work, "scratch");

    /// <summary>Runs the node until it is told to stop.</summary>
    /// <exception cref="InvalidConfigurationException">
    /// A folder cannot be made or written to, an address or a port cannot be used, the federation file is wrong, or the journal's database refuses. A database that does not
    /// answer is waited for.
    /// </exception>
    public static async Task RunAsync(NodeConfiguration node, CancellationToken stop)
    {
        Extensions.Load($"{node.File}: fedkim.extensions", node.Extensions);
        var address = node.Link == SiteLink.Outbound ? IPAddress.Loopback : await Listening.AddressOf(node);
        using var own = await WorkFolder.TakeAsync(node, stop);
        if (own is null)
            return;
        Listening.CheckPorts(node, address);
        TorchSettings.Check(node);
        var level = new LoggingLevelSwitch(node.LogLevel);
        await using var log = NodeLog.Open(node, level);
        using var audit = AuditLog.Open(Path.Combine(node.Work, "log"), TimeProvider.System, problem => log.Error("Audit: {Problem:l}", problem));
        var tls = NodeTls.Of(node, log, audit.Note);
        var self = new AuditEntry(AuditKind.Started, AuditMatter.Node) { Peer = tls?.Id.ToString() ?? node.Site, Detail = $"{string.Join(", ", node.Roles)}, process {Environment.ProcessId}" };
        audit.Note(self);
        await new NodeHost(node, address, tls, log, level, audit.Note).RunAsync(stop);
        audit.Note(self with { Kind = AuditKind.Ended });
    }

    private async Task RunAsync(CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var journal = Task.Run(() => _journal?.PrepareAsync(ending.Token) ?? Task.CompletedTask, CancellationToken.None);
        try
        {
            await Serve(journal, stop);
        }
        finally
        {
            // However it ends: whoever comes next need not wait for this process's lease.
            await ending.CancelAsync();
            await journal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_journal is not null)
                await _journal.GiveLeaseBack();
        }
        _journal?.Close();
        _log.Information("Node {Site} has ended", _node.Site);
    }

    private async Task Serve(Task journal, CancellationToken stop)
    {
        _log.Information("Node {Site} starts as {Roles}, process {Pid}", _node.Site, string.Join(", ", _node.Roles), Environment.ProcessId);
        foreach (var extension in Extensions.Loaded)
            _log.Information("{File:l} adds {Names:l}; its SHA-256 is {Content}", extension.File, string.Join(", ", extension.Adds), extension.Content.Hex);
        if (!_node.IsSecured)
            _log.Warning("fedkim.security is off: what this node sends can be read on the way, and whoever reaches one of its ports is obeyed");
        _ = new UnfinishedUploads(_store, _spool, TimeProvider.System, _log).SweepAsync(stop);
        var door = new LinkDoor(_node.Site, _tls is null ? LinkPeer.ByHeader : LinkPeer.ByCertificate, () => _gates, TimeProvider.System, _noted);
        var machinery = new NodeMachinery(_tls?.Trust, () => _system, () => _works, _level, _noted);
        var node = new AnsweringNode(_node, _tls?.Trust, _store, () => _system, () => _server, () => _link, () => _work, _noted, machinery);
        var table = CommandTable.Of<IAnsweringNode>(node, NodePalettes.All);
        var options = new CommandHostOptions(_node.Site) { Port = _node.CommandPort, OnFault = Fault, OnRefused = (account, why) => _noted(ChangeAudit.Refused(account, why)) };
        var watch = PageCommands.Watch(table, options);
        await using var weights = _spool is { } spool
            ? await Listening.Start(_node, port => port.Port == _node.WeightsBindPort, () => WeightServer.StartAsync(
                _store, spool, new IPEndPoint(_address, _node.WeightsBindPort), stop,
                guest: ServerDoor.Of(door, _tls is not null, table, options, watch), peers: _tls?.Connections(), noted: _noted))
            : null;
        await using var commands = await Listening.Start(_node, port => port.OnLoopback, () => CommandHost.StartAsync(options, table, routes =>
        {
            routes.MapHeldWeights(_store);
            if (_spool is not null)
                routes.MapPage(watch, _ => Caller.Now!);
        }));

        await journal;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await CheckWeights(ending.Token);
        using var work = ActorSystem.Create("work", Setup(AkkaConfiguration.Work));
        Listen(work);
        _works = work;
        try
        {
            var works = NodeWork.Start(_node, work, _store, _outlet, Reach.Weights, _log, ending.Token);
            _work = works.Spokesman;
            await (_node.Link == SiteLink.Outbound ? Connect(work, works, stop) : Join(works, stop));
        }
        finally
        {
            // On the pinned threads work ends at its last checkpoint.
            await ending.CancelAsync();
            await work.Terminate();
        }
    }

    // No actor shall wait for a disk. A site holds what it works with; a server holds every model that it ever finished, and of those it goes on
    // from a few: the others are checked beside its work.
    private async Task CheckWeights(CancellationToken ending)
    {
        if (_journal is not { } journal)
        {
            await Task.Run(() => _store.CheckAll(ending), CancellationToken.None);
            return;
        }
        await Task.Run(async () =>
        {
            foreach (var digest in await journal.CurrentAsync(ending))
                _store.Has(digest);
            _spool?.CheckAll((round, update) => _log.Warning(
                "Round {Round}: update {Update} is damaged on the disk of server {Node}: it is removed and asked for again from its site's outbox", round, update.Short, _node.Site), ending);
        }, CancellationToken.None);
        _ = Task.Factory.StartNew(() => _store.CheckAll(ending), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    // One actor system after another is in the cluster, until the node is to end.
    private async Task Join(NodeWork works, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var system = await Listening.Start(_node, port => port.Port == _node.BindPort, () => Task.FromResult(Start(works, stopping.Token)));
            await using (stop.Register(() => _ = Leave(system)))
                await Ended(system, stop);
            await stopping.CancelAsync();
            (_system, _server, _gates) = (null, null, null);
            if (_fault is { } fault)
                throw fault;
            if (stop.IsCancellationRequested)
                return;
            _log.Warning("This node is not in the federation's cluster any more, or was not let in; it joins again");
            await Task.Delay(JoinAgain, CancellationToken.None);
        }
    }

    // In no cluster: the site's work and its line to a server are in one actor system, and last as long as the process.
    private async Task Connect(ActorSystem system, NodeWork works, CancellationToken stop)
    {
        _link = LinkView.None;
        var (site, doors, reach) = (new ClientId(_node.Site), _node.Doors, Reach);
        Dial dial = new LinkDialer(_node.Site, reach).DialAsync;
        Action<LinkView> show = view => _link = view;
        var keeper = system.ActorOf(Props.Create(() => new WeightKeeper(_node.Site, _store, null, reach.Weights, ActorRefs.Nobody, _outlet)), WeightKeeper.Name);
        foreach (var (_, work, uplink) in works.Actors)
            _server = system.ActorOf(Props.Create(() => new OutboundLink(site, doors, dial, work, keeper, uplink, show, TimeProvider.System)), "link");
        await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private ActorSystemSetup Setup(Config config) => ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), new SerilogSetup(_log));

    private ActorSystem Start(NodeWork works, CancellationToken stopping)
    {
        var (setup, certificate) = (Setup(_akka), _tls?.Trust.Certificate);
        if (_tls is not null)
            setup = setup.And(_tls.Members.Setup());
        var system = ActorSystem.Create(ActorConfiguration.System, setup);
        Listen(system);
        _ = LeaveWhenRenewed();
        var server = ServerRole.Proxy(system);
        Action leave = () => _ = Leave(system);
        Action<LeaseOwner> refused = holder => Refuse(system, _journal!.HeldBy(holder));
        Membership.Start(system, _node.Site, _node.Seeds, _lease, leave, _node.Servers == 1 ? refused : null, _tls?.Members);
        system.ActorOf(Props.Create(() => new WeightKeeper(_node.Site, _store, _spool, Reach.Weights, server, _outlet)), WeightKeeper.Name);
        if (_spool is { } spool)
        {
            ServerRole.Start(system, _node.Site, _store, spool, $"{Reach.Scheme}://{_node.Host}:{_node.WeightsPort}", Scratch, TimeProvider.System, _node.Parallel);
            _gates = system.ActorOf(Props.Create(() => new Gates(_node.Site, server, () => Membership.IsIn(system))), Gates.Name);
            Action<JournalFault> damaged = fault => End(system, fault);
            system.ActorOf(Props.Create(() => new JournalWatch(damaged)), "journal-watch");
            Action<Address> refuse = second => Refuse(system, new InvalidConfigurationException(
                [$"{_node.File}: fedkim.cluster.servers is {_node.Servers}, fedkim.journal is {_node.Journal}, and {second} was a server of this cluster before: neither knows what the other's journal holds. End one of them, or let both write one journal and set fedkim.cluster.servers to 2 in every node's file."]));
            if (_node.Journal is { Provider: JournalProvider.Memory } || _node.Servers == 1)
                system.ActorOf(Props.Create(() => new OnlyServer(refuse)), "only-server");
            if (_federation is { } federation)
                _ = federation.HandOverAsync(server, stopping);
        }
        works.Enter(system, server);
        (_system, _server) = (system, server);
        return system;

        // The transport keeps the certificate it began with.
        async Task LeaveWhenRenewed()
        {
            if (_tls is not null && await _tls.Renewed(certificate!, stopping))
                await Leave(system);
        }
    }

    private void End(ActorSystem system, JournalFault fault)
    {
        if (_fault is not null || CoordinatedShutdown.Get(system).ShutdownReason is not null)
            return;
        _fault = new InvalidConfigurationException(
            [$"{_node.File}: fedkim.journal: {_node.Journal} is damaged: history {fault.History}: {fault.Problem}. See all that is wrong with: fedkim journal check {_node.File}"]);
        _log.Error("{Problem:l}", _fault.Message);
        _ = Leave(system);
    }

    private void Refuse(ActorSystem system, InvalidConfigurationException why)
    {
        _fault = why;
        _ = Leave(system);
    }

    private void Fault(string what, Exception e)
    {
        _log.Warning("Commands: {Problem:l}", what);
        _log.Debug(e, "Commands: {Problem:l}", what);
    }

    private void Listen(ActorSystem system) => system.ActorOf(Props.Create(() => new AuditEar(_noted)), "audit");

    // A journal that another server holds locked keeps a thread, and with it the actor system, for longer than anybody waits for a node that was
    // asked to end. What it was storing is stored whole or not at all.
    private static async Task Ended(ActorSystem system, CancellationToken stop)
    {
        try
        {
            await system.WhenTerminated.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAny(system.WhenTerminated, Task.Delay(EndLimit, CancellationToken.None));
        }
    }

    private async Task Leave(ActorSystem system)
    {
        var left = CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
        try
        {
            await left.WaitAsync(LeaveLimit);
        }
        catch (TimeoutException)
        {
            _log.Warning("The cluster did not let this node go in {Seconds} s; it goes all the same", LeaveLimit.TotalSeconds);
            await system.Terminate();
        }
    }
}
