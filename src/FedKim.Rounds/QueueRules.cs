using System.Collections.Immutable;
using static FedKim.Rounds.FederationCommands;
using static FedKim.Rounds.FederationEvents;

namespace FedKim.Rounds;

/// <summary>
/// The queue of federations. As many run at once as the servers allow, and never two that share a site or an injector; the others wait in the order in
/// which they were submitted. Whoever waits keeps its place: one that came later and shares something with it does not begin before it, and of
/// those that can begin the first in the queue does. So each waits for those alone that ran or waited when it came, and nobody for ever. One whose start
/// is not there by its turn ends without having begun.
/// </summary>
public static class QueueRules
{
    /// <summary>How many may wait: all of them are read whenever the journal is.</summary>
    public const int Most = 100;

    /// <summary>Whether two federations cannot run at once: a site, or the injector, would have to be in both.</summary>
    public static bool Share(FederationPlan one, FederationPlan other) =>
        one.Anyone is not null || other.Anyone is not null || one.Clients.Intersect(other.Clients).Any()
        // Whoever names no injector takes the only one.
        || one.Injector.Length == 0 || other.Injector.Length == 0 || one.Injector == other.Injector;

    /// <summary>Those that can begin now, in the order in which they do.</summary>
    public static IEnumerable<QueuedFederation> Ready(Federation federation) => Ready(federation, federation.Queue);

    /// <summary>What becomes of a plan that nothing speaks against: it begins, or waits for those before it.</summary>
    internal static IFederationEvent Enter(Federation federation, FederationPlan plan, DateTimeOffset now) =>
        Ready(federation, federation.Queue.Add(Waiting(federation, plan, now))).Any(q => q.Plan.Id == plan.Id) ? new Submitted(plan, now) : new Queued(plan, now);

    /// <summary>What becomes of the next in the queue when its turn has come.</summary>
    internal static IFederationEvent Begin(Federation federation, QueuedFederation next, DateTimeOffset now) =>
        Hindrance(federation, next) is { } cause ? new QueueFailed(next.Plan.Id, cause, now) : new Submitted(next.Plan, now);

    /// <summary>Whom one of the queue waits for, by their names; none where it begins.</summary>
    /// <param name="federation">The journal.</param>
    /// <param name="place">Its place, from 0.</param>
    public static IEnumerable<FederationId> Behind(Federation federation, int place)
    {
        var waits = federation.Queue[place].Plan;
        var before = federation.Queue.Take(place).Select(q => q.Plan).ToArray();
        FederationPlan[] runs = [.. federation.Running.Select(f => f.Plan!)];
        if (federation.Parallel == 1)
            return (before is [.., var last] ? [last] : runs).Select(p => p.Id);
        FederationPlan[] shares = [.. runs.Concat(before).Where(p => Share(p, waits) || StartOf(waits) == p.Id)];
        return (shares.Length > 0 || Ready(federation).Any(q => q.Plan.Id == waits.Id) ? shares : runs.Concat(before)).Select(p => p.Id);
    }

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

    /// <summary>Why a federation that has ended cannot run again now, beside those that do and before those that wait; null when it can.</summary>
    internal static string? Hindrance(Federation federation, FederationPlan resumed)
    {
        var start = StartOf(resumed);
        Federation[] runs = [.. federation.Running];
        if (runs.FirstOrDefault(f => federation.Parallel == 1 || Share(f.Plan!, resumed) || f.Plan!.Id == start) is { } shares)
            return $"Federation {shares.Plan!.Id} is still {shares.Phase}. Wait for its end or stop it first.";
        if (runs.Length >= federation.Parallel)
            return $"Federations {Names(runs)} run, and no more may at once. Wait for the end of one or stop it first.";
        return (federation.Next ?? federation.Queue.FirstOrDefault(q => Share(q.Plan, resumed))) is { } next
            ? $"Federation {next.Plan.Id} is next in the queue. Wait for its end, or cancel it and stop those before it first."
            : null;
    }

    /// <summary>Federations by their names.</summary>
    public static string Names(IEnumerable<Federation> federations) => string.Join(", ", federations.Select(f => f.Plan!.Id));

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
        Queue = federation.Queue.Add(Waiting(federation, queued.Plan, queued.At)),
    };

    /// <summary>The queue without one.</summary>
    internal static ImmutableArray<QueuedFederation> Without(Federation federation, FederationId id) => federation.Queue.RemoveAll(q => q.Plan.Id == id);

    /// <summary>The federation that a plan starts from; null where it starts from none.</summary>
    internal static FederationId? StartOf(FederationPlan plan) =>
        plan.StartFrom.Length > 0 && !plan.StartsFromFolder ? new FederationId(plan.StartFrom) : null;

    // Those who wait hold their sites and their injector against those behind them.
    private static IEnumerable<QueuedFederation> Ready(Federation federation, ImmutableArray<QueuedFederation> queue)
    {
        List<FederationPlan> taken = [.. federation.Running.Select(f => f.Plan!)];
        int free = federation.Parallel - taken.Count;
        foreach (var waits in queue)
        {
            if (free <= 0)
                yield break;
            if (!taken.Any(plan => Share(plan, waits.Plan) || plan.Id == StartOf(waits.Plan)))
            {
                free--;
                yield return waits;
            }
            taken.Add(waits.Plan);
        }
    }

    private static QueuedFederation Waiting(Federation federation, FederationPlan plan, DateTimeOffset at) =>
        new(plan, at, StartOf(plan) is { } start && federation.Named(start) is not { HasEnded: true });

    private static string? Hindrance(Federation federation, QueuedFederation next) => StartOf(next.Plan) is not { } start ? null : federation.Named(start) switch
    {
        { Removed: false, Phase: not FederationPhase.Completed } its when next.AwaitsStart =>
            $"start-from is {start}, whose finished model was awaited, and which is {its.Phase}: {its.Cause}",
        var its => FederationRules.NoStart(next.Plan.StartFrom, its),
    };
}
