using Akka.Event;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>What a federation's events say to those who read the server's log.</summary>
internal static class FederationNews
{
    /// <summary>Says it.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="federation">The federation after it.</param>
    /// <param name="log">The server's log.</param>
    public static void Tell(IFederationEvent e, Federation federation, ILoggingAdapter log)
    {
        if (e is IRosterEvent roster)
            log.Info("Federation {Federation}: {Site} {What}", federation.Plan!.Id, roster.Site, Words(roster, federation));
        else if (e is FederationEvents.Submitted { Plan.Anyone: { } anyone } open)
            log.Info("Federation {Federation} begins: {Rounds} rounds of {Least} to {Most} sites, whoever comes; the quorum is {Quorum}", open.Plan.Id, open.Plan.Rounds, anyone.Least, anyone.Most, open.Plan.Quorum);
        else if (e is FederationEvents.Submitted { Plan: { } plan })
            log.Info("Federation {Federation} begins: {Rounds} rounds of {Sites} sites, the quorum is {Quorum}", plan.Id, plan.Rounds, plan.Clients.Length, plan.Quorum);
        else if (e is FederationEvents.Queued { Plan: var queued })
            log.Info("Federation {Federation} is queued, place {Place}", queued.Id, federation.Queue.Length);
        else if (e is FederationEvents.QueueCancelled cancelled)
            log.Info("Federation {Federation} was taken from the queue: {Cause}", cancelled.Federation, cancelled.Cause);
        else if (e is FederationEvents.QueueFailed failed)
            log.Warning("Federation {Federation} cannot begin: {Cause}", failed.Federation, failed.Cause);
        else if (e is FederationEvents.Initialized first)
            log.Info("Federation {Federation}: the first model is {Model}", federation.Plan!.Id, first.GlobalModel.Short);
        else if (federation.Phase == FederationPhase.Evaluating && e is FederationEvents.RoundCommitted)
            log.Info("Federation {Federation}: all rounds are committed, the finished model is measured", federation.Plan!.Id);
    }

    /// <summary>How a federation ended, to go on after its name.</summary>
    public static string Outcome(Federation federation) => federation.Cause.Length > 0
        ? $"is {federation.Phase}: {federation.Cause}"
        : $"is {federation.Phase} after {federation.CommittedRounds} rounds, model {federation.GlobalModel?.Short}, adapters {federation.Adapter?.Short}";

    /// <summary>How a round ended, to go on after its name.</summary>
    public static string Outcome(Round round) => round.Phase == Phase.Failed
        ? $"failed: {round.Cause}"
        : $"was {RoundResult.Line(round)}; model {round.GlobalModel?.Short}";

    private static string Words(IRosterEvent e, Federation federation) => e switch
    {
        RosterEvents.SiteJoined => $"joins, the {federation.Roster.Count}. that takes part",
        RosterEvents.SiteDrained => "is drained by an operator: the round it works on is its last",
        RosterEvents.SiteReturned => "is resumed by an operator",
        _ => "is excluded by an operator: nothing more is taken of it",
    };
}
