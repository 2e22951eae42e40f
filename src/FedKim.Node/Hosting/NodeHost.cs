using System.Data.Common;
using System.Diagnostics;
using System.Net;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using FedKim.Actors;
using FedKim.Commands;
using FedKim.Configuration;
using FedKim.Launch.Answers;
using FedKim.Learning;
using FedKim.Models;
using FedKim.Node.Logging;
using FedKim.Protocol;
using FedKim.Rounds;
using FedKim.Transfer;
using Serilog;

namespace FedKim.Node.Hosting;

/// <summary>
/// Runs one node: its log, its weight server, its command host, and two actor systems. One is in the cluster; when that has excluded the node,
/// does not let it in, or has no server any more, it ends and a new one joins. A hospital's or an injector's work is in the other, which is in no
/// cluster and lasts as long as the process: whatever becomes of the cluster, no step is made twice.
/// </summary>
internal sealed class NodeHost
{
    /// <summary>The folder of a hospital's rounds in its work folder.</summary>
    public const string Rounds = "rounds";

    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SubmitAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SayAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan JoinAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskJournalAgain = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AskLeaseAgain = TimeSpan.FromMilliseconds(250);

    private readonly NodeConfiguration _node;
    private readonly IPAddress _address;
    private readonly ILogger _log;
    private readonly WeightStore _store;
    private readonly Spool? _spool;
    private readonly (FederationPlan Plan, string File)? _federation;
    private readonly Config _akka;
    private readonly ServerLease? _lease;
    private volatile ActorSystem? _system;
    private volatile IActorRef? _server;
    private volatile IActorRef? _work;
    private volatile Exception? _fault;

    private NodeHost(NodeConfiguration node, IPAddress address, ILogger log)
    {
        (_node, _address, _log) = (node, address, log);
        _federation = node.Federation.Length > 0 ? (FederationFile.Parse(node.Federation).Plan, node.Federation) : null;
        _store = new WeightStore(Path.Combine(node.Work, "weights"), copies: !node.Is(NodeRoles.Server));
        _store.Lost += digest => log.Warning(
            "Weights {Digest} are damaged on this node's disk, or gone from it: they are taken away, and fetched from whoever has them where they are needed", digest.Short);
        _spool = node.Is(NodeRoles.Server) ? new Spool(Path.Combine(node.Work, "spool")) : null;
        _store.Health.Told = Suffering();
        if (_spool is not null)
            _spool.Health.Told = Suffering();
        string owner = node.Is(NodeRoles.Server) ? LeaseIdentity.Of(node) : "";
        _akka = AkkaConfiguration.Of(node, owner);
        _lease = node.Journal is { } journal
            ? new ServerLease(journal, LeaseOwner.Here(owner, $"{node.Host}:{node.Port}"), _akka.GetTimeSpan($"{ActorConfiguration.LeasePath}.heartbeat-timeout", TimeSpan.Zero), TimeProvider.System)
            : null;
        // What an earlier process did not finish is begun anew.
        if (Directory.Exists(Scratch))
            Directory.Delete(Scratch, recursive: true);
    }

    private string Scratch => Path.Combine(_node.Work, "scratch");

    /// <summary>Runs the node until it is told to stop.</summary>
    /// <exception cref="InvalidConfigurationException">
    /// A folder cannot be made or written to, an address or a port cannot be used, the federation file is wrong, or the journal's database refuses. A database that does not
    /// answer is waited for.
    /// </exception>
    public static async Task RunAsync(NodeConfiguration node, CancellationToken stop)
    {
        var address = await Listening.AddressOf(node);
        using var own = await WorkFolder.TakeAsync(node, stop);
        if (own is null)
            return;
        Listening.CheckPorts(node, address);
        // Without a setting torch waits for a plan that learns; a setting that does not hold must show now.
        if (TorchRuntime.FolderOf(node.TorchFolder) is not null || node.Injector is { WantsCuda: true })
            TorchRuntime.Load(node.TorchFolder);
        if (node.Injector is { WantsCuda: true } device && device.Problem() is { } problem)
            throw new InvalidConfigurationException([$"{node.File}: fedkim.injector.device {problem}"]);
        await using var log = NodeLog.Open(node);
        var host = new NodeHost(node, address, log);
        await host.RunAsync(stop);
    }

