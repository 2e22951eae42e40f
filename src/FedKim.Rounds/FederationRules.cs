using System.Collections.Immutable;
using static FedKim.Rounds.FederationCommands;
using static FedKim.Rounds.FederationEvents;

namespace FedKim.Rounds;

/// <summary>The life of a federation: Idle → Initializing → Running (rounds one after another) → Evaluating → Completed, or Failed.</summary>
public static class FederationRules
{
    /// <summary>The events that <paramref name="command"/> causes; none if it changes nothing.</summary>
    public static ImmutableArray<IFederationEvent> Decide(Federation federation, IFederationCommand command, DateTimeOffset now) =>
        (federation.Phase, command) switch
        {
            (_, TakeOver c) when c.Epoch > federation.Epoch => [new TakenOver(c.Epoch, c.Node, now)],
            (FederationPhase.Idle, Submit c) => [new Submitted(c.Plan, now)],
            (_, Submit c) when federation.HasEnded && federation.Named(c.Plan.Id) is null => [new Submitted(c.Plan, now)],
            (FederationPhase.Initializing, RecordInitialization c) => [new Initialized(c.GlobalModel, c.Adapter, now)],
            (FederationPhase.Running, RecordRound { Round: { Phase: Phase.Committed } round }) when round.Id == federation.OpenRound =>
                [new RoundCommitted(round.Id.Number, round.Aggregate!.Value, round.GlobalModel!.Value, round.Adapter!.Value, now)],
            (FederationPhase.Running, RecordRound { Round: { Phase: Phase.Failed } round }) when round.Id == federation.OpenRound =>
                [new FederationFailed($"Round {round.Id.Number} failed: {round.Cause}", now)],
            (FederationPhase.Evaluating, RecordEvaluation c) => [new Evaluated(c.Evaluation, now)],
            (not FederationPhase.Idle, Abandon c) when !federation.HasEnded => [new FederationFailed(c.Cause, now)],
            _ => [],
        };

    /// <summary>Why this plan is not followed; null when it is, or was before.</summary>
    public static string? Refusal(Federation federation, FederationPlan plan) => federation.Named(plan.Id) switch
    {
        { } known => known.Plan!.SaysTheSameAs(plan) ? null : $"Federation {plan.Id} was submitted before with another plan. Give this one another name.",
        null when federation.Plan is null || federation.HasEnded => null,
        null => $"Federation {federation.Plan.Id} is still {federation.Phase}. Wait for its end or stop it first.",
    };

    /// <summary>The federation after an event. Total and clock-free.</summary>
    public static Federation Apply(Federation federation, IFederationEvent e) => e switch
    {
        TakenOver t => federation with { Epoch = t.Epoch, Coordinator = t.Node },
        Submitted s => new Federation
        {
            Epoch = federation.Epoch,
            Coordinator = federation.Coordinator,
            Phase = FederationPhase.Initializing,
            Plan = s.Plan,
            Earlier = federation.Plan is null ? [] : federation.Earlier.Add(federation with { Earlier = [] }),
        },
        Initialized i => federation with { Phase = FederationPhase.Running, GlobalModel = i.GlobalModel, Adapter = i.Adapter },
        RoundCommitted r => federation with
        {
            Phase = r.Number >= federation.Plan!.Rounds ? FederationPhase.Evaluating : FederationPhase.Running,
            CommittedRounds = r.Number,
            Aggregate = r.Aggregate,
            GlobalModel = r.GlobalModel,
            Adapter = r.Adapter,
        },
        Evaluated v => federation with { Phase = FederationPhase.Completed, Evaluation = v.Evaluation },
        FederationFailed f => federation with { Phase = FederationPhase.Failed, Cause = f.Cause },
        _ => throw new ArgumentOutOfRangeException(nameof(e), e, "An event of another journal."),
    };
}
