using Akka.Actor;
using FedKim.Rounds;

namespace FedKim.Actors.Server.Rounds;

/// <summary>The coordinators of rounds under way, each a child of the federation's actor, which watches it.</summary>
internal sealed class RoundCoordinators(ServerContext server, IActorContext context)
{
    private readonly Dictionary<IActorRef, RoundId> _rounds = [];

    /// <summary>The coordinator of a round; null when it has none now.</summary>
    public IActorRef? Of(RoundId round) => _rounds.FirstOrDefault(c => c.Value == round).Key;

    /// <summary>Starts the coordinator of a federation's round if there is none. That of one that has ended is to give the round up.</summary>
    public void Start(RoundId round, Federation federation)
    {
        var coordinator = Of(round);
        if (coordinator is null)
        {
            int attempt = round == federation.OpenRound ? federation.Resumed : 0;
            coordinator = context.ActorOf(Props.Create(() => new RoundCoordinator(round, federation, attempt, server)));
            _rounds[context.Watch(coordinator)] = round;
        }

        if (federation.HasEnded)
            coordinator.Tell(new RoundCommands.Abandon(federation.Cause));
    }

    /// <summary>The round whose coordinator this was that has stopped; null when it was none.</summary>
    public RoundId? Ended(IActorRef stopped) => _rounds.Remove(stopped, out var round) ? round : null;

    /// <summary>All are told.</summary>
    public void Tell(object message)
    {
        foreach (var coordinator in _rounds.Keys)
            coordinator.Tell(message);
    }
}