    private async Task RunAsync(CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var journal = Task.Run(() => PrepareJournal(ending.Token), CancellationToken.None);
        try
        {
            await Serve(journal, stop);
        }
        finally
        {
            // However it ends: whoever comes next need not wait for this process's lease.
            await ending.CancelAsync();
            await journal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await GiveLeaseBack();
        }
        if (_node.Journal is { } kept)
            CloseJournal(kept);
        _log.Information("Node {Site} has ended", _node.Site);
    }

    private async Task Serve(Task journal, CancellationToken stop)
    {
        _log.Information("Node {Site} starts as {Roles}, process {Pid}", _node.Site, string.Join(", ", _node.Roles), Environment.ProcessId);
        if (!IPAddress.TryParse(_node.Host, out var address) || !IPAddress.IsLoopback(address))
            _log.Warning("What this node sends over the network is not encrypted; run it behind a private network");
        _ = new UnfinishedUploads(_store, _spool, TimeProvider.System, _log).SweepAsync(stop);
        await using var weights = _spool is { } spool
            ? await Listening.Start(_node, port => port.Port == _node.WeightsBindPort, () => WeightServer.StartAsync(_store, spool, new IPEndPoint(_address, _node.WeightsBindPort), stop))
            : null;
        await using var commands = await Listening.Start(_node, port => port.OnLoopback, () => CommandHost.StartAsync(
            new CommandHostOptions(_node.Site) { Port = _node.CommandPort, OnFault = Fault },
            CommandTable.Of<IAnsweringNode>(new AnsweringNode(_node, _store, () => _system, () => _server, () => _work), NodePalettes.All)));

        await journal;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await CheckWeights(ending.Token);
        using var work = ActorSystem.Create("work", Setup(AkkaConfiguration.Work));
        try
        {
            await Join(StartWork(work, ending.Token), stop);
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
        if (_node.Journal is not { } journal)
        {
            await Task.Run(() => _store.CheckAll(ending), CancellationToken.None);
            return;
        }
        await Task.Run(async () =>
        {
            foreach (var digest in await CurrentOf(journal, ending))
                _store.Has(digest);
        }, CancellationToken.None);
        _ = Task.Factory.StartNew(() => _store.CheckAll(ending), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private async Task<IEnumerable<Digest>> CurrentOf(Journal journal, CancellationToken ending)
    {
        try
        {
            return journal.Provider == JournalProvider.Memory ? [] : (await JournalNeeds.ReadAsync(journal, ending)).Current;
        }
        catch (Exception e) when (e is JournalException or OperationCanceledException)
        {
            _log.Debug("What the server goes on from is checked when it is needed: {Problem:l}", e.Message);
            return [];
        }
    }

    // One actor system after another is in the cluster, until the node is to end.
    private async Task Join(IReadOnlyList<(string Role, IActorRef Work, IActorRef Uplink)> works, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var system = await Listening.Start(_node, port => port.Port == _node.BindPort, () => Task.FromResult(Start(works, stopping.Token)));
            await using (stop.Register(() => _ = Leave(system)))
                await system.WhenTerminated;
            await stopping.CancelAsync();
            (_system, _server) = (null, null);
            if (_fault is { } fault)
                throw fault;
            if (stop.IsCancellationRequested)
                return;
            _log.Warning("This node is not in the federation's cluster any more, or was not let in; it joins again");
            await Task.Delay(JoinAgain, CancellationToken.None);
        }
    }

    private IReadOnlyList<(string Role, IActorRef Work, IActorRef Uplink)> StartWork(ActorSystem system, CancellationToken ending)
    {
        var works = new List<(string, IActorRef, IActorRef)>();
        if (_node.Is(NodeRoles.Injector))
        {
            Func<IInjection> injection = () => new InjectionByPlan(() => Learn(() => new Injection(_node.Data, AppContext.BaseDirectory) { Warn = Warn, Device = _node.Injector! }));
            Add(NodeRoles.Injector, uplink => Props.Create(() => new InjectorSupervisor(injection, _store, WeightRoute.Plain, Path.Combine(_node.Work, "injection"), uplink, ending)));
        }
        if (_node.Is(NodeRoles.Hospital))
        {
            byte[] key = SiteKey.Of(_node);
            Func<ILocalTraining> training = () => new TrainingByPlan(() => Learn(() => new LocalTraining(_node.Data) { Warn = Warn, Key = key }));
            Add(NodeRoles.Hospital, uplink => Props.Create(() => new ClientActor(new ClientId(_node.Site), training, _store, WeightRoute.Plain, Path.Combine(_node.Work, Rounds), uplink, ending)));
        }
        return works;

        void Add(string role, Func<IActorRef, Props> work)
        {
            var uplink = system.ActorOf(Props.Create(() => new Uplink()), $"{role}-uplink");
            works.Add((role, _work = system.ActorOf(work(uplink), role), uplink));
        }
    }

    private ActorSystemSetup Setup(Config config) => ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), new SerilogSetup(_log));

