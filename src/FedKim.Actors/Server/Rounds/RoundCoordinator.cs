using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FedKim.Actors.Journals;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>Keeps one round's journal and carries out its effects; decides nothing itself.</summary>
internal sealed class RoundCoordinator : ReceivePersistentActor, IWithTimers
{
    // An update holds no more than the model it began with, give or take a header.
    private const int MostTimes = 4;

    private readonly FederationPlan _plan;
    private readonly int _epoch;
    private readonly ServerContext _server;
    private readonly HistoryReading _reading;
    private readonly PhaseClock _phase;
    private readonly RoundLimit _limit;
    private readonly RoundWeights _weights;
    private readonly OwnTrouble _trouble;
    private readonly Contributions _contributions;
    private readonly InjectedResults _injected;
    private readonly RoundOpening _opening;
    private readonly RoundStanding _standing;
    private Round _round;
    private bool _summing;

    /// <param name="id">The round; its text is the persistence id.</param>
    /// <param name="federation">The federation as it is; it is told again when somebody comes or leaves, or it is paused.</param>
    /// <param name="attempt">How often the round is to be tried again after it failed; 0 for never.</param>
    /// <param name="server">What the server's actors share.</param>
    public RoundCoordinator(RoundId id, Federation federation, int attempt, ServerContext server)
    {
        _round = new Round(id);
        var plan = _plan = federation.Plan!;
        _epoch = federation.Epoch;
        _server = server;
        PersistenceId = id.ToString();
        _reading = new HistoryReading(PersistenceId, Context.System.EventStream);
        _phase = new PhaseClock(server.Clock);
        _limit = new RoundLimit(plan, server, Timers);
        _weights = new RoundWeights(server, Timers, Train, Log);
        _trouble = new OwnTrouble(server, Timers, Log);
        _contributions = new Contributions(plan, server, Context, Timers, Log);
        _injected = new InjectedResults(plan, server, Context, Log);
        _standing = new RoundStanding(id, Context.Parent, server.Clock, Log);
        _opening = new RoundOpening(id, federation, server, Timers);

        Recover<IRoundEvent>(e =>
        {
            _reading.Saw();
            _round = RoundRules.Apply(_round, e);
        });
        Recover<RecoveryCompleted>(_ =>
        {
            if (_reading.IsWhole(LastSequenceNr))
                GoOn(attempt);
            else
                Context.Stop(Self);
        });

        Command<SiteMessages.Contribute>(m => _contributions.Check(m, _round, Sender));
        Command<Contributions.Checked>(look => _contributions.Gather(look, Sender));
        Command<Contributions.Gathered>(_ =>
        {
            if (_contributions.Judge(_round) is { IsEmpty: false } judged)
                Decide([.. judged.Select(j => j.Command)], () => Contributions.Answer(_round, judged));
            else if (!_round.HasEnded)
                React();
        });
        Command<SiteMessages.CannotContribute>(m =>
        {
            var site = Sender;
            Decide(Withdrawal.Of(m, _round, _server), () => site.Tell(Contributions.Answer(_round, m.Client, null)));
        });

        Command<RoundCommands.RecordAggregate>(c =>
        {
            _summing = false;
            _trouble.End();
            Decide(c);
        });
        Command<SumDamaged>(m =>
        {
            _summing = false;
            Mend(m.Damage);
        });
        Command<Status.Failure>(f =>
        {
            _summing = false;
            Rest(f.Cause);
        });

        Command<InjectorMessages.Injected>(m => _injected.Examine(m, _round));
        Command<InjectionLook<InjectorMessages.Injected>.Looked>(Judge);
        Command<InjectorMessages.Broke>(m =>
        {
            if (m.Work is InjectorMessages.Inject inject)
                Decide(new RoundCommands.RecordInjectionFailure(inject.Aggregate, inject.Attempt, SiteReason.Read(m.Reason).Text));
        });

        Command<Begin>(_ => Open());
        Command<RoundOpening.Look>(_ => Open());
        Command<SiteDirectory.Called>(m => Open(_round.Exists ? null : _opening.Begin(m)));
        Command<Federation>(f =>
        {
            if (_opening.Follow(f, _round.Exists))
                Open();
        });
        Command<RoundCommands.Abandon>(_ => !_round.Exists, c => Decide(_opening.GivenUp(c.Cause)));
        Command<IRoundCommand>(c => Decide(c));
        Command<LookAgain>(_ =>
        {
            _weights.CountLook();
            React();
        });
        Command<LimitWatch.Tick>(_ => Beat());
        Command<SiteDirectory.Heard>(m =>
        {
            _limit.Heard(m);
            if (!m.Gone.IsEmpty && _round.Phase == Phase.Training)
                Decide(new RoundCommands.Skip([.. m.Gone.Where(c => !_contributions.LooksAt(c))], _plan.SkipAfter!.Value));
        });
    }

