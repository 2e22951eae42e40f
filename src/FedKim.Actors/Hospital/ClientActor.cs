using Akka.Actor;
using Akka.Event;
using FedKim.Actors.Errands;
using FedKim.Actors.Hospital.Plans;
using FedKim.Actors.Links;
using FedKim.Audit;
using FedKim.Learning;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Hospital;

/// <summary>
/// One hospital's part in rounds: fetches the model, trains on the site's data, sends the update and keeps it until the round has ended.
/// All it must remember lies in the round's folder, so that after a crash the same request leads to the same update without training twice.
/// </summary>
internal sealed class ClientActor : ErrandActor<SiteMessages.Train, LocalUpdate>
{
    private const string Place = "the site's work folder";

    // The update of a round that is over sooner never needs the disk.
    private static readonly TimeSpan SyncAfter = TimeSpan.FromSeconds(5);

    private readonly ClientId _client;
    private readonly IActorRef _server;
    private readonly IActorRef _worker;
    private readonly RoundFolders _rounds;
    private readonly WeightShare _weights;
    private readonly SiteMemory _memory;
    private readonly WorkRecord _record;
    private readonly PlanDesk _plans;
    private readonly Outlet _outlet;
    private readonly Admission _admission;
    private readonly TimeProvider _clock = TimeProvider.System;
    private SiteMessages.Train? _latest, _unsaid, _refused;
    private RoundId? _left;

    /// <inheritdoc cref="HospitalRole.Work"/>
    public ClientActor(
        ClientId client, Func<ILocalTraining> training, SharedWeights weights, WeightRoute route, string rounds, IActorRef server, CancellationToken stopping,
        PlanAcceptance acceptance, Outlet outlet, string threads)
        : base(weights.Store, route, Place, stopping)
    {
        var share = weights.Share();
        (_client, _server, _rounds, _weights, _outlet) = (client, server, new RoundFolders(rounds), share, outlet);
        (_record, _memory, _admission) = (new WorkRecord(rounds, _clock), new SiteMemory(rounds), new Admission(Log));
        _plans = new PlanDesk(acceptance, rounds, _clock, Log, Context.System.EventStream.Publish);
        _worker = Context.ActorOf(Props.Create(() => new TrainingActor(training, share)).WithDispatcher(threads), "training");

        Receive<SiteMessages.Train>(m => Epoch.Follow(m.Epoch, () => Train(m)));
        Receive<SiteMessages.SendAgain>(m => InRound(m.Round, e =>
        {
            if (e.Result?.Weights.Digest == m.Update && e.Stage != Stage.Sending)
                Send(e);
        }));
        Receive<SiteMessages.NameTaken>(m =>
        {
            Refused(AuditMatter.Line, null, "a node of this site's name is present at the server");
            _admission.Hear(m);
        });
        Receive<SiteMessages.NotInvited>(m => _admission.Hear(m));
        Receive<SiteMessages.Answered>(m => InRound(m.Round, e => Hear(e, m)));
        Receive<SiteMessages.RoundEnded>(m => Epoch.Follow(m.Epoch, () => EndRound(m)));
        Receive<PlanMessages.GetPlans>(_ => Sender.Tell(_plans.All()));
        Receive<PlanMessages.GetPlan>(m => Sender.Tell(_plans.Named(m.Name)));
        Receive<PlanMessages.Say>(HearWord);
        Receive<ServerMet>(m => _plans.Met(m));
        Receive<JudgeAgain>(m =>
        {
            if (_unsaid == m.Order)
                TakeUp(m.Order);
        });
        // What is trained for still is synced once it counts.
        Receive<SyncOutbox>(m => Current is null or { Stage: Stage.Counted }, m => Context.Later(
            Place, () => () => _rounds.Sync(m.Round), problem => Log.Warning("Round {Round}: the update of {Client} does not reach the disk: {Problem}", m.Round, _client, problem)));
        Receive<SyncOutbox>(_ => { });
        Receive<SiteMessages.FederationEnded>(m => Epoch.Follow(m.Epoch, () => Log.Info("Federation {Federation} {Outcome}", m.Federation, m.Outcome)));
    }

