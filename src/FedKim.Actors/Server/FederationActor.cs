using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FedKim.Parameters;
using FedKim.Protocol;
using FedKim.Rounds;
using FedKim.Transfer;
using static FedKim.Protocol.FederationQueries;

namespace FedKim.Actors;

/// <summary>
/// The federation's server side, one in the cluster: opens rounds one after another, each with a <see cref="RoundCoordinator"/> of its own,
/// asks the injector for the first model and the last measurement, and answers questions. Decides nothing itself.
/// </summary>
public sealed class FederationActor : ReceivePersistentActor, IWithTimers
{
    private readonly ServerContext _server;
    private readonly SortedDictionary<int, Round> _rounds = [];
    private readonly Dictionary<IActorRef, RoundId> _coordinators = [];
    private readonly HeardEpoch _epochs;
    private readonly HistoryReading _reading = new(JournalRow.Federation, Context.System.EventStream);
    private Federation _federation = new();

    /// <param name="node">The node's name.</param>
    /// <param name="store">The server's weights.</param>
    /// <param name="spool">The updates of open rounds.</param>
    /// <param name="weights">Base address of the server's weight plane, as sites reach it.</param>
    /// <param name="scratch">A folder on the store's disk for unfinished files.</param>
    /// <param name="keepers">Told what this server lacks (<see cref="WeightMessages.Wanted"/>), for those who may hold it.</param>
    /// <param name="clock">The only source of time.</param>
    /// <param name="heard">The latest epoch heard of, which outlives this actor.</param>
    public FederationActor(string node, WeightStore store, Spool spool, string weights, string scratch, IActorRef keepers, TimeProvider clock, HeardEpoch heard)
    {
        _epochs = heard;
        Directory.CreateDirectory(scratch);
        var directory = Context.ActorOf(Props.Create(() => new SiteDirectory(clock)), "sites");
        _server = new ServerContext(node, store, spool, weights, scratch, directory, keepers, clock);
        _watch = new LimitWatch(Timers, clock);

        Recover<IFederationEvent>(e =>
        {
            _reading.Saw();
            _federation = FederationRules.Apply(_federation, e);
        });
        Recover<RecoveryCompleted>(_ =>
        {
            if (!_reading.IsWhole(LastSequenceNr))
            {
                Context.Stop(Self);
                return;
            }
            if (_federation.Plan is { } plan)
                Log.Info("Federation {Federation} goes on in phase {Phase}: {Committed} of {Rounds} rounds committed", plan.Id, _federation.Phase, _federation.CommittedRounds, plan.Rounds);
            // Before anything is asked of anybody: once this is stored no predecessor's word counts any more.
            Decide(new FederationCommands.TakeOver(Math.Max(_federation.Epoch, heard.Value) + 1, node));
        });

        Command<OperatorMessages.Submit>(Submit);
        Command<OperatorMessages.Stop>(Stop);
        Command<SiteMessages.Hello>(m => Greet(m, m.Epoch));
        Command<InjectorMessages.Hello>(m => Greet(m, m.Epoch));
        Command<SiteMessages.Contribute>(m => ToRound(m.Round, m.Client, m));
        Command<SiteMessages.CannotContribute>(m => ToRound(m.Round, m.Client, m));
        Command<InjectorMessages.Initialized>(m =>
        {
            if (m.Federation == _federation.Plan?.Id && Holds(m.GlobalModel) && Holds(m.Adapter))
                Decide(new FederationCommands.RecordInitialization(m.GlobalModel, m.Adapter));
        });
        Command<InjectorMessages.Injected>(m => Coordinator(m.Round)?.Forward(m));
        Command<InjectorMessages.Evaluated>(m =>
        {
            if (m.Federation == _federation.Plan?.Id)
                Decide(new FederationCommands.RecordEvaluation(m.Evaluation));
        });
        Command<InjectorMessages.Broke>(m =>
        {
            if (m.Work is InjectorMessages.Inject inject)
                Coordinator(inject.Round)?.Forward(m);
            else if (m.Work.Name == _asked?.Name)
                Decide(new FederationCommands.Abandon($"The injector cannot go on with {m.Work.Name}: {m.Reason}"));
        });
        Command<RoundMoved>(m =>
        {
            bool current = m.Round.Id.Federation == _federation.Plan?.Id;
            // A coordinator that was still reading when its federation ended goes on by itself; it hears of the end here.
            if (!m.Round.HasEnded && (!current || _federation.HasEnded))
                Sender.Tell(new RoundCommands.Abandon(current ? _federation.Cause : "Its federation has ended."));
            if (!current)
                return;
            _rounds[m.Round.Id.Number] = m.Round;
            if (!m.Round.HasEnded)
                _moved = clock.GetTimestamp();
            Decide(new FederationCommands.RecordRound(m.Round));
        });
        Command<LimitWatch.Tick>(_ => Beat());
        Command<Waits>(m => _waits = m);
        Command<SiteDirectory.Heard>(m => _heard = m);
        Command<Terminated>(t =>
        {
            // A coordinator whose journal failed comes back and reads what was really stored.
            if (_coordinators.Remove(t.ActorRef, out var id) && IsUnfinished(id))
                Timers.StartSingleTimer("coordinator", new Reopen(id), TimeSpan.FromSeconds(1));
        });
        Command<Reopen>(m =>
        {
            if (IsUnfinished(m.Round))
                Coordinate(m.Round.Number);
        });
        Command<LookAgain>(_ => AskInjector());
        Command<Replaced>(m => BeginAnew(m.Epoch));
        Command<Akka.Done>(_ => { });
        Command<Status.Failure>(f => Log.Warning("Weights of an earlier round still take room in {Folder}: {Problem}", _server.Scratch, f.Cause.Message));
        Command<WeightMessages.GetNeeded>(_ =>
        {
            if (Needed() is { } needed)
                Sender.Tell(needed);
        });
        Command<GetFederation>(_ => Sender.Tell(View.Of(_federation) with { Waiting = Waiting() }));
        Command<GetFederations>(_ => Sender.Tell(View.All(_federation)));
        Command<GetRounds>(q => Sender.Tell(new FederationQueries.Rounds(
            [.. _rounds.Values.Where(r => r.Id.Number >= q.From).Take(q.Count).Select(r => View.Summary(r, Since(r)) with { Waiting = WaitingOf(r) })])));
        Command<GetRound>(q => Sender.Tell(_rounds.TryGetValue(q.Number, out var round) ? View.Of(round, Since(round)) with { Waiting = WaitingOf(round) } : NoRound(q.Number)));
        Command<GetStory>(q =>
        {
            var asker = Sender;
            if (_rounds.TryGetValue(q.Number, out var round))
                Context.ActorOf(Props.Create(() => new RoundReader(round.Id, asker)));
            else
                asker.Tell(NoRound(q.Number));
        });
        Command<GetReplay>(q =>
        {
            if (_rounds.TryGetValue(q.Number, out var round))
                Replay(round);
            else
                Sender.Tell(NoRound(q.Number));
        });
        Command<GetClients>(_ => _server.Directory.Forward(new SiteDirectory.Describe(
            _federation.Plan?.Clients ?? [], _federation.OpenRound is { } open ? _rounds.GetValueOrDefault(open.Number) : null)));
        Command<GetInjector>(_server.Directory.Forward);
    }

