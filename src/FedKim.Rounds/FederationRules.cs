using System.Collections.Immutable;
using static FedKim.Rounds.FederationCommands;
using static FedKim.Rounds.FederationEvents;

namespace FedKim.Rounds;

/// <summary>
/// The life of a federation: Idle → Initializing → Running (rounds one after another) → Evaluating → Completed; or Stopped; or Failed, from
/// where it can be resumed. Those submitted meanwhile run beside it or wait by the <see cref="QueueRules"/>.
/// </summary>
public static class FederationRules
{
    /// <summary>The events that <paramref name="command"/> causes; none if it changes nothing.</summary>
    public static ImmutableArray<IFederationEvent> Decide(Federation federation, IFederationCommand command, DateTimeOffset now) =>
        About(federation, command) is var its && its.Plan?.Id is { } id && id != federation.Plan?.Id
            ? [.. DecideThere(its, command, now).Select(e => e is FederationEvent own ? own with { Federation = id } : e)]
            : DecideThere(its, command, now);

    /// <summary>The journal as told from the federation that a command is about: the one that it names, the one in which its site is, or the only one that runs.</summary>
    public static Federation About(Federation federation, IFederationCommand command) =>
        (command switch
        {
            RecordInitialization c => c.Federation,
            RecordRound c => c.Round.Id.Federation,
            RecordEvaluation c => c.Federation,
            TryAgain c => c.Round.Federation,
            Abandon c => c.Federation,
            Pause c => c.Federation,
            Continue c => c.Federation,
            Stop c => c.Federation ?? (federation.Running.ToArray() is [var only] ? only.Plan!.Id : null),
            IRosterCommand c => c.Federation ?? federation.Home(c.Site).Plan?.Id,
            _ => null,
        }) is { } id && federation.Named(id) is { } its && (!its.HasEnded || command is IRosterCommand) ? federation.About(id)! : federation;

    private static ImmutableArray<IFederationEvent> DecideThere(Federation federation, IFederationCommand command, DateTimeOffset now) =>
        (federation.Phase, command) switch
        {
            (_, TakeOver c) when c.Epoch > federation.Epoch => [new TakenOver(c.Epoch, c.Node, now)],
            (_, Submit c) when federation.Named(c.Plan.Id) is null && federation.InQueue(c.Plan.Id) is null && Refusal(federation, c.Plan) is null =>
                [QueueRules.Enter(federation, c.Plan, now)],
            (_, Begin c) when federation.Next is { } next && next.Plan.Id == c.Federation => [QueueRules.Begin(federation, next, now)],
            (_, Cancel c) when federation.InQueue(c.Federation) is not null => [new QueueCancelled(c.Federation, c.Cause, now)],
            (FederationPhase.Initializing, RecordInitialization c) when IsMeant(federation, c.Federation) => [new Initialized(c.GlobalModel, c.Adapter, now)],
            (FederationPhase.Running, RecordRound { Round: { Phase: Phase.Committed } round }) when round.Id == federation.OpenRound =>
                [new RoundCommitted(round.Id.Number, round.Aggregate!.Value, round.GlobalModel!.Value, round.Adapter!.Value, now) { Samples = federation.Roster.News(round) }],
            (FederationPhase.Running, RecordRound { Round: { Phase: Phase.Failed } round }) when round.Id == federation.OpenRound && !MayRetry(federation) =>
                [new FederationFailed($"Round {round.Id.Number} failed: {round.Cause}", now)],
            (FederationPhase.Evaluating, RecordEvaluation c) when IsMeant(federation, c.Federation) => [new Evaluated(c.Evaluation, now)],
            (FederationPhase.Running, TryAgain c) when c.Round == federation.OpenRound && c.Retry == federation.Resumed + 1 && MayRetry(federation) =>
                [new FederationResumed(c.Round.Federation, now)],
            (not FederationPhase.Idle, Abandon c) when !federation.HasEnded && IsMeant(federation, c.Federation) => [new FederationFailed(c.Cause, now)],
            (not FederationPhase.Idle, Stop c) when !federation.HasEnded && IsMeant(federation, c.Federation) && Refusal(federation, c) is null =>
                [new FederationStopped(c.Cause, now)],
            (_, Resume c) when federation.Named(c.Federation) is { HasEnded: true } && Refusal(federation, c) is null => [new FederationResumed(c.Federation, now)],
            (_, Pause c) when !federation.Paused && IsMeant(federation, c.Federation) && PauseRefusal(federation, c.Federation) is null => [new FederationPaused(now)],
            (_, Continue c) when federation.Paused && IsMeant(federation, c.Federation) => [new FederationContinued(now)],
            (_, Remove c) when Refusal(federation, c) is null && !federation.Named(c.Federation)!.Removed => [new FederationRemoved(c.Federation, now)],
            (_, IRosterCommand c) => RosterRules.Decide(federation, c, now),
            _ => [],
        };

