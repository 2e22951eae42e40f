using Akka.Actor;
using Akka.Cluster;
using FedKim.Actors.Links;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Server;

/// <summary>
/// Carries a coordinator's word to the nodes' <see cref="WeightKeeper"/>s: to its own that it leads, to all others what it lacks. It goes by
/// who is a member or connected to one, not by who has said hello: other servers say none, and right after a take-over nobody has yet.
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
            foreach (var member in cluster.State.Members)
            {
                var root = new RootActorPath(member.Address) / "user";
                if (member.UniqueAddress != cluster.SelfUniqueAddress)
                    Context.ActorSelection(root / WeightKeeper.Name).Tell(wanted);
                // Sites that are in no cluster are reached by whatever server they are connected to.
                if (member.HasRole("server"))
                    Context.ActorSelection(root / Gates.Name).Tell(wanted);
            }
        }
    }
}
