using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FedKim.Parameters;
using FedKim.Protocol;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>Keeps one round's journal and carries out its effects; decides nothing itself.</summary>
internal sealed class RoundCoordinator : ReceivePersistentActor, IWithTimers
{
    private const int MostDoublings = 4;
    private const string Examining = "examining";

    // Looks for what lacks, before those are asked who would have to make it anew.
    private const int LooksInVain = 2;

    // An update holds no more than the model it began with, give or take a header.
    private const int MostTimes = 4;

    private readonly RoundCommands.Open _open;
    private readonly FederationPlan _plan;
    private readonly int _epoch;
    private readonly ServerContext _server;
    private readonly HistoryReading _reading;
    private readonly PhaseClock _phase;
    private readonly HashSet<ClientId> _checking = [];
    private Round _round;
    private readonly LimitWatch _watch;
    private FileTrouble? _broke;
    private int _attempts;
    private string _lacking = "";
    private string _waiting = "";
    private SiteDirectory.Heard? _before;
    private SiteDirectory.Heard? _heard;
    private IRoundEffect? _working;
    private bool _examining;
    private int _looks;

    /// <param name="id">The round; its text is the persistence id.</param>
    /// <param name="plan">The federation's plan.</param>
    /// <param name="open">How the round starts if it has not yet.</param>
    /// <param name="attempt">How often the round is to be tried again after it failed; 0 for never.</param>
    /// <param name="epoch">The coordinator's, counted from the journal's first.</param>
    /// <param name="server">What the server's actors share.</param>
    public RoundCoordinator(RoundId id, FederationPlan plan, RoundCommands.Open open, int attempt, int epoch, ServerContext server)
    {
        _round = new Round(id);
        _plan = plan;
        _open = open;
        _epoch = epoch;
        _server = server;
        _watch = new LimitWatch(Timers, server.Clock);
        PersistenceId = id.ToString();
        _reading = new HistoryReading(PersistenceId, Context.System.EventStream);
        _phase = new PhaseClock(server.Clock);

        Recover<IRoundEvent>(e =>
        {
            _reading.Saw();
            _round = RoundRules.Apply(_round, e);
        });
        Recover<RecoveryCompleted>(_ =>
        {
            if (!_reading.IsWhole(LastSequenceNr))
            {
                Context.Stop(Self);
                return;
            }

            _phase.Resume(_round);
            // What the coordinator before it waited for may be over.
            Context.Parent.Tell(new FederationActor.Waits(id, ""));
            // Having read to the end it could store again; but the round is led by another, who would then find its own place taken.
            if (_round.Epoch > _epoch)
            {
                Context.Parent.Tell(new FederationActor.Replaced(_round.Epoch));
                Context.Stop(Self);
                return;
            }

            if (_round.Exists && !_round.HasEnded)
                Log.Info("Round {Round} goes on in phase {Phase}: {Accepted} of {Invited} sites contributed", _round.Id, _round.Phase, _round.Accepted.Count, _round.Invited.Length);
            // Accepted updates may lie on another server, or be gone: whose they were sends them again.
            if (_round.Phase == Phase.Failed && attempt > _round.Reopenings)
            {
                var spool = _server.Spool.Open(_round.Id);
                Self.Tell(new RoundCommands.Reopen(attempt, [.. _round.Accepted.Where(a => spool.Has(a.Value.Update)).Select(a => a.Key)]));
            }

            Self.Tell(new RoundCommands.TakeOver(_epoch, _server.Node));
            Self.Tell(_open);
            // Time without a coordinator does not count, nor does the time until the sites have found this one.
            Limit(listening: _round.Exists);
        });

        Command<SiteMessages.Contribute>(Check);
        Command<Checked>(Count);
        Command<SiteMessages.CannotContribute>(m =>
        {
            var site = Sender;
            Decide(new RoundCommands.Drop(m.Client, m.Reason), () => site.Tell(Answer(m.Client, null)));
        });
        Command<InjectorMessages.Injected>(Examine);
        Command<Examined>(Count);
        Command<DamageFound>(m => Mend(m.Damage));
        Command<InjectorMessages.Broke>(m =>
        {
            if (m.Work is InjectorMessages.Inject inject)
                Decide(new RoundCommands.RecordInjectionFailure(inject.Aggregate, inject.Attempt, m.Reason));
        });
        Command<RoundCommands.RecordAggregate>(c =>
        {
            (_working, _broke, _attempts) = (null, null, 0);
            Decide(c);
        });
        Command<IRoundCommand>(c => Decide(c));
        Command<LookAgain>(_ =>
        {
            _looks++;
            React();
        });
        Command<LimitWatch.Tick>(_ => Beat());
        Command<SiteDirectory.Heard>(m => _heard = m);
        Command<Status.Failure>(f => Rest(f.Cause));
    }

