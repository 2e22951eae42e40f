using FedKim.Certificates;
using FedKim.Learning;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using static FedKim.Rounds.FederationCommands;

namespace FedKim.Actors.Server.Answers;

/// <summary>What an operator hears of an order, once what it caused is stored.</summary>
internal static class OrderAnswer
{
    /// <summary>What an operator's order asks of a federation; null where its plan cannot be read.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no order.</exception>
    public static IFederationCommand? Command(OperatorMessages.IChange order) => order switch
    {
        OperatorMessages.Submit m => m.ToPlan() is { } plan ? new Submit(plan) : null,
        OperatorMessages.Stop m => new Stop(m.Cause, Which(m.Federation)),
        OperatorMessages.Cancel m => new Cancel(m.Federation, m.Cause),
        OperatorMessages.Resume m => new Resume(m.Federation),
        OperatorMessages.Abort m => new Abandon(m.Cause, m.Federation),
        OperatorMessages.Pause m => new Pause(m.Federation),
        OperatorMessages.Continue m => new Continue(m.Federation),
        OperatorMessages.Remove m => new Remove(m.Federation),
        OperatorMessages.Drain m => new RosterCommands.Drain(m.Site, Which(m.Federation)),
        OperatorMessages.Return m => new RosterCommands.Return(m.Site, Which(m.Federation)),
        OperatorMessages.Exclude m => new RosterCommands.Exclude(m.Site, Which(m.Federation)),
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "No order of an operator."),
    };

    /// <summary>Why an order is not even looked at; null when it is.</summary>
    /// <param name="order">The order; null where its plan cannot be read.</param>
    /// <param name="node">The server that leads.</param>
    /// <param name="federation">The federation before the order.</param>
    public static IWireMessage? Refusal(IFederationCommand? order, string node, Federation federation) => order switch
    {
        null => new OperatorMessages.Refused("The plan cannot be read: another version made it. Submit it with the fedkim that the servers run."),
        IRosterCommand { Site.Value: { } site } when !PeerId.IsSite(site) => new OperatorMessages.Refused($"\"{Page.Brief(site)}\" is no site's name."),
        Stop stop when FederationRules.Refusal(federation, stop) is { } which => new OperatorMessages.Refused(which),
        Abandon { Federation: { } name } when federation.Named(name) is { HasEnded: false, OpenRound: null } its => new OperatorMessages.Refused(
            $"Federation {name} is {its.Phase} and has no open round. 'federation stop' gives all of it up."),
        Submit { Plan.Strategy: { } strategy } when Aggregation.Strategies.Find(strategy) is null => new OperatorMessages.Refused(
            $"Server {node} does not know the strategy {strategy}: name the package that adds it in fedkim.extensions of every server's file, and start the servers again."),
        Submit { Plan: { StartFrom.Length: > 0, StartsFromFolder: false } plan }
            when EarlierPlan(federation, new FederationId(plan.StartFrom)) is { } earlier
                && Continuation.Problem(plan.Learning, earlier.Learning, $"the plan of federation {earlier.Id}") is { } problem => new OperatorMessages.Refused(problem),
        _ => null,
    };

    /// <summary>The federation that the order was about, or why it was not followed.</summary>
    /// <param name="federation">The federation after the order.</param>
    /// <param name="order">The order.</param>
    /// <exception cref="ArgumentOutOfRangeException">No operator gives such an order.</exception>
    public static IWireMessage Of(Federation federation, IFederationCommand order) => order switch
    {
        Submit submit => Of(federation, submit.Plan.Id, FederationRules.Refusal(federation, submit.Plan)),
        Resume resume => Of(federation, resume.Federation, FederationRules.Refusal(federation, resume)),
        Remove remove => Of(federation, remove.Federation, FederationRules.Refusal(federation, remove)),
        IRosterCommand roster when RosterRules.Refusal(FederationRules.About(federation, roster), roster) is { } refusal => new OperatorMessages.Refused(refusal),
        IRosterCommand roster => View.Of(FederationRules.About(federation, roster)),
        Abandon { Federation: { } name } => federation.Named(name) switch
        {
            { Phase: FederationPhase.Failed } failed => View.Of(failed),
            { } ended => new OperatorMessages.Refused($"Federation {name} is {ended.Phase}; no round of it is open."),
            null => new OperatorMessages.Refused($"No federation {name} runs here. 'federation list' tells which there are."),
        },
        Pause pause => Of(federation, pause.Federation, FederationRules.PauseRefusal(federation, pause.Federation)),
        Continue go => Of(federation, go.Federation, FederationRules.PauseRefusal(federation, go.Federation)),
        Cancel cancel => Of(federation, cancel.Federation, QueueRules.Refusal(federation, cancel)),
        Stop stop => stop.Federation is { } name && federation.Plan?.Id != name ? OfAnother(federation, name) : federation switch
        {
            { Phase: FederationPhase.Stopped } => View.Of(federation),
            { Plan: { } plan } => new OperatorMessages.Refused($"Federation {plan.Id} is {federation.Phase} already; there is nothing to stop."),
            _ => new OperatorMessages.Refused("No federation was submitted yet; there is nothing to stop."),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "No order of an operator."),
    };

    private static FederationId? Which(string named) => named.Length == 0 ? null : new FederationId(named);

    private static IWireMessage Of(Federation federation, FederationId id, string? refusal) => refusal is { } no ? new OperatorMessages.Refused(no)
        : federation.Named(id) is { } named ? View.Of(named)
        : View.OfQueued(federation, id);

    // A stop that names another federation than the one that ran last: one that it has stopped before, or none that runs.
    private static IWireMessage OfAnother(Federation federation, FederationId id) => federation.Named(id) switch
    {
        { Phase: FederationPhase.Stopped } stopped => View.Of(stopped),
        { } ended => new OperatorMessages.Refused($"Federation {id} is {ended.Phase} already; there is nothing to stop."),
        null when federation.InQueue(id) is not null => new OperatorMessages.Refused($"Federation {id} is queued and does not run. 'federation cancel {id}' takes it from the queue."),
        null => new OperatorMessages.Refused($"There is no federation {id} here. 'federation list' tells which there are."),
    };

    private static FederationPlan? EarlierPlan(Federation federation, FederationId id) => federation.Named(id) switch
    {
        { Removed: true } => null,
        { } earlier => earlier.Plan,
        null => federation.InQueue(id)?.Plan,
    };
}