    protected override void PreStart()
    {
        // It may have ended while there was no process here, and whoever leads says so.
        Beside(() => _left = _rounds.Latest());
        if (_left is { } left)
            Timers.StartSingleTimer(nameof(SyncOutbox), new SyncOutbox(left), SyncAfter);
        _plans.Look();
        _outlet.Set(_plans.TrainsFor(_left?.Federation.Value));
        Context.System.EventStream.Subscribe(Self, typeof(ServerMet));
        base.PreStart();
    }

    protected override void PostStop()
    {
        base.PostStop();
        _weights.Leave();
    }

    protected override void Hello()
    {
        var status = Current is { } e
            ? new SiteStatus(e.Stage.Text(), e.Work.Round.ToString(), e.Done, e.Total, e.Loss, _record.Trainings, e.Problem?.Text ?? "", _memory.ChangedIn)
            : new SiteStatus(
                (_unsaid is null ? Stage.Idle : Stage.Waiting).Text(), (_unsaid?.Round ?? _left)?.ToString() ?? "", 0, 0, double.NaN, _record.Trainings,
                _unsaid is null ? "" : SiteSentences.AwaitsWord.Say().Text, _memory.ChangedIn);
        _server.Tell(new SiteMessages.Hello(_client, Self, status, Epoch.Value, _memory.Machine, _clock.GetUtcNow().UtcTicks, Packages: PackagePrint.Own));
    }

    protected override Activity Shown() =>
        Current is { } e ? new Activity(e.Stage.Text(), e.Work.Round.ToString(), e.Problem?.Text ?? "")
        : _unsaid is { } order ? new Activity(Stage.Waiting.Text(), order.Round.ToString(), $"{SiteSentences.AwaitsWord.Say()}: pbm plan show --plan {SitePlan.Of(order).Digest()[..PlanDigits.Least]}")
        : _refused is { } no ? new Activity(Stage.Idle.Text(), no.Round.ToString(), SiteSentences.RefusesPlan.Say().Text)
        : new Activity(Stage.Idle.Text(), "", _admission.Problem);

    protected override void Warn(SiteMessages.Train work, string problem) => Log.Warning("Round {Round}: {Problem}", work.Round, problem);

    protected override IReadOnlySet<string> Told(SiteMessages.Train work, string weights) => OrderNames.Of(work.Learning, work.Strategy, weights);

    protected override IEnumerable<Digest> Inputs(SiteMessages.Train work) => [work.GlobalModel];

    // A line that heals may deliver what was said long ago. Within an epoch rounds only go forward.
    private void Train(SiteMessages.Train order)
    {
        if (_latest is { } latest && latest.Epoch == order.Epoch && latest.Round.Federation == order.Round.Federation && order.Round.Number < latest.Round.Number)
        {
            Log.Warning("An order for round {Round} is not followed: round {Latest} has begun", order.Round, latest.Round);
            Refused(AuditMatter.Order, order.Round, "a later round has begun");
            return;
        }

        if (!PlanDesk.IsAddress(order.Weights))
        {
            Log.Warning("An order for round {Round} is not followed: {Weights} is no address, as http://host:port, of a server's weights", order.Round, order.Weights);
            Refused(AuditMatter.Order, order.Round, "it names no address of a server's weights");
            return;
        }

        _latest = order;
        _left = null;
        _admission.Given();
        TakeUp(order);
    }

    // What its people have not said, or have refused, the site does not do; what they said later counts from then on.
    private void TakeUp(SiteMessages.Train order)
    {
        var verdict = _plans.Judge(order);
        _unsaid = verdict == PlanVerdict.Wait ? order : null;
        _outlet.Set(verdict == PlanVerdict.Train);
        if (verdict != PlanVerdict.Refuse)
            _refused = null;
        if (verdict == PlanVerdict.Train)
        {
            // The same round of another past begins elsewhere: a journal that was put back.
            Follow(order with { Weights = "", Epoch = 0 }, order.Weights);
            return;
        }
        if (Current is not null)
            LayDown();
        // It may have been the disk that had no word for it.
        if (verdict == PlanVerdict.Wait)
            Timers.StartSingleTimer(nameof(JudgeAgain), new JudgeAgain(order), RetryAfter);
        if (verdict == PlanVerdict.Refuse)
            Refuse(order);
    }

