using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FedKim.Actors.Journals;
using FedKim.Actors.Server.Answers;
using FedKim.Actors.Server.Rounds;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Server;

/// <summary>
/// The federation's server side, one in the cluster: opens rounds one after another, each with a <see cref="RoundCoordinator"/> of its own
/// until it ends, asks the injector for the first model and the last measurement, and has questions answered. Decides nothing itself, and
/// keeps nothing of rounds that are over.
/// </summary>
public sealed class FederationActor : ReceivePersistentActor, IWithTimers
{
    private readonly ServerContext _server;
    private readonly HeardEpoch _epochs;
    private readonly HistoryReading _reading = new(JournalRow.Federation, Context.System.EventStream);
    private readonly RoundCoordinators _coordinators;
    private readonly InjectorWork _work;
    private readonly KeptWeights _kept;
    private readonly EndNews _ends;
    private readonly Action<Digest> _lost;
    private Federation _federation = new();
    private LatestRound _latest = new();

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
        var directory = Context.ActorOf(Props.Create(() => new SiteDirectory(clock, PackagePrint.Own)), "sites");
        var server = _server = new ServerContext(node, store, spool, weights, scratch, directory, keepers, clock);
        var answers = Context.ActorOf(Props.Create(() => new FederationAnswers(server)), "answers");
        var self = Self;
        _lost = _ => self.Tell(new Lost());
        _kept = new KeptWeights(server, Context, Log);
        _ends = new EndNews(server, _kept, Log);
        _work = new InjectorWork(server, _kept, Context, Timers, Log);
        _coordinators = new RoundCoordinators(server, Context);

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

        Command<OperatorMessages.IChange>(m => Order(OrderAnswer.Command(m)));
        Command<FederationQueries.IQuestion>(q => answers.Forward(new FederationAnswers.Asked(q, _federation, _latest, Waiting())));
        Command<FederationQueries.AskedBy>(m => answers.Forward(FederationAnswers.Asked.By(m, _federation, _latest, Waiting())));

        Command<SiteMessages.Hello>(m =>
        {
            if (Greet(Admission.Greeting(m, _federation, _latest), m.Epoch, () => _epochs.Heard(m.Client, m.Epoch, _federation, _server.Clock)))
                DecideAny(Admission.Joining(m, _federation));
            // A site that missed the end of a round; nobody else is told of rounds that ended long ago.
            if (RoundId.Parse(m.Status.Round) is { } works && _federation.IsOver(works) && _federation.Named(works.Federation)!.Concerns(m.Client))
                m.Site.Tell(new SiteMessages.RoundEnded(works, _federation.Epoch, "", EndNews.MayResume(works, _federation)));
        });
        Command<SiteMessages.Hellos>(m => Array.ForEach(m.Items, Self.Forward));
        Command<SiteMessages.Contribute>(m => ToRound(m.Round, m.Client, m));
        Command<SiteMessages.CannotContribute>(m => ToRound(m.Round, m.Client, m));

        Command<InjectorMessages.Hello>(m => { Greet(m, m.Epoch, () => _epochs.Heard(m.Epoch)); });
        Command<InjectorMessages.Initialized>(m => _work.Examine(m, _federation));
        Command<InjectionLook<InjectorMessages.Initialized>.Looked>(look => DecideAny(_work.Judge(look, _federation, _latest)));
        Command<InjectorMessages.Injected>(m => _coordinators.Of(m.Round)?.Forward(m));
        Command<InjectorMessages.Evaluated>(m =>
        {
            if (m.Federation == _federation.Plan?.Id)
                Decide(new FederationCommands.RecordEvaluation(m.Evaluation));
        });
        Command<InjectorMessages.Broke>(m =>
        {
            if (m.Work is InjectorMessages.Inject inject)
                _coordinators.Of(inject.Round)?.Forward(m);
            else if (_work.IsAsked(m.Work))
                Decide(new FederationCommands.Abandon($"The injector cannot go on with {m.Work.Name}: {SiteReason.Read(m.Reason)}"));
        });
        Command<SiteDirectory.Heard>(_work.Heard);
        Command<LimitWatch.Tick>(_ => DecideAny(_work.Beat(_federation)));
        Command<LookAgain>(_ => _work.Ask(_federation));

