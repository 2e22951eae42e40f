using Akka.Actor;
using Akka.Cluster;
using FedKim.Protocol;

namespace FedKim.Actors;

/// <summary>
/// The way from a coordinator to the <see cref="WeightKeeper"/> of every node: to its own node's, that it leads; to the others', what it lacks. By membership, not by who said hello: other
/// servers say none, and right after a take-over nobody has yet.
/// </summary>
public sealed class EveryKeeper : ReceiveActor
{
    public EveryKeeper()
    {
        var cluster = Cluster.Get(Context.System);
        Receive<WeightKeeper.Lead>(m => Context.ActorSelection($"/user/{WeightKeeper.Name}").Tell(m));
        Receive<WeightMessages.Wanted>(PassOn);
        Receive<WeightMessages.UpdateWanted>(PassOn);

        void PassOn(IWireMessage wanted)
        {
            foreach (var member in cluster.State.Members.Where(member => member.UniqueAddress != cluster.SelfUniqueAddress))
                Context.ActorSelection(new RootActorPath(member.Address) / "user" / WeightKeeper.Name).Tell(wanted);
        }
    }
}