    /// <inheritdoc/>
    public override string PersistenceId { get; }

    /// <inheritdoc/>
    public override Recovery Recovery => HistoryReading.OfEvents;

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        _reading.Failed(reason);
        Context.Parent.Tell(new FederationActor.Waits(_round.Id, "paused: the journal cannot be read; goes on when it can"));
        base.OnRecoveryFailure(reason, message);
    }

    // The journal is away: read again what was really stored, once it is back.
    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        Context.Parent.Tell(new FederationActor.Waits(_round.Id, "paused: the journal cannot be written; goes on when it can"));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    private void GoOn(int attempt)
    {
        _phase.Resume(_round);
        // What the coordinator before it waited for may be over.
        Context.Parent.Tell(new FederationActor.Waits(_round.Id, ""));
        // Having read to the end it could store again; but the round is led by another, who would then find its own place taken.
        if (_round.Epoch > _epoch)
        {
            Context.Parent.Tell(new FederationActor.Replaced(_round.Epoch));
            Context.Stop(Self);
            return;
        }

        if (_round.Exists && !_round.HasEnded)
            Log.Info("Round {Round} goes on in phase {Phase}: {Accepted} of {Invited} sites contributed", _round.Id, _round.Phase, _round.Accepted.Count, _round.Invited.Length);
        if (_round.Phase == Phase.Failed && attempt > _round.Reopenings)
        {
            BecomeStacked(() => TryAgain(attempt));
            _opening.Ask();
            return;
        }

        Lead();
    }

    private void Lead()
    {
        Self.Tell(new RoundCommands.TakeOver(_epoch, _server.Node));
        Self.Tell(new Begin());
        _limit.Begin(_round);
    }

    // Whoever speaks before it is known who is here would hear that the round has failed.
    private void TryAgain(int attempt)
    {
        Command<SiteDirectory.Called>(m =>
        {
            UnbecomeStacked();
            Decide(_opening.Again(_round, attempt, m));
            Lead();
            Stash.UnstashAll();
        });
        Command<RoundOpening.Look>(_ => _opening.Ask());
        CommandAny(_ => Stash.Stash());
    }

    private void Open() => Open(_round.Exists ? _opening.Again() : _opening.Begin());

    private void Open(RoundCommands.Open? open)
    {
        if (open is null)
            Show();
        else
            Decide(open);
    }

    private void Decide(IRoundCommand command, Action? then = null) => Decide([command], then);

    // All of them in one commit.
    private void Decide(ImmutableArray<IRoundCommand> commands, Action? then)
    {
        var phase = _round.Phase;
        var events = _phase.Decide(_round, commands);
        long asked = _server.Clock.GetTimestamp();
        PersistAll(events, e =>
        {
            _round = RoundRules.Apply(_round, e);
            RoundNews.Tell(e, _round, Log);
        });
        DeferAsync(commands, _ =>
        {
            // While the journal was asked, nobody was heard.
            _limit.Discount(_server.Clock.GetElapsedTime(asked));
            // What was decided is stored by now: only here the world hears of it.
            then?.Invoke();
            if (events.IsEmpty && commands is not [RoundCommands.Open])
                return;
            if (_round.Phase != phase)
                _limit.Begin(_round);
            Context.Parent.Tell(new FederationActor.RoundMoved(_round));
            React();
        });
    }

    private void React()
    {
        if (_round.Exists && !_round.HasEnded)
            _server.Spool.Open(_round.Id).Admit(_round, _opening.Roster);
        _weights.Begin();
        foreach (var effect in RoundRules.React(_round))
        {
            if (_weights.Hold(effect, _round) || effect is RoundEffects.RequestUpdates)
                Perform(effect);
            else if (effect is RoundEffects.RequestInjection && RoundEffects.Aggregate.Of(_round) is var sum && _weights.Hold(sum, _round))
                Perform(sum);
        }

        Show();
    }

    private void Perform(IRoundEffect effect)
    {
        switch (effect)
        {
            case RoundEffects.RequestUpdates e:
                var updates = _server.Spool.Open(_round.Id);
                if (_server.Store.LengthOf(e.GlobalModel) is > 0 and var length)
                    updates.Most = MostTimes * length;
                _server.Directory.Tell(new SiteDirectory.AskSites(Train(e.GlobalModel), e.Round));
                break;
            // Work on files is not begun twice while it runs.
            case RoundEffects.Aggregate e when !_summing:
                _summing = true;
                var (round, plan, server, spool) = (_round.Id, _plan, _server, _server.Spool.Open(_round.Id));
                Context.System.Dispatchers.Lookup(Threads.Files).Run(() => RoundSum.Make(round, plan, e, spool, server)).PipeTo(
                    Self, success: d => new RoundCommands.RecordAggregate(d), failure: x => x is DamagedException damage ? new SumDamaged(damage) : new Status.Failure(x));
                break;
            case RoundEffects.RequestInjection e:
                _server.Directory.Tell(new SiteDirectory.AskInjector(_plan.Id, _plan.Injector, new InjectorMessages.Order(
                    new InjectorMessages.Inject(_round.Id, e.Attempt, _plan.Seed, _plan.Learning, e.Aggregate, e.Adapter), _server.Weights, _epoch)));
                break;
            case RoundEffects.Publish:
                Self.Tell(new RoundCommands.RecordPublication());
                break;
            case RoundEffects.AnnounceEnd:
                // Whether what was accepted in a round that failed is kept, its federation decides.
                if (_round.Phase == Phase.Committed)
                    new KeptWeights(_server, Context, Log).EndSpool(_round.Id);
                else
                    _server.Spool.Rest(_round.Id);
                Context.Stop(Self);
                break;
        }
    }

    private SiteMessages.Train Train(Digest model) => new(_round.Id, _plan.Seed, _plan.Strategy, _plan.Learning, model, _server.Weights, _epoch);

    private void Judge(InjectionLook<InjectorMessages.Injected>.Looked look)
    {
        if (look.Problem is null)
            _trouble.End();
        // What was looked at and is here still is published with the same commit.
        if (_injected.Judge(look, _round) is { } command)
            Decide(command is RoundCommands.RecordInjection r && _server.Holds([r.GlobalModel, r.Adapter]) ? [r, new RoundCommands.RecordPublication()] : [command], null);
        else if (look.Problem is DamagedException damage)
            Mend(damage);
        else
            Rest(look.Problem!);
    }

    private void Mend(DamagedException damage)
    {
        _weights.Lose(damage, _round);
        React();
    }

    private void Rest(Exception cause)
    {
        if (_trouble.Met(cause, _round) is { } end)
            Decide(new RoundCommands.Abandon(end));
        else
            Show();
    }

    private void Beat()
    {
        bool over = _limit.Beat(_round, halts: _opening.Paused || _trouble.Now is not null || _weights.Lacking.Length > 0) && !_contributions.AnyArrived;
        if (over && !_round.Exists)
            Decide(_opening.TooLate());
        else if (over)
            Decide(new RoundCommands.PassDeadline(_round.Phase));
        // Weights that went while nothing was asked of them are fetched again before a site waits for them.
        if (_round.Phase == Phase.Training && _weights.Lacking.Length == 0)
            React();
        else
            Show();
    }

    private void Show() => _standing.Show(
        _round.HasEnded ? "" : _opening.Paused ? RoundOpening.Held : !_round.Exists ? _opening.Waiting : _trouble.Now is { } trouble ? $"paused: {trouble}"
        : _weights.Lacking.Length > 0 ? _weights.Lacking
        : _round.Phase == Phase.Injecting && _limit.InjectorIsAway ? "waits for the injector's node, which is not here"
        : "",
        _round.HasEnded);

    private sealed record Begin;

    private sealed record SumDamaged(DamagedException Damage) : INoSerializationVerificationNeeded;
}