    /// <inheritdoc/>
    public override string PersistenceId { get; }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        _reading.Failed(reason);
        Context.Parent.Tell(new FederationActor.Waits(_round.Id, "paused: the journal cannot be read; goes on when it can"));
        base.OnRecoveryFailure(reason, message);
    }

    private void Decide(IRoundCommand command, Action? then = null)
    {
        var phase = _round.Phase;
        var events = _phase.Stamp(_round, RoundRules.Decide(_round, command, _server.Clock.GetUtcNow()));
        long asked = _server.Clock.GetTimestamp();
        PersistAll(events, e =>
        {
            _round = RoundRules.Apply(_round, e);
            Tell(e);
        });
        DeferAsync(command, _ =>
        {
            // While the journal was asked, nobody was heard.
            _watch.Discount(_server.Clock.GetElapsedTime(asked));
            // What was decided is stored by now: only here the world hears of it.
            then?.Invoke();
            if (events.IsEmpty && command is not RoundCommands.Open)
                return;
            if (_round.Phase != phase)
                Limit(listening: false);
            Context.Parent.Tell(new FederationActor.RoundMoved(_round));
            React();
        });
    }

    private void React()
    {
        _lacking = "";
        foreach (var effect in RoundRules.React(_round))
        {
            if (Holds(effect) || effect is RoundEffects.RequestUpdates)
                Perform(effect);
            else if (effect is RoundEffects.RequestInjection && RoundEffects.Aggregate.Of(_round) is var sum && Holds(sum))
                Perform(sum);
        }

        Show();
    }

    // A coordinator on another node than its predecessor's has none of the round's weights: it asks for them until they are here.
    private bool Holds(IRoundEffect effect)
    {
        bool here = _server.Holds(RoundEffects.Needs(effect));
        if (effect is RoundEffects.Aggregate sum)
        {
            var lacking = sum.Accepted.Where(a => _server.HasUpdate(_round.Id, a.Value.Update) is false).ToImmutableDictionary(a => a.Key, a => a.Value.Update);
            here &= _server.Holds(_round.Id, lacking.Values);
            // Nobody has it lying ready: its site does, or trains again, with the same bits.
            if (!lacking.IsEmpty && _looks >= LooksInVain)
                _server.Directory.Tell(new SiteDirectory.AskAgain(Train(sum.GlobalModel), lacking));
        }

        if (here)
        {
            _looks = 0;
        }
        else
        {
            _lacking = effect is RoundEffects.Aggregate
                ? "waits for updates that this server lacks; the sites that sent them are asked again"
                : $"waits for weights that this server lacks ({string.Join(", ", RoundEffects.Needs(effect).Where(d => !_server.Has(d)).Select(d => d.Short))}); every node that may hold them is asked";
            Timers.StartSingleTimer("lacking", new LookAgain(), ServerContext.AskAgain);
        }

        return here;
    }

    private void Perform(IRoundEffect effect)
    {
        switch (effect)
        {
            case RoundEffects.RequestUpdates e:
                if (_server.Store.LengthOf(e.GlobalModel) is > 0 and var length)
                    _server.Spool.Open(_round.Id).Most = MostTimes * length;
                else
                    _server.Spool.Open(_round.Id);
                _server.Directory.Tell(new SiteDirectory.AskSites(Train(e.GlobalModel), e.Clients));
                break;
            case RoundEffects.Aggregate e when Begin(e):
                var spool = _server.Spool.Open(_round.Id);
                Context.System.Dispatchers.Lookup(Threads.Files).Run(() => Sum(e, spool)).PipeTo(
                    Self, success: d => new RoundCommands.RecordAggregate(d), failure: x => x is DamagedException damage ? new DamageFound(damage) : new Status.Failure(x));
                break;
            case RoundEffects.RequestInjection e:
                _server.Directory.Tell(new SiteDirectory.AskInjector(new InjectorMessages.Order(
                    new InjectorMessages.Inject(_round.Id, e.Attempt, _plan.Seed, _plan.Learning, e.Aggregate, e.Adapter), _server.Weights, _epoch)));
                break;
            case RoundEffects.Publish:
                Self.Tell(new RoundCommands.RecordPublication());
                break;
            case RoundEffects.AnnounceEnd:
                // Whether what was accepted in a round that failed is kept, its federation decides.
                if (_round.Phase == Phase.Committed)
                    EndSpool();
                else
                    _server.Spool.Rest(_round.Id);
                Context.Stop(Self);
                break;
        }
    }

    private SiteMessages.Train Train(Digest model) => new(_round.Id, _plan.Seed, _plan.Strategy, _plan.Learning, model, _server.Weights, _epoch);

    // What this server's disk did to a file is nobody's fault: it is had again, an update from its site's outbox, a model from whoever holds it.
    private void Mend(DamagedException damage)
    {
        _working = null;
        if (_round.Accepted.Where(a => a.Value.Update == damage.Digest).Select(a => a.Key).ToArray() is [var client, ..])
        {
            Log.Warning(
                "Round {Round}: the accepted update {Update} of {Client} is damaged on the disk of server {Node}: it is removed and asked for again from the site's outbox",
                _round.Id, damage.Digest.Short, client, _server.Node);
            _server.Spool.Open(_round.Id).Lose(damage.Digest);
        }
        else
        {
            _server.Store.Lose(damage.Digest);
        }

        React();
    }

    // Work on files is not begun twice while it runs.
    private bool Begin(IRoundEffect effect)
    {
        bool begins = _working?.GetType() != effect.GetType();
        _working = effect;
        return begins;
    }

    private void Check(SiteMessages.Contribute m)
    {
        if (_round.Phase != Phase.Training || !_round.Missing.Contains(m.Client))
            Sender.Tell(Answer(m.Client, m.Update));
        else if (!_server.Holds([_round.StartModel]))
            Log.Debug("Round {Round}: {Client} says it again once model {Model} is here to compare with", m.Round, m.Client, _round.StartModel.Short);
        else if (_server.HasUpdate(_round.Id, m.Update) is not { } here)
            Log.Debug("Round {Round}: {Client} says it again once the spool can be read", m.Round, m.Client);
        else if (!here)
            Sender.Tell(new SiteMessages.SendAgain(m.Round, m.Update));
        else if (_checking.Add(m.Client))
            Examine(m).PipeTo(Self, Sender);
    }

    private async Task<Checked> Examine(SiteMessages.Contribute m)
    {
        var (global, spool) = (_server.Store.Get(_round.StartModel), _server.Spool.Open(_round.Id));
        var files = Context.System.Dispatchers.Lookup(Threads.Files);
        SampleCounts samples;
        try
        {
            samples = TaskSamples.Counts(m.Samples);
        }
        catch (ArgumentException e)
        {
            return new Checked(m, SampleCounts.None, e.Message);
        }

        try
        {
            string? refusal = await files.Run(() => UpdateCheck.Refusal(global, () => spool.Read(m.Update, onTheWay: false), samples, _plan.Parts, _plan.MaxNorm));
            _server.Spool.Health.Well(Examining);
            return new Checked(m, samples, refusal);
        }
        catch (Exception e)
        {
            // The update was checked when it arrived: what cannot be read now is the server's own. The site says it again in a moment.
            return new Checked(m, samples, null, e);
        }
    }

    private void Count(Checked c)
    {
        var site = Sender;
        var m = c.Contribution;
        _checking.Remove(m.Client);
        if (c.Broke is DamagedException damage)
        {
            if (damage.Digest == m.Update)
            {
                Log.Warning("Round {Round}: update {Update} of {Client} is damaged on the disk of server {Node}; the site sends it again", m.Round, m.Update.Short, m.Client, _server.Node);
                _server.Spool.Open(_round.Id).Lose(m.Update);
                site.Tell(new SiteMessages.SendAgain(m.Round, m.Update));
            }
            else
            {
                _server.Store.Lose(damage.Digest);
                React();
            }

            return;
        }

        if (c.Broke is { } broke)
        {
            if (_server.Spool.Health.Met(Examining, broke) is null)
                Log.Error("Round {Round}: update {Update} of {Client} cannot be examined here: {Problem}", m.Round, m.Update.Short, m.Client, broke.Message);
            return;
        }

        IRoundCommand command = c.Fault is null
            ? new RoundCommands.Contribute(m.Client, m.Update, c.Samples, m.Loss, m.Data)
            : new RoundCommands.Drop(m.Client, $"update {m.Update.Short} of {m.Client} refused: {c.Fault}");
        Decide(command, () => site.Tell(Answer(m.Client, m.Update)));
    }

    private SiteMessages.Answered Answer(ClientId client, Digest? update)
    {
        string reason = _round.Accepted.TryGetValue(client, out var accepted)
            ? accepted.Update == update ? "" : $"another update of this site, {accepted.Update.Short}, counts already"
            : _round.Dropped.TryGetValue(client, out string? dropped) ? dropped
            : _round.Invited.Contains(client) ? "the round's collection is closed"
            : "this site was not invited";
        return new SiteMessages.Answered(_round.Id, client, reason.Length == 0, reason);
    }

    // The same is said again every second, and looked at once.
    private void Examine(InjectorMessages.Injected m)
    {
        var store = _server.Store;
        if (_examining || _round is not { Phase: Phase.Injecting, Aggregate: { } aggregate, StartAdapter: var start } || m.Aggregate != aggregate || !_server.Has(m.GlobalModel) || !_server.Has(m.Adapter)
            || !_server.Holds([aggregate, start]))
            return;
        _examining = true;
        double bound = _plan.MaxNorm;
        Context.System.Dispatchers.Lookup(Threads.Files).Run(() => InjectionCheck.Refusal(store.Get(aggregate), store.Get(start), store.Get(m.GlobalModel), store.Get(m.Adapter), bound))
            .PipeTo(Self, success: fault => new Examined(m, fault, null), failure: e => new Examined(m, null, e));
    }

    private void Count(Examined e)
    {
        _examining = false;
        if (e.Problem is null)
            (_broke, _attempts) = (null, 0);
        var m = e.Injection;
        if (e.Problem is DamagedException damage)
        {
            Mend(damage);
        }
        else if (e.Problem is { } problem)
        {
            Self.Tell(new Status.Failure(problem));
        }
        else if (e.Fault is { } fault)
        {
            Log.Warning("Round {Round}: the injector's result is refused: {Fault}", _round.Id, fault);
            Context.Parent.Tell(new FederationActor.Refused([.. new[] { m.GlobalModel, m.Adapter }.Where(d => d != _round.Aggregate && d != _round.StartModel && d != _round.StartAdapter)]));
            Decide(new RoundCommands.RecordInjectionFailure(m.Aggregate, m.Attempt, $"the injector's result is refused: {fault}"));
        }
        else
        {
            Decide(new RoundCommands.RecordInjection(m.Aggregate, m.GlobalModel, m.Adapter, m.Loss));
        }
    }

    private Digest Sum(RoundEffects.Aggregate e, RoundSpool spool)
    {
        Directory.CreateDirectory(_server.Scratch);
        string output = Path.Combine(_server.Scratch, $"{_round.Id.Federation}-{_round.Id.Number}-aggregate.safetensors");
        var digest = RoundSum.Run(_plan, e, spool, _server.Store, output);
        _server.Store.Import(new WeightFile(output, digest));
        File.Delete(output);
        return digest;
    }

    // What cannot be removed now has no key any more, and goes when the next round ends.
    private void EndSpool()
    {
        var (end, log) = (_server.Spool.End(_round.Id), Log);
        Context.System.Dispatchers.Lookup(Threads.Files).Schedule(() =>
        {
            try
            {
                end();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                log.Warning("Updates of the ended round still take room in the server's spool: {Problem}", e.Message);
            }
        });
    }

    private void Limit(bool listening)
    {
        if (_round.HasEnded)
            _watch.End();
        else
            _watch.Begin(_plan.LimitOf(_round.Phase), listening);
    }

    // An answer that is being examined arrived in time.
    private void Beat()
    {
        bool over = _watch.Beat(Hears(), Halts());
        if (!_watch.IsListening)
            _before = _heard;
        else if (_watch.BeginsToListen)
            _heard = null;
        if (over && _checking.Count == 0)
            Decide(new RoundCommands.PassDeadline(_round.Phase));
        _server.Directory.Tell(new SiteDirectory.Listen());
        // Weights that went while nothing was asked of them are fetched again before a site waits for them.
        if (_round.Phase == Phase.Training && _lacking.Length == 0)
            React();
        else
            Show();
    }

    // Nobody can answer while the server's own files hinder them.
    private bool Halts() => Trouble() is not null || _lacking.Length > 0;

    private FileTrouble? Trouble() => _broke ?? _server.Store.Health.Now ?? _server.Spool.Health.Now;

    private string PlaceOf(Exception e) => e.Message.Contains(_server.Scratch, StringComparison.Ordinal) ? "the server's scratch folder" : "the server's work folder";

    // Nobody's fault but the server's own: tried again, less and less often. Numbers that have no sum have none the next time, and what nobody
    // knows is not tried for ever.
    private void Rest(Exception cause)
    {
        var files = FileTrouble.Of(cause, PlaceOf(cause));
        string what = _round.Phase == Phase.Aggregating ? "the updates cannot be summed" : "the injector's result cannot be looked at";
        string reason = Reason.Of(cause, PlaceOf(cause));
        if (files is null && (cause is ArithmeticException || _attempts > MostDoublings))
        {
            Log.Error("Round {Round}: {What}: {Fault}", _round.Id, what, cause);
            (_working, _broke) = (null, null);
            Decide(new RoundCommands.Abandon($"On server {_server.Node} {what}: {reason}"));
            return;
        }

        var trouble = files ?? new FileTrouble($"{what}: {reason}", "tried again");
        if (_broke != trouble)
            Log.Debug("Round {Round}: {Fault}", _round.Id, cause);
        (_working, _broke) = (null, trouble);
        Timers.StartSingleTimer("lacking", new LookAgain(), TimeSpan.FromSeconds(1 << Math.Min(_attempts++, MostDoublings)));
        Show();
    }

    // What it waits for shows to those who ask, and stands in the log once.
    private void Show()
    {
        string waiting = _round.HasEnded ? "" : Trouble() is { } trouble ? $"paused: {trouble}"
            : _lacking.Length > 0 ? _lacking
            : _round.Phase == Phase.Injecting && _heard is { InjectorIsPresent: false } ? "waits for the injector's node, which is not here"
            : "";
        if (waiting == _waiting)
            return;
        if (waiting.Length > 0)
            Log.Warning("Round {Round} {Waiting}", _round.Id, waiting);
        else if (!_round.HasEnded)
            Log.Info("Round {Round} waits no longer", _round.Id);
        _waiting = waiting;
        Context.Parent.Tell(new FederationActor.Waits(_round.Id, waiting));
    }

    // The round's story, as it stands in its journal.
    private void Tell(IRoundEvent e)
    {
        string words = RoundStory.Words(_round, e);
        if (e is RoundEvents.Committed && _round.Began.TryGetValue(Phase.Opened, out var opened))
            words += string.Create(CultureInfo.InvariantCulture, $" It took {(e.At - opened).TotalSeconds:0.0} s; model {_round.GlobalModel?.Short}, adapters {_round.Adapter?.Short}.");
        if (e is RoundEvents.ClientDropped or RoundEvents.InjectionFailed or RoundEvents.Failed)
            Log.Warning("Round {Round}: {What}", _round.Id, words);
        else
            Log.Info("Round {Round}: {What}", _round.Id, words);
    }

    // The journal is away: read again what was really stored, once it is back.
    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        Context.Parent.Tell(new FederationActor.Waits(_round.Id, "paused: the journal cannot be written; goes on when it can"));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    // After a gap: whether all who are waited for and were here before it are heard again. A coordinator that has just begun knows of nobody.
    private bool Hears() => _heard is not null && _round.Phase switch
    {
        Phase.Training => _round.Missing.All(c => _heard.Sites.Contains(c) || !(_before?.Sites.Contains(c) ?? true)),
        Phase.Injecting => _heard.Injector || !(_before?.Injector ?? true),
        _ => true,
    };

    /// <summary>Something that was here is so no more.</summary>
    internal sealed record LookAgain;

    private sealed record Checked(SiteMessages.Contribute Contribution, SampleCounts Samples, string? Fault, Exception? Broke = null) : INoSerializationVerificationNeeded;

    private sealed record Examined(InjectorMessages.Injected Injection, string? Fault, Exception? Problem) : INoSerializationVerificationNeeded;

    private sealed record DamageFound(DamagedException Damage) : INoSerializationVerificationNeeded;
}