    /// <summary>Why this plan is neither followed nor queued; null when it is, or was before.</summary>
    public static string? Refusal(Federation federation, FederationPlan plan) => federation.Named(plan.Id) switch
    {
        { } known => known.Plan!.SaysTheSameAs(plan) ? null : $"Federation {plan.Id} was submitted before with another plan. Give this one another name.",
        // What it starts from may come by its turn.
        null when federation.InQueue(plan.Id) is null && QueueRules.StartOf(plan) is { } start && federation.InQueue(start) is null
            && federation.Named(start) is not { HasEnded: false } && NoStart(plan.StartFrom, federation.Named(start)) is { } none => none,
        null => QueueRules.Refusal(federation, plan),
    };

    /// <summary>Why a federation cannot be resumed; null when it can, or runs already.</summary>
    public static string? Refusal(Federation federation, Resume resume) => federation.Named(resume.Federation) switch
    {
        null when federation.InQueue(resume.Federation) is not null => $"Federation {resume.Federation} is queued; it begins by itself.",
        null => $"There is no federation {resume.Federation} here.",
        { HasEnded: false } => null,
        { NeverBegan: true, Cause: var cause } => $"Federation {resume.Federation} never began: {cause}. Submitted again under another name it can.",
        { GlobalModel: null, Plan: { StartFrom.Length: > 0, StartsFromFolder: false } plan }
            when NoStart(plan.StartFrom, federation.Named(new FederationId(plan.StartFrom))) is { } gone => gone,
        { Plan: { } its } when QueueRules.Hindrance(federation, its) is { } waits => waits,
        { Phase: FederationPhase.Completed } => $"Federation {resume.Federation} is complete; there is nothing to resume.",
        { Removed: true } => $"Federation {resume.Federation} was removed; its weights are gone.",
        { Phase: FederationPhase.Stopped } =>
            $"Federation {resume.Federation} was stopped, and the updates of its open round are gone. A new one goes on from its model with start-from = {resume.Federation}.",
        _ => null,
    };

    /// <summary>Why nothing is stopped, where several run and none is named; else null.</summary>
    public static string? Refusal(Federation federation, Stop stop) => stop.Federation is null && federation.Running.Skip(1).Any()
        ? $"Federations {QueueRules.Names(federation.Running)} run. Say which one is to be stopped."
        : null;

    /// <summary>Why no round of a federation is paused or goes on after a pause; null when it is, or was before.</summary>
    public static string? PauseRefusal(Federation federation, FederationId id) => federation.Named(id) switch
    {
        null when federation.InQueue(id) is not null => $"Federation {id} is queued and has no rounds yet. 'federation cancel' takes it from the queue.",
        null => $"There is no federation {id} here. 'federation list' tells which there are.",
        { HasEnded: true } its => $"Federation {id} is {its.Phase}; it has no more rounds.",
        { Phase: FederationPhase.Evaluating } => $"All rounds of federation {id} are over; its finished model is measured.",
        _ => null,
    };

    /// <summary>Why a federation cannot be removed; null when it can, or was before.</summary>
    public static string? Refusal(Federation federation, Remove remove) => federation.Named(remove.Federation) switch
    {
        _ when QueueRules.Refusal(federation, remove) is { } waits => waits,
        null => $"There is no federation {remove.Federation} here.",
        { HasEnded: false } its => $"Federation {remove.Federation} is still {its.Phase}. Stop it first.",
        _ when federation.Running.FirstOrDefault(f => f.Phase is FederationPhase.Initializing && f.Plan!.StartFrom == remove.Federation.Value)?.Plan is { } starting =>
            $"Federation {starting.Id} is about to start from the model of {remove.Federation}. Wait until its first round is open.",
        _ => null,
    };

    /// <summary>The federation after an event. Total and clock-free.</summary>
    public static Federation Apply(Federation federation, IFederationEvent e) => e switch
    {
        Queued q => QueueRules.Append(federation, q),
        QueueCancelled c => QueueRules.Leave(federation, c.Federation, FederationPhase.Stopped, c.Cause, c.At),
        QueueFailed f => QueueRules.Leave(federation, f.Federation, FederationPhase.Failed, f.Cause, f.At),
        FederationEvent { Federation: { } id } when id != federation.Plan?.Id =>
            federation with { Earlier = [.. federation.Earlier.Select(f => f.Plan!.Id == id ? ApplyThere(f, e) : f)] },
        _ => ApplyThere(federation, e),
    };