    private ActorSystem Start(IReadOnlyList<(string Role, IActorRef Work, IActorRef Uplink)> works, CancellationToken stopping)
    {
        var system = ActorSystem.Create(ActorConfiguration.System, Setup(_akka));
        var server = ServerRole.Proxy(system);
        Action leave = () => _ = Leave(system);
        Action<LeaseOwner> refused = holder => Refuse(system, HeldBy(holder));
        Membership.Start(system, _node.Site, _node.Seeds, _lease, leave, _node.Servers == 1 ? refused : null);
        system.ActorOf(Props.Create(() => new WeightKeeper(_node.Site, _store, _spool, WeightRoute.Plain, server)), WeightKeeper.Name);
        if (_spool is { } spool)
        {
            ServerRole.Start(system, _node.Site, _store, spool, $"http://{_node.Host}:{_node.WeightsPort}", Scratch, TimeProvider.System);
            Action<JournalFault> damaged = fault => End(system, fault);
            system.ActorOf(Props.Create(() => new JournalWatch(damaged)), "journal-watch");
            Action<Address> refuse = second => Refuse(system, new InvalidConfigurationException(
                [$"{_node.File}: fedkim.cluster.servers is {_node.Servers}, fedkim.journal is {_node.Journal}, and {second} was a server of this cluster before: neither knows what the other's journal holds. End one of them, or let both write one journal and set fedkim.cluster.servers to 2 in every node's file."]));
            if (_node.Journal is { Provider: JournalProvider.Memory } || _node.Servers == 1)
                system.ActorOf(Props.Create(() => new OnlyServer(refuse)), "only-server");
            if (_federation is { } federation)
                _ = Submit(server, federation.Plan, federation.File, stopping);
        }
        foreach (var (role, work, uplink) in works)
            system.ActorOf(Props.Create(() => new MemberLink(work, uplink, server)), role);
        (_system, _server) = (system, server);
        return system;
    }

