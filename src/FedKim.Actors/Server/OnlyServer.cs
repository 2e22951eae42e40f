using Akka.Actor;
using Akka.Cluster;

namespace FedKim.Actors;

/// <summary>Watches that no second server comes: what one holds in memory alone, another could not take over.</summary>
public sealed class OnlyServer : ReceiveActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);

    /// <param name="second">Told the address of a second server, once for each.</param>
    public OnlyServer(Action<Address> second)
    {
        Receive<ClusterEvent.MemberJoined>(joined => Meet(joined.Member));
        Receive<ClusterEvent.MemberUp>(up => Meet(up.Member));
        Receive<ClusterEvent.IMemberEvent>(_ => { });

        void Meet(Member member)
        {
            if (member.HasRole("server") && member.Address != _cluster.SelfAddress)
                second(member.Address);
        }
    }

    /// <inheritdoc/>
    protected override void PreStart() => _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);
}
