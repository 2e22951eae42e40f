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
        if (e is FederationEvents.Submitted { Plan: { } plan })
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
}