    // After a power cut the database may take longer to start than this node: what passes is waited for, what does not ends the node.
    private async Task PrepareJournal(CancellationToken stop)
    {
        bool ready = _node.Journal is null or { Provider: JournalProvider.Memory };
        while (!ready && !stop.IsCancellationRequested)
        {
            try
            {
                var state = await JournalSchema.PrepareAsync(_node.Journal!, _node.CreateJournal, stop);
                if (_node.Servers == 1)
                    await Claim(stop);
                Remember(_node.Journal!, await CheckJournal(_node.Journal!, stop));
                _log.Information("Journal in {Journal:l}: {Events} events", _node.Journal!.Place, state.Events);
                ready = true;
            }
            catch (JournalException e) when (e.Passing)
            {
                _log.Warning("Journal: {Problem:l} This node waits for it and asks again every {Seconds} s", e.Message, AskJournalAgain.TotalSeconds);
                await Task.Delay(AskJournalAgain, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            catch (JournalException e)
            {
                throw new InvalidConfigurationException([$"{_node.File}: fedkim.journal: {e.Message}"]);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    // A journal that does not know a federation whose rounds have run would begin it again without a word. One that is an older copy goes on
    // from there: what it lacks is done again, with the same bits.
    private async Task<JournalMark> CheckJournal(Journal journal, CancellationToken stop)
    {
        var head = await JournalHead.ReadAsync(journal, stop);
        var mark = JournalMark.Find(journal.Mark);
        bool knows = mark is null ? head.Federation.Length > 0 : mark.Federation.Length == 0 || await JournalHead.KnowsAsync(journal, mark.Federation, stop);
        if (!knows && (mark is not null || !_store.List().IsEmpty || _spool!.HoldsAny))
        {
            string lacks = mark is null
                ? "it knows of no federation, and this work folder holds a federation's weights or updates"
                : $"it has come to {head}, and this node had seen it at {mark}";
            string remedy = journal.Provider == JournalProvider.Sqlite
                ? "Its events are lost: it was copied or removed without its log journal.db-wal, which belongs to it. Bring both files back, or a backup with: fedkim restore."
                : "Its events are lost. Bring the database back as it was.";
            throw new InvalidConfigurationException(
                [$"{_node.File}: fedkim.journal: {journal}: {lacks}. {remedy} To go on from what the journal says, and do again what it lacks: fedkim journal accept {_node.File}"]);
        }
        if (mark is null || head.Reaches(mark, _ => true))
            return head;
        _log.Warning("{Journal:l} is an older copy: it has come to {Head:l}, and this node had seen it at {Mark:l}. The server goes on from there: what the journal lacks is done again", journal.Place, head, mark);
        return await JournalRepair.GoOnAsync(journal, mark.Epoch, _node.Site, TimeProvider.System, stop);
    }

    private void Remember(Journal journal, JournalMark head)
    {
        try
        {
            head.Write(journal.Mark);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.Warning("A journal that loses events would not be noticed: {File:l} cannot be written: {Problem:l}", journal.Mark, e.Message);
        }
    }

    private void CloseJournal(Journal journal)
    {
        try
        {
            JournalFile.Close(journal);
        }
        catch (Exception e) when (e is DbException or IOException)
        {
            _log.Warning("{Journal:l}: its log journal.db-wal was not folded into it, and belongs to it wherever it is copied: {Problem:l}", journal.Place, e.Message);
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

    // The only server takes its lease before anything is read or written. Another that renews it lives; one that died a moment ago seems to hold
    // it until its time is over.
    private async Task Claim(CancellationToken stop)
    {
        string renewed = "";
        while (await _lease!.Take(stop) is { } holder)
        {
            string now = await _lease.Renewed(stop);
            if (renewed.Length > 0 && now != renewed)
                throw HeldBy(holder);
            if (renewed.Length == 0)
                _log.Warning("{Holder:l} holds this server's lease; it is taken as soon as that one lets it lapse", holder.Description);
            renewed = now;
            await Task.Delay(AskLeaseAgain, stop);
        }
    }

    // Whoever comes next, on this journal or to mend it, need not wait until it is over.
    private async Task GiveLeaseBack()
    {
        try
        {
            if (_lease is not null)
                await _lease.GiveBack();
        }
        catch (JournalException e)
        {
            _log.Debug("The lease ends by itself: {Problem:l}", e.Message);
        }
    }

    private InvalidConfigurationException HeldBy(LeaseOwner holder) => new(
        [$"{_node.File}: fedkim.journal is {_node.Journal!.Place}, and {holder.Description} works with it. Of two servers only one may write a journal: end that one, give this one a journal of its own, or set fedkim.cluster.servers to their number in every node's file."]);

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

    // What hinders the weight plane; sites try again every few seconds, and one line a minute is enough of the same.
    private Action<string, Exception> Suffering()
    {
        string last = "";
        long since = 0;
        var turn = new Lock();
        return (what, e) =>
        {
            lock (turn)
            {
                if (what != last || Stopwatch.GetElapsedTime(since) > SayAgain)
                    _log.Warning("Weights: {Problem:l} ({Detail:l})", what, e.Message);
                (last, since) = (what, Stopwatch.GetTimestamp());
            }

            _log.Debug(e, "Weights: {Problem:l}", what);
        };
    }

    private void Warn(string problem) => _log.Warning("{Problem:l}", problem);

    private T Learn<T>(Func<T> learning)
    {
        TorchRuntime.Load(_node.TorchFolder);
        return learning();
    }

    /// <summary>Hands the federation of the server's file to the federation's actor until it has it; what it knows already changes nothing.</summary>
    private async Task Submit(IActorRef server, FederationPlan plan, string file, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var answer = await server.Ask(OperatorMessages.Submit.Of(plan), SubmitAgain, stopping);
                if (answer is OperatorMessages.Refused refused)
                    _log.Error("The federation of {File} is refused: {Reason:l}", file, refused.Reason);
                return;
            }
            catch (AskTimeoutException)
            {
                _log.Debug("The federation's actor does not answer yet");
            }
            catch (OperationCanceledException)
            {
                return;
            }
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