        Command<RoundMoved>(Follow);
        Command<Waits>(m =>
        {
            _latest = _latest with { Waits = m };
            GiveUp(m.Round);
        });
        Command<Refused>(m => _kept.Discard(m.Weights, _federation, _latest));
        Command<FederationCommands.TryAgain>(c => Decide(c));
        Command<FederationCommands.Begin>(c => Decide(c));
        Command<Terminated>(t =>
        {
            // A coordinator whose journal failed comes back and reads what was really stored.
            if (_coordinators.Ended(t.ActorRef) is { } round && IsUnfinished(round))
                Timers.StartSingleTimer("coordinator", new Reopen(round), TimeSpan.FromSeconds(1));
        });
        Command<Reopen>(m =>
        {
            if (IsUnfinished(m.Round))
                _coordinators.Start(m.Round, _federation);
        });
        Command<Replaced>(m => BeginAnew(m.Epoch));
        Command<Lost>(_ =>
        {
            _work.Ask(_federation);
            _coordinators.Tell(new LookAgain());
        });
        Command<WeightMessages.GetSuperfluous>(m =>
        {
            if (KeptWeights.Superfluous(_federation, _latest, m.Held) is { } superfluous)
                Sender.Tell(superfluous);
        });
    }

    /// <inheritdoc/>
    public override string PersistenceId => JournalRow.Federation;

    /// <inheritdoc/>
    public override Recovery Recovery => HistoryReading.OfEvents;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        _reading.Failed(reason);
        base.OnRecoveryFailure(reason, message);
    }

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

    // Whoever greets follows a later coordinator, and none of this one's orders. Waiting for that one's end may take for ever, if it has ended
    // without this one's noticing: started again, this one reads what was stored meanwhile and leads in an epoch that counts.
    private bool Greet(object hello, int epoch, Func<bool> isReplaced)
    {
        bool stays = epoch <= _federation.Epoch || !isReplaced();
        if (stays)
            _server.Directory.Forward(hello);
        else
            BeginAnew(epoch);
        return stays;
    }

    private void BeginAnew(int latest)
    {
        Log.Warning("This coordinator of epoch {Epoch} was replaced by one of epoch {Latest} and begins anew", _federation.Epoch, latest);
        Context.Stop(Self);
    }

    private void Order(IFederationCommand? order)
    {
        var asker = Sender;
        if (OrderAnswer.Refusal(order, _server.Node, _federation) is { } refusal)
            asker.Tell(refusal);
        else
            Decide(order!, () => asker.Tell(OrderAnswer.Of(_federation, order!)));
    }

    private void DecideAny(IFederationCommand? command)
    {
        if (command is not null)
            Decide(command);
    }

    private void Decide(IFederationCommand command, Action? then = null)
    {
        var events = FederationRules.Decide(_federation, command, _server.Clock.GetUtcNow());
        PersistAll(events, e =>
        {
            _federation = FederationRules.Apply(_federation, e);
            FederationNews.Tell(e, _federation, Log);
        });
        DeferAsync(command, _ =>
        {
            then?.Invoke();
            if (events.IsEmpty)
                return;
            Finish(command);
            // Of a site that comes or leaves its round's coordinator hears, and nothing else is another.
            if (command is not IRosterCommand)
                React();
        });
    }

    // What a command brings with it, once its events are stored.
    private void Finish(IFederationCommand command)
    {
        switch (command)
        {
            case FederationCommands.TakeOver:
                Log.Info("{Node} coordinates, in epoch {Epoch}", _server.Node, _federation.Epoch);
                _server.Directory.Tell(new SiteDirectory.Lead(_federation.Epoch));
                _server.Keepers.Tell(new WeightKeeper.Lead(_federation.Epoch));
                // Rounds that ended while no server ran left their updates.
                _kept.EndSpools(_federation);
                break;
            case FederationCommands.Submit submit when _federation.InQueue(submit.Plan.Id) is not null:
            case FederationCommands.Begin begin when _federation.Plan?.Id != begin.Federation:
                break;
            // What was told of the last round is not what its next coordinator will make of it.
            case FederationCommands.Submit or FederationCommands.Begin or FederationCommands.Resume or FederationCommands.TryAgain:
                _latest = _latest with { Round = null };
                break;
            // What the injector made is stored, and not to be said again.
            case FederationCommands.RecordInitialization:
                _server.Directory.Tell(new SiteDirectory.AskInjector(null));
                break;
            case FederationCommands.RecordRound:
                _kept.Prune(_federation, _latest);
                break;
            case IRosterCommand when _federation.OpenRound is { } open:
                _coordinators.Of(open)?.Tell(_federation.Roster);
                break;
            case FederationCommands.Remove remove:
                if (_federation.Named(remove.Federation)?.UnfinishedRound is { } given)
                    _ends.Tell(given, _federation);
                _kept.Prune(_federation, _latest);
                break;
            // A round that waited to be tried again has no coordinator that could end it.
            case FederationCommands.Stop when _federation.UnfinishedRound is { } waited && _coordinators.Of(waited) is null:
                _ends.Tell(waited, _federation);
                _kept.EndSpools(_federation);
                break;
        }
    }

    // What the world must be told in this state; said after every event and after recovery.
    private void React()
    {
        _work.React(_federation);
        if (_federation.OpenRound is { } open && IsUnfinished(open))
            _coordinators.Start(open, _federation);
        if (!_federation.HasEnded)
            return;
        _server.Directory.Tell(new SiteDirectory.AskInjector(null));
        if (_federation.UnfinishedRound is { } last && IsUnfinished(last))
            _coordinators.Start(last, _federation);
        _ends.Tell(_federation);
        BeginNext();
    }

    // Once the round that a stopped federation was in has ended, too: nobody would end it later.
    private void BeginNext()
    {
        if (_federation.Next is { } next && !(_federation.UnfinishedRound is { } last && IsUnfinished(last)))
            Self.Tell(new FederationCommands.Begin(next.Plan.Id));
    }

    // What the federation waits for now, in words; empty where it works.
    private string Waiting() => _federation.OpenRound is { } open ? _latest.WaitingOf(open) : _work.Waiting(_federation);

    private void Follow(RoundMoved moved)
    {
        var round = moved.Round;
        bool current = round.Id.Federation == _federation.Plan?.Id;
        if (round.HasEnded)
            _ends.Tell(round, _federation);
        else
            GiveUp(round.Id);
        if (!current)
            return;
        _latest = _latest with { Round = round, At = round.HasEnded ? _latest.At : _server.Clock.GetTimestamp() };
        if (round.Phase == Phase.Failed && round.Id == _federation.OpenRound && _federation.Resumed < _federation.Plan!.Retries)
            TryAgain(round);
        Decide(new FederationCommands.RecordRound(round));
        BeginNext();
    }

    // A coordinator that was still reading when its federation ended, or began again after it, goes on by itself; it hears of the end here.
    private void GiveUp(RoundId round)
    {
        bool current = round.Federation == _federation.Plan?.Id;
        if (!current || _federation.HasEnded)
            Sender.Tell(new RoundCommands.Abandon(current ? _federation.Cause : "Its federation has ended."));
    }

    private void TryAgain(Round failed)
    {
        var retry = RoundRetry.Of(_federation);
        Log.Warning("Round {Round} failed: {Cause} It is tried again in {Pause} s, retry {Retry} of {Retries}", failed.Id, failed.Cause, retry.Pause.TotalSeconds, retry.Number, retry.Most);
        _latest = _latest with { Waits = new Waits(failed.Id, retry.Words(failed)) };
        Timers.StartSingleTimer("retry", new FederationCommands.TryAgain(failed.Id, retry.Number), retry.Pause);
    }

    private bool IsUnfinished(RoundId round) => _latest.NeedsCoordinator(round, _federation);

    // While the open round's coordinator comes back nobody can answer; the site says it again. Neither does one who lost its place without
    // knowing it tell a site that a round which it has never heard of is over.
    private void ToRound(RoundId round, ClientId client, object message)
    {
        if (_coordinators.Of(round) is { } coordinator)
            coordinator.Forward(message);
        else if (_federation.IsOver(round))
            Sender.Tell(new SiteMessages.Answered(round, client, false, "the round is over"));
    }

    /// <summary>A round is in a new state, or was read from its journal.</summary>
    internal sealed record RoundMoved(Round Round);

    /// <summary>What a round waits for now; empty where it works.</summary>
    internal sealed record Waits(RoundId Round, string Text);

    /// <summary>What the injector sent for a round and was refused.</summary>
    internal sealed record Refused(Digest[] Weights);

    /// <summary>A round's journal tells of a coordinator of this later epoch.</summary>
    internal sealed record Replaced(int Epoch);

    private sealed record Reopen(RoundId Round);

    private sealed record Lost;
}
