using System.Collections.Immutable;
using static FedKim.Rounds.FederationCommands;
using static FedKim.Rounds.FederationEvents;

namespace FedKim.Rounds;

/// <summary>
/// The queue of federations: one runs at a time, the others wait in the order in which they were submitted. Whenever the one that ran has ended
/// the first of them begins, or ends without having begun where what it starts from is not there.
/// </summary>
public static class QueueRules
{
    /// <summary>How many may wait: all of them are read whenever the journal is.</summary>
    public const int Most = 100;

    /// <summary>What becomes of a plan that nothing speaks against: it begins, or waits for those before it.</summary>
    internal static IFederationEvent Enter(Federation federation, FederationPlan plan, DateTimeOffset now) =>
        federation.IsFree && federation.Queue.IsEmpty ? new Submitted(plan, now) : new Queued(plan, now);

    /// <summary>What becomes of the first in the queue when its turn has come.</summary>
    internal static IFederationEvent Begin(Federation federation, QueuedFederation next, DateTimeOffset now) =>
        Hindrance(federation, next) is { } cause ? new QueueFailed(next.Plan.Id, cause, now) : new Submitted(next.Plan, now);

    /// <summary>Why a plan cannot wait; null when it can, or does already.</summary>
    internal static string? Refusal(Federation federation, FederationPlan plan) => federation.InQueue(plan.Id) switch
    {
        { } waits => waits.Plan.SaysTheSameAs(plan) ? null : $"Federation {plan.Id} is queued with another plan. Give this one another name, or cancel that one.",
        null when federation.Queue.Length >= Most =>
            $"{Most} federations are queued, which is the most. Submit it again when one of them has begun, or cancel one.",
        null => null,
    };

    /// <summary>Why a federation cannot be taken from the queue; null when it can, or was before.</summary>
    public static string? Refusal(Federation federation, Cancel cancel) => federation.Named(cancel.Federation) switch
    {
        _ when federation.InQueue(cancel.Federation) is not null => null,
        null => $"There is no federation {cancel.Federation} in the queue. 'federation queue' tells which there are.",
        { Phase: FederationPhase.Stopped } => null,
        { HasEnded: false } its => $"Federation {cancel.Federation} runs already, it is {its.Phase}. 'federation stop' ends it.",
        var its => $"Federation {cancel.Federation} is {its.Phase} already; there is nothing to cancel.",
    };

    /// <summary>Why the weights of a federation, which wait to be gone on from, cannot be given back; null when none wait.</summary>
    internal static string? Refusal(Federation federation, Remove remove) =>
        federation.InQueue(remove.Federation) is not null ? $"Federation {remove.Federation} is queued and has no weights. Cancel it, if that is meant."
        : federation.Queue.FirstOrDefault(q => q.Plan.StartFrom == remove.Federation.Value) is { Plan.Id: var waits }
            ? $"Federation {waits}, which is queued, starts from the model of {remove.Federation}. Cancel it first, or wait until its first round is open."
            : null;

    /// <summary>The federation after one left the queue without having begun. Its name is taken, as that of every other.</summary>
    internal static Federation Leave(Federation federation, FederationId id, FederationPhase phase, string cause, DateTimeOffset at) =>
        federation.InQueue(id) is not { } left ? federation : federation with
        {
            Queue = Without(federation, id),
            Earlier = federation.Earlier.Add(new Federation
            {
                Plan = left.Plan,
                Roster = Roster.Of(left.Plan.Clients),
                Phase = phase,
                Cause = cause,
                Since = at,
                NeverBegan = true,
            }),
        };

    /// <summary>The federation with one more that waits.</summary>
    internal static Federation Append(Federation federation, Queued queued) => federation with
    {
        Queue = federation.Queue.Add(new QueuedFederation(
            queued.Plan, queued.At, StartOf(queued.Plan) is { } start && federation.Named(start) is not { HasEnded: true })),
    };

    /// <summary>The queue without one.</summary>
    internal static ImmutableArray<QueuedFederation> Without(Federation federation, FederationId id) => federation.Queue.RemoveAll(q => q.Plan.Id == id);

    /// <summary>The federation that a plan starts from; null where it starts from none.</summary>
    internal static FederationId? StartOf(FederationPlan plan) =>
        plan.StartFrom.Length > 0 && !plan.StartsFromFolder ? new FederationId(plan.StartFrom) : null;

    private static string? Hindrance(Federation federation, QueuedFederation next) => StartOf(next.Plan) is not { } start ? null : federation.Named(start) switch
    {
        { Removed: false, Phase: not FederationPhase.Completed } its when next.AwaitsStart =>
            $"start-from is {start}, whose finished model was awaited, and which is {its.Phase}: {its.Cause}",
        var its => FederationRules.NoStart(next.Plan.StartFrom, its),
    };
}