    private static Federation ApplyThere(Federation federation, IFederationEvent e) => e switch
    {
        TakenOver or FederationRemoved or FederationPaused or FederationContinued or IRosterEvent => Changed(federation, e),
        _ => Changed(federation, e) with { Since = e.At },
    };

    private static Federation Changed(Federation federation, IFederationEvent e) => e switch
    {
        TakenOver t => federation with
        {
            Epoch = t.Epoch,
            Coordinator = t.Node,
            Earlier = federation.Earlier.Any(f => !f.HasEnded)
                ? [.. federation.Earlier.Select(f => f.HasEnded ? f : f with { Epoch = t.Epoch, Coordinator = t.Node })]
                : federation.Earlier,
        },
        Submitted s => new Federation
        {
            Parallel = federation.Parallel,
            Epoch = federation.Epoch,
            Coordinator = federation.Coordinator,
            Phase = FederationPhase.Initializing,
            Plan = s.Plan,
            Roster = Roster.Of(s.Plan.Clients),
            Earlier = Earlier(federation),
            Queue = QueueRules.Without(federation, s.Plan.Id),
        },
        Initialized i => federation with { Phase = FederationPhase.Running, GlobalModel = i.GlobalModel, Adapter = i.Adapter, Resumed = 0 },
        RoundCommitted r => federation with
        {
            Phase = r.Number >= federation.Plan!.Rounds ? FederationPhase.Evaluating : FederationPhase.Running,
            Paused = federation.Paused && r.Number < federation.Plan.Rounds,
            CommittedRounds = r.Number,
            Before = [.. federation.Results],
            Aggregate = r.Aggregate,
            GlobalModel = r.GlobalModel,
            Adapter = r.Adapter,
            Roster = federation.Roster.After(r.Samples),
            Resumed = 0,
        },
        FederationPaused or FederationContinued => federation with { Paused = e is FederationPaused },
        IRosterEvent r => federation with { Roster = federation.Roster.After(r) },
        Evaluated v => federation with { Phase = FederationPhase.Completed, Evaluation = v.Evaluation, EndedLately = true },
        FederationFailed f => federation with { Phase = FederationPhase.Failed, Cause = f.Cause, Paused = false, EndedLately = true },
        FederationStopped s => federation with { Phase = FederationPhase.Stopped, Cause = s.Cause, Paused = false, EndedLately = true },
        FederationResumed r when r.Federation == federation.Plan?.Id => Resumed(federation) with { Earlier = Past(federation.Earlier) },
        FederationResumed r => Resumed(federation.Named(r.Federation)!) with
        {
            Parallel = federation.Parallel,
            Epoch = federation.Epoch,
            Coordinator = federation.Coordinator,
            Earlier = Earlier(federation).RemoveAll(f => f.Plan!.Id == r.Federation),
            Queue = federation.Queue,
        },
        FederationRemoved r when r.Federation == federation.Plan?.Id => federation with { Removed = true },
        FederationRemoved r => federation with { Earlier = [.. federation.Earlier.Select(f => f.Plan!.Id == r.Federation ? f with { Removed = true } : f)] },
        _ => throw new ArgumentOutOfRangeException(nameof(e), e, "An event of another journal."),
    };

    // What is said of no federation by name is said of the only one.
    private static bool IsMeant(Federation federation, FederationId? named) => named is null || named == federation.Plan?.Id;

    private static bool MayRetry(Federation federation) => federation.Resumed < federation.Plan!.Retries;

    /// <summary>Why nothing can start from the federation of this name; null when it can.</summary>
    internal static string? NoStart(string name, Federation? start) => start switch
    {
        null => $"start-from is {name}, and there is no federation of that name here. 'federation list' tells which there are.",
        { Removed: true } => $"start-from is {name}, which was removed; its weights are gone.",
        { GlobalModel: null } => $"start-from is {name}, which ended before it had a model.",
        _ => null,
    };

    private static ImmutableArray<Federation> Earlier(Federation federation) =>
        federation.Plan is null ? [] : Past(federation.Earlier.Add(federation with { Earlier = [], Queue = [] }));

    // What had ended before another began has been ended to the last.
    private static ImmutableArray<Federation> Past(ImmutableArray<Federation> earlier) =>
        earlier.Any(f => f.EndedLately) ? [.. earlier.Select(f => f.EndedLately ? f with { EndedLately = false } : f)] : earlier;

    // Where it failed is where it goes on.
    private static Federation Resumed(Federation federation) => federation with
    {
        Phase = federation.GlobalModel is null ? FederationPhase.Initializing
            : federation.CommittedRounds < federation.Plan!.Rounds ? FederationPhase.Running : FederationPhase.Evaluating,
        Cause = "",
        EndedLately = false,
        Resumed = federation.Resumed + 1,
    };
}
