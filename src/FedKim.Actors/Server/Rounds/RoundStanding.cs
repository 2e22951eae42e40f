using Akka.Actor;
using Akka.Event;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>What a round waits for: shown to those who ask, and once in the log.</summary>
/// <param name="round">The round.</param>
/// <param name="federation">Its federation's actor, who tells those who ask.</param>
/// <param name="log">The coordinator's log.</param>
internal sealed class RoundStanding(RoundId round, IActorRef federation, ILoggingAdapter log)
{
    private string _waiting = "";

    /// <summary>Shows what it waits for now; nothing where it does not, or is over.</summary>
    public void Show(string waiting, bool isOver)
    {
        if (waiting == _waiting)
            return;
        if (waiting.Length > 0)
            log.Warning("Round {Round} {Waiting}", round, waiting);
        else if (!isOver)
            log.Info("Round {Round} waits no longer", round);
        _waiting = waiting;
        federation.Tell(new FederationActor.Waits(round, waiting));
    }
}
