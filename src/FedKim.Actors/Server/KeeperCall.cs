using Akka.Actor;
using Akka.Cluster;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Server;

/// <summary>
/// Carries a coordinator's word to the nodes' <see cref="WeightKeeper"/>s: to its own that it leads, to all others what it lacks. It goes by
/// who is a member, not by who has said hello: other servers say none, and right after a take-over nobody has yet.
/// </summary>
public sealed class KeeperCall : ReceiveActor
{
    public KeeperCall()
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
