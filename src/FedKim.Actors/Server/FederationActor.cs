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
/// The federation's server side, one in the cluster: opens rounds one after another, each with a <see cref="RoundCoordinator"/> of its own
/// until it ends, asks the injector for the first model and the last measurement, and answers questions. Decides nothing itself, and keeps
/// nothing of rounds that are over: their journals are read when somebody asks.
/// </summary>
public sealed class FederationActor : ReceivePersistentActor, IWithTimers
{
    private readonly ServerContext _server;
    private readonly Dictionary<IActorRef, RoundId> _coordinators = [];
    private readonly HeardEpoch _epochs;
    private readonly HistoryReading _reading = new(JournalRow.Federation, Context.System.EventStream);
    private Federation _federation = new();
    private Round? _latest;

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
        var self = Self;
        _lost = _ => self.Tell(new Lost());
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
        Command<OperatorMessages.Resume>(m => Answer(
            new FederationCommands.Resume(m.Federation), () => FederationRules.Refusal(_federation, new FederationCommands.Resume(m.Federation)), m.Federation));
        Command<OperatorMessages.Remove>(m => Answer(
            new FederationCommands.Remove(m.Federation), () => FederationRules.Refusal(_federation, new FederationCommands.Remove(m.Federation)), m.Federation));
        Command<SiteMessages.Hello>(m =>
        {
            Greet(m, m.Epoch);
            // A site that missed the end of a round; nobody else is told of rounds that ended long ago.
            if (RoundId.Parse(m.Status.Round) is { } works && _federation.IsOver(works))
                m.Site.Tell(new SiteMessages.RoundEnded(works, _federation.Epoch, "", MayResume(works)));
        });
        Command<InjectorMessages.Hello>(m => Greet(m, m.Epoch));
        Command<SiteMessages.Contribute>(m => ToRound(m.Round, m.Client, m));
        Command<SiteMessages.CannotContribute>(m => ToRound(m.Round, m.Client, m));
        Command<InjectorMessages.Initialized>(Examine);
        Command<Examined>(Count);
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
            if (m.Round.HasEnded)
                Announce(m.Round);
            // A coordinator that was still reading when its federation ended goes on by itself; it hears of the end here.
            if (!m.Round.HasEnded && (!current || _federation.HasEnded))
                Sender.Tell(new RoundCommands.Abandon(current ? _federation.Cause : "Its federation has ended."));
            if (!current)
                return;
            _latest = m.Round;
            if (!m.Round.HasEnded)
                _moved = clock.GetTimestamp();
            if (m.Round.Phase == Phase.Failed && m.Round.Id == _federation.OpenRound && _federation.Resumed < _federation.Plan!.Retries)
                TryAgain(m.Round.Id);
            Decide(new FederationCommands.RecordRound(m.Round));
        });
        Command<LimitWatch.Tick>(_ => Beat());
        Command<Waits>(m => _waits = m);
        Command<Refused>(m => Discard(m.Weights));
        Command<SiteDirectory.Heard>(m => _heard = m);
        Command<FederationCommands.TryAgain>(c => Decide(c));
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
        Command<Lost>(_ =>
        {
            AskInjector();
            foreach (var coordinator in _coordinators.Keys)
                coordinator.Tell(new RoundCoordinator.LookAgain());
        });
        Command<Replaced>(m => BeginAnew(m.Epoch));
        Command<Akka.Done>(_ => { });
        Command<Status.Failure>(f => Log.Warning("Weights of an earlier round still take room in {Folder}: {Problem}", _server.Scratch, f.Cause.Message));
        Command<WeightMessages.GetSuperfluous>(m =>
        {
            if (Superfluous(m.Held) is { } superfluous)
                Sender.Tell(superfluous);
        });
        Command<GetFederation>(q => Of(q.Federation, f => Sender.Tell(View.Of(f, q.After) with { Waiting = f == _federation ? Waiting() : "" })));
        Command<GetFederations>(q => Sender.Tell(View.All(_federation, q.From)));
        Command<GetEvaluation>(q => Of(q.Federation, f => Sender.Tell(View.Piece(f.Evaluation, q.From))));
        Command<GetPlan>(q => Of(q.Federation, f => Sender.Tell(View.Piece(f.Plan is { } plan ? PlanText.Of(plan) : "", q.From))));
        Command<GetResult>(q => Of(q.Federation, f => Sender.Tell(ResultOf(f))));
        Command<GetRounds>(q => Of(q.Federation, f => ReadPage(f, q)));
        Command<GetRound>(q => Of(q.Federation, f =>
        {
            string waiting = Live(f.OpenRound) is { } open && open.Id.Number == q.Number ? WaitingOf(open) : "";
            var since = Since();
            WithRound(f, q.Number, (round, asker) => asker.Tell(View.Of(round, since(round), q.After) with { Waiting = waiting }));
        }));
        Command<GetStory>(q => Of(q.Federation, f => WithJournal(f, q.Number, (journal, asker) => asker.Tell(Story(journal, q.From)))));
        Command<GetReplay>(q => Of(q.Federation, f =>
        {
            var self = Self;
            WithRound(f, q.Number, (round, asker) => self.Tell(new Replay(round, f.Plan!, asker)));
        }));
        Command<Replay>(Run);
        Command<GetClients>(q => _server.Directory.Forward(new SiteDirectory.Describe(_federation.Plan?.Clients ?? [], Live(_federation.OpenRound), q.After)));
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

    private readonly Action<Digest> _lost;
    private readonly LimitWatch _watch;
    private InjectorMessages.IWork? _asked;
    private FederationPhase? _limited;
    private SiteDirectory.Heard? _heard;
    private bool _here = true;
    private bool _lacks;
    private Waits? _waits;
    private string _said = "";
    private bool _examining;
    private int _replays;
    private long _moved;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _server.Store.Lost += _lost;
        base.PreStart();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _server.Store.Lost -= _lost;
        base.PostStop();
    }

    // The same is said again every second, and looked at once.
    private void Examine(InjectorMessages.Initialized m)
    {
        if (_examining || _federation is not { Phase: FederationPhase.Initializing, Plan: { } plan } || m.Federation != plan.Id || !Holds(m.GlobalModel) || !Holds(m.Adapter))
            return;
        _examining = true;
        var store = _server.Store;
        Context.System.Dispatchers.Lookup(Threads.Files).Run(() => InjectionCheck.Refusal(store.Get(m.GlobalModel), store.Get(m.Adapter), plan.Parts))
            .PipeTo(Self, success: fault => new Examined(m, fault, null), failure: e => new Examined(m, null, e));
    }

    private void Count(Examined e)
    {
        _examining = false;
        var m = e.Start;
        if (m.Federation != _federation.Plan?.Id)
            return;
        if (e.Problem is DamagedException damage)
            _server.Store.Lose(damage.Digest);
        else if (e.Problem is { } problem)
            Log.Warning("What the injector sent cannot be looked at: {Problem}", problem.Message);
        else if (e.Fault is { } fault)
        {
            Discard(m.GlobalModel, m.Adapter);
            Decide(new FederationCommands.Abandon($"What the injector made to start from is refused: {fault}"));
        }
        else
            Decide(new FederationCommands.RecordInitialization(m.GlobalModel, m.Adapter));
    }

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

    private void Answer(IFederationCommand command, Func<string?> refusal, FederationId federation)
    {
        var asker = Sender;
        Decide(command, () => asker.Tell(refusal() is { } reason ? new OperatorMessages.Refused(reason) : View.Of(_federation.Named(federation)!)));
    }

    private void Stop(OperatorMessages.Stop message)
    {
        var asker = Sender;
        Decide(new FederationCommands.Stop(message.Cause), () => asker.Tell(_federation switch
        {
            { Phase: FederationPhase.Stopped } => View.Of(_federation),
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
                Log.Info("{Node} coordinates, in epoch {Epoch}", _server.Node, _federation.Epoch);
                _server.Directory.Tell(new SiteDirectory.Lead(_federation.Epoch));
                _server.Keepers.Tell(new WeightKeeper.Lead(_federation.Epoch));
                // Rounds that ended while no server ran left their updates.
                Free(() => _server.Spool.EndAllBut(Spooled()));
            }
            // What was told of the last round is not what its next coordinator will make of it.
            if (command is FederationCommands.Submit or FederationCommands.Resume or FederationCommands.TryAgain)
                _latest = null;
            if (command is FederationCommands.Remove { Federation: var removed } && _federation.Named(removed)?.UnfinishedRound is { } given)
                _server.Directory.Tell(new SiteDirectory.Announce(given, "", false));
            // A round that waited to be tried again has no coordinator that could end it.
            if (command is FederationCommands.Stop && _federation.UnfinishedRound is { } waited && Coordinator(waited) is null)
            {
                _server.Directory.Tell(new SiteDirectory.Announce(waited, "", false));
                Free(() => _server.Spool.EndAllBut(Spooled()));
            }
            // What the injector made is stored, and not to be said again.
            if (command is FederationCommands.RecordInitialization)
                _server.Directory.Tell(new SiteDirectory.AskInjector(null));
            if (command is FederationCommands.RecordRound or FederationCommands.Remove)
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
            { Phase: FederationPhase.Initializing } => Start(plan!),
            { Phase: FederationPhase.Evaluating, GlobalModel: { } model, Aggregate: { } aggregate, Adapter: { } adapter } =>
                new InjectorMessages.Evaluate(plan!.Id, plan.Seed, plan.Learning, model, aggregate, adapter),
            _ => null,
        };
        if (_asked is not null)
        {
            AskInjector();
        }
        Limit();

        if (_federation.OpenRound is { } open && IsUnfinished(open))
            Coordinate(open.Number);
        if (!_federation.HasEnded)
            return;
        _server.Directory.Tell(new SiteDirectory.AskInjector(null));
        if (_federation.UnfinishedRound is { } last && IsUnfinished(last))
        {
            Coordinate(last.Number);
            Coordinator(last)!.Tell(new RoundCommands.Abandon(_federation.Cause));
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
        if (_watch.Beat(_heard is { Injector: true }, halts: Trouble() is not null || _lacks))
            Decide(new FederationCommands.Abandon($"The federation was still {_federation.Phase} after {_federation.Plan!.LimitOf(_federation.Phase)}. Is the injector's node running?"));
        string waiting = Waiting();
        if (waiting.Length > 0 && waiting != _said)
            Log.Warning("Federation {Federation} {Waiting}", _federation.Plan!.Id, waiting);
        _said = waiting;
        _here = _heard?.InjectorIsPresent ?? _here;
        _heard = null;
        _server.Directory.Tell(new SiteDirectory.Listen());
    }

    private FileTrouble? Trouble() => _server.Store.Health.Now ?? _server.Spool.Health.Now;

    // What the federation waits for now, in words; empty where it works.
    private string Waiting() => _federation.Phase switch
    {
        FederationPhase.Initializing or FederationPhase.Evaluating when Trouble() is { } trouble => $"paused: {trouble}",
        FederationPhase.Initializing or FederationPhase.Evaluating when _lacks => "waits for weights that this server lacks; every node that may hold them is asked",
        FederationPhase.Initializing or FederationPhase.Evaluating when !_here => "waits for the injector's node, which is not here",
        FederationPhase.Running when _federation.OpenRound is { } open && _waits?.Round == open => _waits.Text,
        _ => "",
    };

    private string WaitingOf(Round round) => !round.HasEnded && _waits?.Round == round.Id ? _waits.Text : "";

    // A federation that starts from an earlier one's model: whether it fits this plan only the injector can tell.
    private InjectorMessages.Initialize Start(FederationPlan plan)
    {
        if (plan.StartsFromFolder)
            return new InjectorMessages.Initialize(plan.Id, plan.Seed, plan.Learning, Folder: plan.StartFrom);
        var source = plan.StartFrom.Length == 0 ? null : _federation.Named(new FederationId(plan.StartFrom));
        return new InjectorMessages.Initialize(plan.Id, plan.Seed, plan.Learning, source?.GlobalModel, source?.Adapter);
    }

    // What the injector fetches must be at this node first.
    private void AskInjector()
    {
        Digest?[] needs = _asked switch
        {
            InjectorMessages.Evaluate e => [e.GlobalModel, e.Aggregate, e.Adapter],
            InjectorMessages.Initialize i => [i.GlobalModel, i.Adapter],
            _ => [],
        };
        _lacks = !_server.Holds(needs.OfType<Digest>());
        if (_lacks)
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
        int attempt = id == _federation.OpenRound ? _federation.Resumed : 0;
        var coordinator = Context.ActorOf(Props.Create(() => new RoundCoordinator(id, plan, open, attempt, epoch, _server)));
        _coordinators[Context.Watch(coordinator)] = id;
    }

    private IActorRef? Coordinator(RoundId round) => _coordinators.FirstOrDefault(c => c.Value == round).Key;

    // The round opened last needs its coordinator until it has ended, in a federation that was stopped too. One that failed and waits for its
    // next attempt needs none.
    private bool IsUnfinished(RoundId round) =>
        (round == _federation.OpenRound && Live(round) is not { Phase: Phase.Failed }) || (round == _federation.UnfinishedRound && Live(round) is not { HasEnded: true });

    // A round that was given up because its federation was stopped or removed is not tried again.
    private bool MayResume(RoundId round) => round == _federation.Named(round.Federation)?.FailedRound || round == _federation.OpenRound;

    private void Announce(Round round)
    {
        bool kept = round.Phase == Phase.Failed && MayResume(round.Id);
        string outcome = round.Phase == Phase.Failed
            ? $"failed: {round.Cause}"
            : $"was committed with {round.Accepted.Count} of {round.Invited.Length} sites, model {round.GlobalModel?.Short}";
        _server.Directory.Tell(new SiteDirectory.Announce(round.Id, outcome, kept));
        if (round.Phase == Phase.Failed && !kept)
            Free(() => _server.Spool.EndAllBut(Spooled()));
    }

    private void TryAgain(RoundId round)
    {
        int retry = _federation.Resumed + 1;
        var pause = TimeSpan.FromSeconds(Math.Min(300, 2 << Math.Min(retry - 1, 8)));
        Log.Warning("Round {Round} failed: {Cause} It is tried again in {Pause} s, retry {Retry} of {Retries}", round, _latest!.Cause, pause.TotalSeconds, retry, _federation.Plan!.Retries);
        _waits = new Waits(round, $"tries round {round.Number} again in at most {pause.TotalSeconds:0} s, retry {retry} of {_federation.Plan!.Retries}: {_latest!.Cause}");
        Timers.StartSingleTimer("retry", new FederationCommands.TryAgain(round, retry), pause);
    }

    // The rounds whose updates are kept: the open one, and those that failed and may be tried again.
    private RoundId[] Spooled() => [.. _federation.All.Select(f => f.FailedRound).Append(_federation.OpenRound).OfType<RoundId>()];

    private object ResultOf(Federation federation)
    {
        if (federation is { Removed: true })
            return new OperatorMessages.Refused($"Federation {federation.Plan!.Id} was removed; its weights are gone.");
        if (federation is not { GlobalModel: { } model, Adapter: { } adapter } || federation.CommittedRounds == 0)
            return new OperatorMessages.Refused($"{(federation.Plan is { } plan ? $"Federation {plan.Id} has" : "There is")} no model yet.");
        return new Result(model.Hex, adapter.Hex, _server.Holds([model, adapter]) ? _server.Weights : "");
    }

    // The round as its coordinator last told it; null before.
    private Round? Live(RoundId? round) => _latest is { } latest && latest.Id == round ? latest : null;

    private void Of(string name, Action<Federation> then)
    {
        if ((name.Length == 0 ? _federation : _federation.Named(new FederationId(name))) is { } federation)
            then(federation);
        else
            Sender.Tell(new NotFound($"There is no federation {name} here. 'federation list' tells which there are."));
    }

    private void ReadPage(Federation federation, GetRounds q)
    {
        var (asker, since) = (Sender, Since());
        Func<Round, int> bytes = q.Clients ? View.Bytes : View.BytesOfSummary;
        Func<Round, RoundView> view = q.Clients ? r => View.Of(r, since(r)) : r => View.Summary(r, since(r));
        int from = Math.Max(1, q.From), last = Last(federation), count = Math.Max(0, Math.Min(q.Count, last - from + 1));
        if (count == 1 && Live(new RoundId(federation.Plan!.Id, from)) is { } live)
        {
            asker.Tell(new FederationQueries.Rounds([view(live) with { Waiting = WaitingOf(live) }]));
            return;
        }

        RoundId[] rounds = [.. Enumerable.Range(from, count).Select(n => new RoundId(federation.Plan!.Id, n))];
        Read(rounds, Page.Bytes, j => bytes(j.Round), Answer, asker);

        void Answer(IEnumerable<RoundReader.Journaled> read)
        {
            var (page, _) = Page.Cut(read, j => bytes(j.Round));
            bool ended = page.Length == 0 || page[^1].Id == rounds[^1];
            asker.Tell(new FederationQueries.Rounds([.. page.Select(j => view(j.Round))], ended ? 0 : page[^1].Id.Number + 1));
        }
    }

    private void WithRound(Federation federation, int number, Action<Round, IActorRef> then)
    {
        if (federation.Plan is { } plan && Live(new RoundId(plan.Id, number)) is { } live)
            then(live, Sender);
        else
            WithJournal(federation, number, (journal, asker) => then(journal.Round, asker));
    }

    private void WithJournal(Federation federation, int number, Action<RoundReader.Journaled, IActorRef> then)
    {
        var (last, asker) = (Last(federation), Sender);
        if (number < 1 || number > last)
        {
            asker.Tell(NoRound(number, last));
            return;
        }

        Read([new RoundId(federation.Plan!.Id, number)], int.MaxValue, _ => 0, Answer, asker);

        void Answer(IReadOnlyList<RoundReader.Journaled> read)
        {
            if (read.Count > 0)
                then(read[0], asker);
            else
                asker.Tell(NoRound(number, last - 1));
        }
    }

    private static void Read(
        RoundId[] rounds, int room, Func<RoundReader.Journaled, int> bytes, Action<IReadOnlyList<RoundReader.Journaled>> answer, IActorRef asker) =>
        Context.ActorOf(Props.Create(() => new RoundReader(rounds, room, bytes, answer, asker)));

    private static Story Story(RoundReader.Journaled journal, int from)
    {
        var (lines, more) = Page.Cut(
            RoundStory.Tell(journal.Id, journal.Events).Skip(from).Select(s => new StoryLine(s.At.ToUnixTimeMilliseconds(), Page.Brief(s.Words))), l => Page.Of(l.Text));
        return new Story(lines, more ? from + lines.Length : 0);
    }

    // The last round that may have been opened; it may not have, when a federation ended just before.
    private static int Last(Federation federation) => federation.CommittedRounds + ((federation.OpenRound ?? federation.UnfinishedRound) is null ? 0 : 1);

    private static NotFound NoRound(int number, int last) =>
        new(last == 0 ? "No round was opened yet." : $"There is no round {number}; there are 1 to {last}.");

    // While the open round's coordinator comes back nobody can answer; the site says it again. Neither does one who lost its place without
    // knowing it tell a site that a round which it has never heard of is over.
    private void ToRound(RoundId round, ClientId client, object message)
    {
        if (Coordinator(round) is { } coordinator)
            coordinator.Forward(message);
        else if (_federation.IsOver(round))
            Sender.Tell(new SiteMessages.Answered(round, client, false, "the round is over"));
    }

    private void Run(Replay replay)
    {
        var (round, plan, asker) = replay;
        var server = _server;
        string output = Path.Combine(server.Scratch, $"{round.Id.Federation}-{round.Id.Number}-replay-{++_replays}.safetensors");
        Context.System.Dispatchers.Lookup(Threads.Files).Run(() => RoundReplay.Run(round, plan, server, output))
            .PipeTo(asker, failure: e => new OperatorMessages.Refused($"Round {round.Id} cannot be replayed: {Reason.WithoutPaths(e.Message)}"));
    }

    // What a server that does not lead will not be asked for, should it be the next to. Not known before the open round was read.
    private WeightMessages.Superfluous? Superfluous(string[] held)
    {
        var open = Live(_federation.OpenRound);
        if (_federation.OpenRound is not null && open is null)
            return null;
        var needed = Needed().Select(d => d.Hex).ToHashSet(StringComparer.Ordinal);
        return new WeightMessages.Superfluous(
            [.. Spooled().Select(r => r.ToString())], [.. held.Where(h => !needed.Contains(h))], _federation.Coordinator, _federation.Epoch);
    }

    // The results of all federations that no person has removed, what the open round is at, and what the round before it began from.
    private IEnumerable<Digest> Needed()
    {
        var open = Live(_federation.OpenRound);
        return _federation.All.SelectMany(f => f.Results).Concat(_federation.HasEnded ? [] : _federation.Before).Concat(((Digest?[])[open?.Aggregate, open?.GlobalModel, open?.Adapter]).OfType<Digest>());
    }

    private bool Holds(Digest digest) => _server.Has(digest);

    // Tells how long ago a round was as it was heard of last; one that has ended stays so.
    private Func<Round, TimeSpan> Since()
    {
        var (clock, moved) = (_server.Clock, _moved);
        return round => round.HasEnded ? TimeSpan.Zero : clock.GetElapsedTime(moved);
    }

    // Between two rounds nothing is needed but results: the hospitals' updates go as soon as they are in the sum.
    private void Prune()
    {
        Free(() => _server.Spool.EndAllBut(Spooled()));
        Free(() => _server.Store.Discard([.. _server.Store.List().Except(Needed())]));
    }

    // What is refused may be the same bytes as what counts elsewhere.
    private void Discard(params Digest[] refused) => Free(() => _server.Store.Discard([.. refused.Except(Needed())]));

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

    /// <summary>What the injector sent for a round and was refused.</summary>
    internal sealed record Refused(Digest[] Weights);

    /// <summary>A round's journal tells of a coordinator of this later epoch.</summary>
    internal sealed record Replaced(int Epoch);

    private sealed record Replay(Round Round, FederationPlan Plan, IActorRef Asker);

    private sealed record Reopen(RoundId Round);

    private sealed record LookAgain;

    private sealed record Lost;

    private sealed record Examined(InjectorMessages.Initialized Start, string? Fault, Exception? Problem);
}