    // Noted once, and said until the server has stored it. What was trained for it before goes: a server that lacks it would ask for it.
    private void Refuse(SiteMessages.Train order)
    {
        RemoveAllBut(null);
        if (order with { Weights = "", Epoch = 0 } is var refused && refused != _refused)
        {
            Log.Warning("Round {Round}: {Client} does not train: its people, or its node's file, refuse this plan", order.Round, _client);
            Refused(AuditMatter.Plan, order.Round, "this site refuses the plan");
        }
        _refused = refused;
        _server.Tell(new SiteMessages.CannotContribute(order.Round, _client, SiteSentences.RefusesPlan.Say().Text));
    }

    private void HearWord(PlanMessages.Say said)
    {
        object taken = _plans.Take(said);
        Sender.Tell(taken);
        if (_unsaid is { } waits)
        {
            TakeUp(waits);
        }
        else if (Current is not null && _latest is { } latest && _plans.Judge(latest) != PlanVerdict.Train)
        {
            TakeUp(latest);
        }
        else if (taken is PlanView { Verdict: PlanVerdict.Refuse } plan && Current is null
            && (_latest is { } last ? SitePlan.Of(last).Digest() == plan.Digest : _left?.Federation.Value == plan.Federation))
        {
            // Of a round that has ended, or of a process before this one.
            _outlet.Set(false);
            RemoveAllBut(null);
        }
    }

    protected override void Begin(Errand<SiteMessages.Train, LocalUpdate> errand)
    {
        Log.Info("Round {Round}: {Client} starts from model {Model}", errand.Work.Round, _client, errand.Work.GlobalModel.Short);
        RemoveAllBut(errand.Work);
        Continue(errand);
    }

    protected override void Continue(Errand<SiteMessages.Train, LocalUpdate> errand)
    {
        if (errand.Stage == Stage.Broken)
        {
            _server.Tell(new SiteMessages.CannotContribute(errand.Work.Round, _client, (errand.Problem ?? SiteSentences.Other.Say()).Text));
            GoOnAfter(errand, RetryAfter);
        }
        else if (errand.Stage == Stage.Waiting)
        {
            Contribute(errand);
        }
        else
        {
            base.Continue(errand);
        }
    }

    protected override void Do(Errand<SiteMessages.Train, LocalUpdate> errand, IReadOnlyDictionary<Digest, WeightFile> inputs)
    {
        var (work, round) = (errand.Work, errand.Work.Round);
        var request = new TrainingRequest(round, _client, work.Seed, work.Strategy, work.Learning, inputs[work.GlobalModel], _rounds.Make(round), _rounds.Own(round.Federation));
        errand.Enter(Stage.Training);
        _worker.Tell(new TrainingActor.Work(errand, request, errand.Cancel.Token));
    }

    protected override void Finish(Errand<SiteMessages.Train, LocalUpdate> errand, LocalUpdate update)
    {
        var round = errand.Work.Round;
        // What was finished before a crash is found in the outbox, and no step is made again; the crash may have come before it was written down.
        if (errand.Steps > 0 || !_record.Knows(round, update.Weights.Digest))
        {
            Beside(() => _record.Trained(round, update.Weights.Digest));
            Log.Info("Round {Round}: {Client} has trained", round, _client);
        }

        if (_memory.Print(round, update.Data).Changed)
            Log.Warning("Round {Round}: {Client} trained on other data than in its contribution before: its data folder has changed", round, _client);
        base.Finish(errand, update);
    }

    protected override Task<long> SendAsync(
        WeightClient client, SiteMessages.Train work, LocalUpdate update, IProgress<long> moved, CancellationToken cancel) =>
        client.SendAsync(work.Round, update.Weights.Digest, moved, cancel);

