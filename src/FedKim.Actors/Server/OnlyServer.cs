using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace FedKim.Actors.Server;

/// <summary>
/// Watches that the only server of a federation is the only one of its cluster: what it holds, another with a journal of its own could not take
/// over. The one that came later goes; who was here goes on. A server that was killed and comes back elsewhere meets its own shadow for a while.
/// </summary>
public sealed class OnlyServer : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Shadow = TimeSpan.FromSeconds(15);

    private readonly Cluster _cluster = Cluster.Get(Context.System);

    /// <param name="second">Told on the one that came later that there is another, and where.</param>
    public OnlyServer(Action<Address> second)
    {
        Receive<ClusterEvent.MemberJoined>(joined => Meet(joined.Member));
        Receive<ClusterEvent.MemberUp>(up => Meet(up.Member));
        Receive<ClusterEvent.IMemberEvent>(_ => { });
        Receive<Again>(again =>
        {
            if (Find(again.Address) is { } other && other.IsOlderThan(_cluster.SelfMember))
                second(other.Address);
        });

        void Meet(Member member)
        {
            if (!member.HasRole("server") || member.Address == _cluster.SelfAddress)
                return;
            if (member.IsOlderThan(_cluster.SelfMember))
                Timers.StartSingleTimer(member.Address, new Again(member.Address), Shadow);
            else
                Context.GetLogger().Warning("{Server} is a second server of this cluster. This one works with fedkim.cluster.servers = 1 and goes on; that one has to go", member.Address);
        }
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private Member? Find(Address address) =>
        _cluster.State.Members.Except(_cluster.State.Unreachable).FirstOrDefault(m => m.Address == address);

    private sealed record Again(Address Address);
}
