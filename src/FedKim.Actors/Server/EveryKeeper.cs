using Akka.Actor;
using Akka.Cluster;
using FedKim.Protocol;

namespace FedKim.Actors;

/// <summary>
/// Passes on to the <see cref="WeightKeeper"/> of every other node what this server lacks. By membership, not by who said hello: other
/// servers say none, and right after a take-over nobody has yet.
/// </summary>
public sealed class EveryKeeper : ReceiveActor
{
    public EveryKeeper()
    {
        var cluster = Cluster.Get(Context.System);
        Receive<WeightMessages.Wanted>(wanted =>
        {
            foreach (var member in cluster.State.Members.Where(member => member.UniqueAddress != cluster.SelfUniqueAddress))
                Context.ActorSelection(new RootActorPath(member.Address) / "user" / WeightKeeper.Name).Tell(wanted);
        });
    }
}