    protected override void Deliver(Errand<SiteMessages.Train, LocalUpdate> errand, long bytes)
    {
        if (bytes > 0)
        {
            Beside(() => _record.Sent(errand.Work.Round, errand.Result!.Weights.Digest, bytes));
            Log.Info("Round {Round}: {Client} has sent {Bytes} bytes of its update", errand.Work.Round, _client, bytes);
        }

        errand.MovesOn(errand.Done);
        Contribute(errand);
    }

    protected override void GiveUp(Errand<SiteMessages.Train, LocalUpdate> errand, Exception cause, SiteReason reason)
    {
        Log.Error("Round {Round}: {Client} cannot train: {Problem}", errand.Work.Round, _client, cause.Message);
        Log.Debug("Round {Round}: {Fault}", errand.Work.Round, cause);
        errand.Break(reason);
        Continue(errand);
    }

    protected override void LayDown()
    {
        base.LayDown();
        Hello();
    }

    private void Contribute(Errand<SiteMessages.Train, LocalUpdate> errand)
    {
        var (round, update) = (errand.Work.Round, errand.Result!);
        double loss = update.Losses.Count == 0 ? double.NaN : update.Losses.OrderBy(l => l.Key, StringComparer.Ordinal).Average(l => l.Value);
        errand.Enter(Stage.Waiting);
        _server.Tell(new SiteMessages.Contribute(round, _client, update.Weights.Digest, TaskSamples.Of(update.Samples), loss, _memory.Print(round, update.Data).ToString()));
        GoOnAfter(errand, RetryAfter);
    }

    private void Hear(Errand<SiteMessages.Train, LocalUpdate> errand, SiteMessages.Answered answer)
    {
        Heard();
        if (answer.Counted)
        {
            if (errand.Stage != Stage.Counted)
                Log.Info("Round {Round}: the update of {Client} counts", answer.Round, _client);
            errand.Enter(Stage.Counted);
            Timers.StartSingleTimer(nameof(SyncOutbox), new SyncOutbox(answer.Round), SyncAfter);
            if (errand.Result is { } counted)
                _memory.Counted(answer.Round, counted.Data);
        }
        else if (errand.Stage != Stage.Broken)
        {
            Log.Warning("Round {Round}: the update of {Client} does not count: {Reason}", answer.Round, _client, answer.Reason);
            Refused(AuditMatter.Update, answer.Round, $"the server does not count it: {answer.Reason}");
            Beside(() => _rounds.ForgetOwn(answer.Round));
            errand.Break(SiteSentences.NotCounted.Say());
        }
    }

    private void EndRound(SiteMessages.RoundEnded m)
    {
        if (_left == m.Round)
            _left = null;
        if (_unsaid?.Round == m.Round)
            _unsaid = null;
        if (_refused?.Round == m.Round)
            _refused = null;
        bool works = Current?.Work.Round == m.Round;
        if (works)
        {
            Log.Info("Round {Round} {Outcome}", m.Round, m.Outcome.Length > 0 ? m.Outcome : "is over");
            LayDown();
        }

        // What was finished is kept for a round that may be tried again, until another one begins.
        if (works && !m.MayResume)
            RemoveAllBut(null);
        else if (!m.MayResume && Current is null)
            Discard(() => _rounds.Discard(m.Round));
    }

    // Nothing of a round that has ended is needed: neither its checkpoints and update nor its model.
    private void RemoveAllBut(SiteMessages.Train? kept)
    {
        Discard(() => _weights.NeedOnly(kept?.GlobalModel));
        Discard(() => _rounds.DiscardAllBut(kept?.Round));
    }

    private static void Refused(AuditMatter matter, RoundId? round, string why) => Context.System.EventStream.Publish(
        new AuditEntry(AuditKind.Refused, matter) { Federation = round?.Federation.Value, Round = round?.Number, Outcome = AuditOutcome.Refused, Detail = why });

    private void InRound(RoundId round, Action<Errand<SiteMessages.Train, LocalUpdate>> then)
    {
        if (Current is { } errand && errand.Work.Round == round)
            During(errand, then);
    }

    private sealed record SyncOutbox(RoundId Round) : INoSerializationVerificationNeeded;

    private sealed record JudgeAgain(SiteMessages.Train Order) : INoSerializationVerificationNeeded;
}
