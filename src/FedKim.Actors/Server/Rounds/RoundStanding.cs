using Akka.Actor;
using Akka.Event;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>What a round waits for: shown to those who ask, and in the log, each minute anew as long as it does.</summary>
/// <param name="round">The round.</param>
/// <param name="federation">Its federation's actor, who tells those who ask.</param>
/// <param name="clock">The only source of time.</param>
/// <param name="log">The coordinator's log.</param>
internal sealed class RoundStanding(RoundId round, IActorRef federation, TimeProvider clock, ILoggingAdapter log)
{
    private static readonly TimeSpan SayAgain = TimeSpan.FromMinutes(1);

    private string _waiting = "";
    private long _since, _said;

    /// <summary>Shows what it waits for now; nothing where it does not, or is over.</summary>
    public void Show(string waiting, bool isOver)
    {
        if (waiting == _waiting)
        {
            Remind();
            return;
        }

        if (waiting.Length > 0)
            log.Warning("Round {Round} {Waiting}", round, waiting);
        else if (!isOver)
            log.Info("Round {Round} waits no longer", round);
        _said = clock.GetTimestamp();
        if (_waiting.Length == 0)
            _since = _said;
        _waiting = waiting;
        federation.Tell(new FederationActor.Waits(round, waiting));
    }

    private void Remind()
    {
        if (_waiting.Length == 0 || clock.GetElapsedTime(_said) < SayAgain)
            return;
        _said = clock.GetTimestamp();
        log.Warning("Round {Round} still, after {Minutes} min, {Waiting}", round, (int)clock.GetElapsedTime(_since).TotalMinutes, _waiting);
    }
}
