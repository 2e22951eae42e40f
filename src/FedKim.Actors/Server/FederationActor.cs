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
/// The federations' server side, one in the cluster: begins one after another or several at once, opens the rounds of each one after another,
/// each with a <see cref="RoundCoordinator"/> of its own until it ends, has the injectors asked for first models and last measurements
/// (<see cref="InjectorWork"/>), and has questions answered. Decides nothing itself, and keeps nothing of rounds that are over.
/// </summary>
public sealed class FederationActor : ReceivePersistentActor, IWithTimers
{
    private readonly ServerContext _server;
    private readonly HeardEpoch _epochs;
    private readonly HistoryReading _reading = new(JournalRow.Federation, Context.System.EventStream);
    private readonly RoundCoordinators _coordinators;
    private readonly InjectorWorks _works;
    private readonly KeptWeights _kept;
    private readonly EndNews _ends;
    private readonly Action<Digest> _lost;
    private Federation _federation;
    private LatestRounds _latest = LatestRounds.None;

    /// <param name="node">The node's name.</param>
    /// <param name="store">The server's weights.</param>
    /// <param name="spool">The updates of open rounds.</param>
    /// <param name="weights">Base address of the server's weight plane, as sites reach it.</param>
    /// <param name="scratch">A folder on the store's disk for unfinished files.</param>
    /// <param name="keepers">Told what this server lacks (<see cref="WeightMessages.Wanted"/>), for those who may hold it.</param>
    /// <param name="clock">The only source of time.</param>
    /// <param name="heard">The latest epoch heard of, which outlives this actor.</param>
    /// <param name="parallel">How many federations may run at once.</param>
    public FederationActor(
        string node, WeightStore store, Spool spool, string weights, string scratch, IActorRef keepers, TimeProvider clock, HeardEpoch heard, int parallel)
    {
        _federation = new Federation { Parallel = parallel };
        _epochs = heard;
        Directory.CreateDirectory(scratch);
        var directory = Context.ActorOf(Props.Create(() => new SiteDirectory(clock, PackagePrint.Own)), "sites");
        var server = _server = new ServerContext(node, store, spool, weights, scratch, directory, keepers, clock);
        var answers = Context.ActorOf(Props.Create(() => new FederationAnswers(server)), "answers");
        var (self, hellos) = (Self, new SaidHellos(Self));
        _lost = _ => self.Tell(new Lost());
        _kept = new KeptWeights(server, Context, Log);
        _ends = new EndNews(server, _kept, Log);
        _coordinators = new RoundCoordinators(server, Context);
        _works = new InjectorWorks(server, Context);

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
            foreach (var its in _federation.All.Where(f => !f.HasEnded || ReferenceEquals(f, _federation)))
                Log.Info("Federation {Federation} goes on in phase {Phase}: {Committed} of {Rounds} rounds committed", its.Plan!.Id, its.Phase, its.CommittedRounds, its.Plan.Rounds);
            // Before anything is asked of anybody: once this is stored no predecessor's word counts any more.
            Decide(new FederationCommands.TakeOver(Math.Max(_federation.Epoch, heard.Value) + 1, node));
        });

        // A round that is just being given up is tried again once that is stored: else its end would count as that of the next attempt.
        Command<OperatorMessages.Resume>(m => _federation.Named(m.Federation)?.UnfinishedRound is { } given && _coordinators.Of(given) is not null, _ => Stash.Stash());
        Command<OperatorMessages.IChange>(m => Order(OrderAnswer.Command(m)));
        Command<FederationQueries.IQuestion>(q => answers.Forward(new FederationAnswers.Asked(q, _federation, _latest)));
        Command<FederationQueries.AskedBy>(m => answers.Forward(FederationAnswers.Asked.By(m, _federation, _latest)));

        Command<SiteMessages.Hello>(m =>
        {
            var home = _federation.Home(m.Client);
            if (Greet(Admission.Greeting(m, home, _latest), m.Epoch, () => _epochs.Heard(m.Client, m.Epoch, _federation, _server.Clock)) && Admission.Joining(m, home) is { } join)
                Decide(join);
            // A site that missed the end of a round; nobody else is told of rounds that ended long ago.
            if (RoundId.Parse(m.Status.Round) is { } works && _federation.IsOver(works) && _federation.Named(works.Federation)!.Concerns(m.Client))
                m.Site.Tell(new SiteMessages.RoundEnded(works, _federation.Epoch, "", EndNews.MayResume(works, _federation)));
        });
        Command<SiteMessages.Hellos>(m => hellos.Hear(m, Sender));
        Command<SiteMessages.Contribute>(m => ToRound(m.Round, m.Client, m));
        Command<SiteMessages.CannotContribute>(m => ToRound(m.Round, m.Client, m));

        Command<InjectorMessages.Hello>(m =>
        {
            var home = _federation.Running.FirstOrDefault(f => f.Plan!.Injector.Length == 0 || f.Plan.Injector == m.Site)?.Plan!.Id;
            Greet(new SiteDirectory.InjectorHere(m, home), m.Epoch, () => _epochs.Heard(m.Epoch));
        });
        Command<InjectorMessages.Initialized>(m => _works.Tell(m.Federation, m));
        Command<InjectorMessages.Injected>(m => _coordinators.Of(m.Round)?.Forward(m));
        Command<InjectorMessages.Evaluated>(m => Decide(new FederationCommands.RecordEvaluation(m.Evaluation, m.Federation)));
        Command<InjectorMessages.Broke>(m => m.Work is InjectorMessages.Inject, m => _coordinators.Of(((InjectorMessages.Inject)m.Work).Round)?.Forward(m));
        Command<InjectorMessages.Broke>(m => _works.Tell(m.Work.Federation, m));

        Command<RoundMoved>(Follow);
        Command<Waits>(m =>
        {
            _latest = _latest.Waits(m);
            GiveUp(m.Round);
        });
        Command<Awaits>(m => _latest = _latest.Awaits(m.Federation, m.Text));
        Command<Refused>(m => _kept.Discard(m.Weights, _federation, _latest));
        Command<IFederationCommand>(c => Decide(c));
        Command<Terminated>(t =>
        {
            // A coordinator whose journal failed comes back and reads what was really stored.
            if (_coordinators.Ended(t.ActorRef) is { } round && IsUnfinished(round))
                Timers.StartSingleTimer($"coordinator of {round}", new Reopen(round), TimeSpan.FromSeconds(1));
            Stash.UnstashAll();
        });
        Command<Reopen>(m =>
        {
            if (IsUnfinished(m.Round))
                _coordinators.Start(m.Round, _federation.About(m.Round.Federation)!);
        });
        Command<Replaced>(m => BeginAnew(m.Epoch));
        Command<Lost>(_ =>
        {
            _works.Tell(new LookAgain());
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
        // The only one that runs shows its name before it is stopped.
        if (order is FederationCommands.Stop { Federation: null } stop && _federation.Running.ToArray() is [var only])
            order = stop with { Federation = only.Plan!.Id };
        if (OrderAnswer.Refusal(order, _server.Node, _federation) is { } refusal)
            asker.Tell(refusal);
        else
            Decide(order!, () => asker.Tell(OrderAnswer.Of(_federation, order!)));
    }

    private void Decide(IFederationCommand command, Action? then = null)
    {
        // Of one that has ended by then its end was told, and a command that begins another says nothing of it.
        var (before, about) = (_federation, FederationRules.About(_federation, command) is { HasEnded: false } its ? its.Plan?.Id : null);
        var events = FederationRules.Decide(_federation, command, _server.Clock.GetUtcNow());
        PersistAll(events, e =>
        {
            _federation = FederationRules.Apply(_federation, e);
            FederationNews.Tell(e, e is FederationEvent { Federation: { } whose } ? _federation.About(whose)! : _federation, Log);
        });
        DeferAsync(command, _ =>
        {
            then?.Invoke();
            if (events.IsEmpty)
                return;
            Finish(command, before);
            // Of a site that comes or leaves its round's coordinator hears, and nothing else is another.
            if (command is not IRosterCommand)
                React(about ?? _federation.Plan?.Id);
        });
    }

    // What a command brings with it, once its events are stored.
    private void Finish(IFederationCommand command, Federation before)
    {
        // Before anybody is asked to fetch something.
        _server.Store.MayFetch = _federation.MayFetch;
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
            case FederationCommands.Submit or FederationCommands.Begin or FederationCommands.Resume or FederationCommands.TryAgain:
                _latest = _latest.Only(_federation.Follows).Anew(_federation.Plan!.Id);
                break;
            case FederationCommands.RecordRound record:
                _kept.Prune(before, _federation, _latest, record.Round.Id.Federation);
                break;
            case IRosterCommand or FederationCommands.Pause or FederationCommands.Continue when FederationRules.About(_federation, command) is { OpenRound: { } open } its:
                _coordinators.Of(open)?.Tell(its);
                break;
            case FederationCommands.Remove remove:
                if (_federation.Named(remove.Federation)?.UnfinishedRound is { } given)
                    _ends.Tell(given, _federation);
                _kept.Prune(before, _federation, _latest, remove.Federation);
                break;
            // A round that waited to be tried again has no coordinator that could end it.
            case FederationCommands.Stop when _federation.Named(FederationRules.About(before, command).Plan!.Id)?.UnfinishedRound is { } waited && _coordinators.Of(waited) is null:
                _ends.Tell(waited, _federation);
                _kept.EndSpools(_federation);
                break;
        }
    }

    // What the world must be told in this state, and of the federation that something happened to; said after every event and after recovery.
    private void React(FederationId? about)
    {
        foreach (var its in _federation.Running.Select(f => _federation.About(f.Plan!.Id)!).ToArray())
        {
            _works.Follow(its);
            if (its.OpenRound is { } open && IsUnfinished(open))
                _coordinators.Start(open, its);
        }
        if (about is { } id && _federation.About(id) is { HasEnded: true } ended)
            _works.Follow(ended);
        foreach (var its in _federation.Ending.Where(f => IsUnfinished(f.UnfinishedRound!.Value)).ToArray())
            _coordinators.Start(its.UnfinishedRound!.Value, _federation.About(its.Plan!.Id)!);
        if (about is { } told && _federation.About(told) is { HasEnded: true } over)
            _ends.Tell(over);
        BeginNext();
    }

    // Once the rounds that stopped federations were in have ended, too: nobody would end them later.
    private void BeginNext()
    {
        if (_federation.Next is { } next && !_federation.Ending.Any(f => IsUnfinished(f.UnfinishedRound!.Value)))
            Self.Tell(new FederationCommands.Begin(next.Plan.Id));
    }

    private void Follow(RoundMoved moved)
    {
        var round = moved.Round;
        if (round.HasEnded)
            _ends.Tell(round, _federation);
        else
            GiveUp(round.Id);
        if (!_federation.Follows(round.Id.Federation))
            return;
        _latest = _latest.Saw(round, _server.Clock.GetTimestamp());
        if (_federation.Named(round.Id.Federation) is var its && round.Phase == Phase.Failed && round.Id == its!.OpenRound && its.Resumed < its.Plan!.Retries)
            TryAgain(round, its);
        Decide(new FederationCommands.RecordRound(round));
        BeginNext();
    }

    // A coordinator that was still reading when its federation ended, or began again after it, goes on by itself; it hears of the end here.
    private void GiveUp(RoundId round)
    {
        var its = _federation.Follows(round.Federation) ? _federation.Named(round.Federation) : null;
        if (its is not { HasEnded: false })
            Sender.Tell(new RoundCommands.Abandon(its?.Cause ?? "Its federation has ended."));
    }

    private void TryAgain(Round failed, Federation its)
    {
        var retry = RoundRetry.Of(its);
        Log.Warning("Round {Round} failed: {Cause} It is tried again in {Pause} s, retry {Retry} of {Retries}", failed.Id, failed.Cause, retry.Pause.TotalSeconds, retry.Number, retry.Most);
        _latest = _latest.Waits(new Waits(failed.Id, retry.Words(failed)));
        Timers.StartSingleTimer($"retry of {failed.Id}", new FederationCommands.TryAgain(failed.Id, retry.Number), retry.Pause);
    }

    private bool IsUnfinished(RoundId round) =>
        _federation.Follows(round.Federation) && _federation.Named(round.Federation) is { } its && _latest.NeedsCoordinator(round, its);

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

    /// <summary>What a federation waits for outside of its rounds; empty where it works.</summary>
    internal sealed record Awaits(FederationId Federation, string Text);

    /// <summary>What the injector sent and was refused.</summary>
    internal sealed record Refused(Digest[] Weights);

    /// <summary>A round's journal tells of a coordinator of this later epoch.</summary>
    internal sealed record Replaced(int Epoch);

    private sealed record Reopen(RoundId Round);

    private sealed record Lost;
}
