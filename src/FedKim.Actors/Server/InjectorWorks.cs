using Akka.Actor;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>The <see cref="InjectorWork"/> of each federation that runs, a child of the federations' actor.</summary>
internal sealed class InjectorWorks(ServerContext server, IActorContext context)
{
    private readonly Dictionary<FederationId, IActorRef> _works = [];

    /// <summary>It hears of every state of its federation, and ends with it.</summary>
    public void Follow(Federation federation)
    {
        var id = federation.Plan!.Id;
        if (_works.TryGetValue(id, out var work))
            work.Tell(federation);
        else
            _works[id] = context.ActorOf(Props.Create(() => new InjectorWork(server, federation)));
        if (federation.HasEnded)
            _works.Remove(id);
    }

    /// <summary>What an injector said of a federation.</summary>
    public void Tell(FederationId federation, object said) => _works.GetValueOrDefault(federation)?.Tell(said);

    /// <summary>All are told.</summary>
    public void Tell(object message)
    {
        foreach (var work in _works.Values)
            work.Tell(message);
    }
}
