using System.Globalization;
using Akka.Event;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>A round's story as it happens, for those who read the server's log.</summary>
internal static class RoundNews
{
    /// <summary>Says what happened, as it stands in the round's journal.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="round">The round after it.</param>
    /// <param name="log">The server's log.</param>
    public static void Tell(IRoundEvent e, Round round, ILoggingAdapter log)
    {
        string words = RoundStory.Words(round, e);
        if (e is RoundEvents.Committed && round.Began.TryGetValue(Phase.Opened, out var opened))
            words += string.Create(CultureInfo.InvariantCulture, $" It took {(e.At - opened).TotalSeconds:0.0} s; model {round.GlobalModel?.Short}, adapters {round.Adapter?.Short}.");
        if (e is RoundEvents.ClientDropped or RoundEvents.InjectionFailed or RoundEvents.Failed)
            log.Warning("Round {Round}: {What}", round.Id, words);
        else
            log.Info("Round {Round}: {What}", round.Id, words);
    }
}