    /// <inheritdoc/>
    public override string PersistenceId => JournalRow.Federation;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        _reading.Failed(reason);
        base.OnRecoveryFailure(reason, message);
    }

    private readonly LimitWatch _watch;
    private InjectorMessages.IWork? _asked;
    private FederationPhase? _limited;
    private SiteDirectory.Heard? _heard;
    private bool _here;
    private Waits? _waits;
    private string _said = "";
    private int _replays;
    private long _moved;

    // Whoever greets follows a later coordinator, and none of this one's orders. Waiting for that one's end may take for ever, if it has ended
    // without this one's noticing: started again, this one reads what was stored meanwhile and leads in an epoch that counts.
    private void Greet(object hello, int epoch)
    {
        if (epoch > _federation.Epoch)
            BeginAnew(epoch);
        else
            _server.Directory.Forward(hello);
    }

    private void BeginAnew(int latest)
    {
        _epochs.Heard(latest);
        Log.Warning("This coordinator of epoch {Epoch} was replaced by one of epoch {Latest} and begins anew", _federation.Epoch, latest);
        Context.Stop(Self);
    }

    private void Submit(OperatorMessages.Submit message)
    {
        var (asker, plan) = (Sender, message.ToPlan());
        Decide(new FederationCommands.Submit(plan), () => asker.Tell(FederationRules.Refusal(_federation, plan) is { } reason
            ? new OperatorMessages.Refused(reason)
            : View.Of(_federation.Named(plan.Id)!)));
    }

    private void Stop(OperatorMessages.Stop message)
    {
        var asker = Sender;
        Decide(new FederationCommands.Abandon(message.Cause), () => asker.Tell(_federation switch
        {
            { Phase: FederationPhase.Failed } => View.Of(_federation),
            { Plan: { } plan } => new OperatorMessages.Refused($"Federation {plan.Id} is {_federation.Phase} already; there is nothing to stop."),
            _ => new OperatorMessages.Refused("No federation was submitted yet; there is nothing to stop."),
        }));
    }

    private void Decide(IFederationCommand command, Action? then = null)
    {
        var events = FederationRules.Decide(_federation, command, _server.Clock.GetUtcNow());
        PersistAll(events, e =>
        {
            _federation = FederationRules.Apply(_federation, e);
            Tell(e);
        });
        DeferAsync(command, _ =>
        {
            then?.Invoke();
            if (events.IsEmpty)
                return;
            if (command is FederationCommands.TakeOver)
            {
                _server.Directory.Tell(new SiteDirectory.Lead(_federation.Epoch));
                _server.Keepers.Tell(new WeightKeeper.Lead(_federation.Epoch));
                // Rounds that ended while no server ran left their updates.
                Free(() => _server.Spool.EndAllBut(_federation.OpenRound));
                Enumerable.Range(1, _federation.CommittedRounds).ToList().ForEach(n => Coordinate(n));
            }
            if (command is FederationCommands.Submit)
                _rounds.Clear();
            if (command is FederationCommands.RecordRound)
                Prune();
            React();
        });
    }

    // What the world must be told in this state; said after every event and after recovery.
    private void React()
    {
        var plan = _federation.Plan;
        _asked = _federation switch
        {
            { Phase: FederationPhase.Initializing } => new InjectorMessages.Initialize(plan!.Id, plan.Seed, plan.Learning),
            { Phase: FederationPhase.Evaluating, GlobalModel: { } model, Aggregate: { } aggregate, Adapter: { } adapter } =>
                new InjectorMessages.Evaluate(plan!.Id, plan.Seed, plan.Learning, model, aggregate, adapter),
            _ => null,
        };
        if (_asked is not null)
        {
            AskInjector();
        }
        Limit();

        if (_federation.OpenRound is { } open)
            Coordinate(open.Number);
        if (!_federation.HasEnded)
            return;
        _server.Directory.Tell(new SiteDirectory.AskInjector(null));
        if (_federation.LatestRound is { } latest && IsUnfinished(latest))
        {
            Coordinate(latest.Number);
            Coordinator(latest)!.Tell(new RoundCommands.Abandon(_federation.Cause));
        }

        string outcome = _federation.Cause.Length > 0
            ? $"is {_federation.Phase}: {_federation.Cause}"
            : $"is {_federation.Phase} after {_federation.CommittedRounds} rounds, model {_federation.GlobalModel?.Short}, adapters {_federation.Adapter?.Short}";
        Log.Info("Federation {Federation} {Outcome}", plan!.Id, outcome);
        _server.Directory.Tell(new SiteDirectory.AnnounceFederation(plan.Id, outcome));
    }

    private void Tell(IFederationEvent e)
    {
        if (e is FederationEvents.Submitted { Plan: { } plan })
            Log.Info("Federation {Federation} begins: {Rounds} rounds of {Sites} sites, the quorum is {Quorum}", plan.Id, plan.Rounds, plan.Clients.Length, plan.Quorum);
        else if (e is FederationEvents.Initialized first)
            Log.Info("Federation {Federation}: the first model is {Model}", _federation.Plan!.Id, first.GlobalModel.Short);
        else if (_federation.Phase == FederationPhase.Evaluating && e is FederationEvents.RoundCommitted)
            Log.Info("Federation {Federation}: all rounds are committed, the finished model is measured", _federation.Plan!.Id);
    }

    private void Limit()
    {
        if (_limited == _federation.Phase)
            return;
        _limited = _federation.Phase;
        if (_asked is null)
            _watch.End();
        else
            _watch.Begin(_federation.Plan!.LimitOf(_federation.Phase), listening: true);
    }

    private void Beat()
    {
        if (_watch.Beat(_heard is { Injector: true }))
            Decide(new FederationCommands.Abandon($"The federation was still {_federation.Phase} after {_federation.Plan!.LimitOf(_federation.Phase)}. Is the injector's node running?"));
        string waiting = Waiting();
        if (waiting.Length > 0 && waiting != _said)
            Log.Warning("Federation {Federation} {Waiting}", _federation.Plan!.Id, waiting);
        _said = waiting;
        _here = _heard?.InjectorIsPresent ?? _here;
        _heard = null;
        _server.Directory.Tell(new SiteDirectory.Listen());
    }

    // What the federation waits for now, in words; empty where it works.
    private string Waiting() => _federation.Phase switch
    {
        FederationPhase.Initializing or FederationPhase.Evaluating when (_server.Store.Health.Now ?? _server.Spool.Health.Now) is { } trouble => $"paused: {trouble}",
        FederationPhase.Initializing or FederationPhase.Evaluating when !_here => "waits for the injector's node, which is not here",
        FederationPhase.Running when _federation.OpenRound is { } open && _waits?.Round == open => _waits.Text,
        _ => "",
    };

    private string WaitingOf(Round round) => !round.HasEnded && _waits?.Round == round.Id ? _waits.Text : "";

    // A measurement needs the result at this node, where the injector fetches what it does not have.
    private void AskInjector()
    {
        if (_asked is InjectorMessages.Evaluate e && !_server.Holds([e.GlobalModel, e.Aggregate, e.Adapter]))
            Timers.StartSingleTimer("lacking", new LookAgain(), ServerContext.AskAgain);
        else if (_asked is { } work)
            _server.Directory.Tell(new SiteDirectory.AskInjector(new InjectorMessages.Order(work, _server.Weights, _federation.Epoch)));
    }

    private void Coordinate(int number)
    {
        var plan = _federation.Plan!;
        var id = new RoundId(plan.Id, number);
        if (Coordinator(id) is not null)
            return;
        int epoch = _federation.Epoch;
        var open = new RoundCommands.Open(_federation.GlobalModel!.Value, _federation.Adapter!.Value, _federation.Moments, plan.Clients, plan.Quorum);
        var coordinator = Context.ActorOf(Props.Create(() => new RoundCoordinator(id, plan, open, epoch, _server)));
        _coordinators[Context.Watch(coordinator)] = id;
    }

    private IActorRef? Coordinator(RoundId round) => _coordinators.FirstOrDefault(c => c.Value == round).Key;

    // The round opened last needs its coordinator until it has ended, in a federation that was stopped too.
    private bool IsUnfinished(RoundId round) =>
        round == _federation.OpenRound || (round == _federation.LatestRound && _rounds.GetValueOrDefault(round.Number) is not { HasEnded: true });

    private NotFound NoRound(int number) =>
        new(_rounds.Count == 0 ? "No round was opened yet." : $"There is no round {number}; there are 1 to {_rounds.Keys.Max()}.");

    // While the open round's coordinator comes back nobody can answer; the site says it again. Neither does one who lost its place without
    // knowing it tell a site that a round which it has never heard of is over.
    private void ToRound(RoundId round, ClientId client, object message)
    {
        if (Coordinator(round) is { } coordinator)
            coordinator.Forward(message);
        else if (_federation.IsOver(round))
            Sender.Tell(new SiteMessages.Answered(round, client, false, "the round is over"));
    }

    private void Replay(Round round)
    {
        var (plan, server, asker) = (_federation.Plan!, _server, Sender);
        string output = Path.Combine(server.Scratch, $"{round.Id.Federation}-{round.Id.Number}-replay-{++_replays}.safetensors");
        Context.System.Dispatchers.Lookup(Threads.Files).Run(() => RoundReplay.Run(round, plan, server, output))
            .PipeTo(asker, failure: e => new OperatorMessages.Refused($"Round {round.Id} cannot be replayed: {e.Message}"));
    }

    // What a server that does not lead may still be asked for, should it be the next to. Not known before the open round was read.
    private WeightMessages.Needed? Needed()
    {
        var open = _federation.OpenRound is { } id ? _rounds.GetValueOrDefault(id.Number) : null;
        if (_federation.OpenRound is not null && open is null)
            return null;
        Digest?[] weights = [_federation.GlobalModel, _federation.Adapter, _federation.Aggregate, open?.Aggregate, open?.GlobalModel, open?.Adapter];
        return new WeightMessages.Needed(
            _federation.OpenRound?.ToString() ?? "", [.. weights.OfType<Digest>().Select(d => d.Hex).Distinct()], _federation.Coordinator, _federation.Epoch);
    }

    // How long ago the round was as it was heard of last; one that has ended stays so.
    private TimeSpan Since(Round round) => round.HasEnded ? TimeSpan.Zero : _server.Clock.GetElapsedTime(_moved);

    private bool Holds(Digest digest) => _server.Has(digest);

    // Between two rounds nothing is needed but the last result: the hospitals' updates go as soon as they are in the sum.
    private void Prune()
    {
        Free(() => _server.Spool.EndAllBut(_federation.OpenRound));
        Free(() => _server.Store.Discard(
            [.. _server.Store.List().Where(d => d != _federation.GlobalModel && d != _federation.Adapter && d != _federation.Aggregate)]));
    }

    // What cannot be dropped now takes room until the next time.
    private void Free(Func<Action> drop)
    {
        try
        {
            var free = drop();
            Context.System.Dispatchers.Lookup(Threads.Files).Run(() =>
            {
                free();
                return Akka.Done.Instance;
            }).PipeTo(Self);
        }
        catch (Exception e) when (FileTrouble.Of(e, "the server's work folder") is { } trouble)
        {
            Log.Warning("Weights of an earlier round still take room: {Problem}", trouble.What);
        }
    }

    /// <summary>A round is in a new state, or was read from its journal.</summary>
    internal sealed record RoundMoved(Round Round);

    /// <summary>What a round waits for now; empty where it works.</summary>
    internal sealed record Waits(RoundId Round, string Text);

    /// <summary>A round's journal tells of a coordinator of this later epoch.</summary>
    internal sealed record Replaced(int Epoch);

    private sealed record Reopen(RoundId Round);

    private sealed record LookAgain;
}
