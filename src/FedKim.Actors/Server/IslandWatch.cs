using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using FedKim.Protocol;

namespace FedKim.Actors;

/// <summary>
/// Where there are several servers, watches for one that is alone in a cluster of its own: it started while it was cut off. The others hold
/// the lease, so it never coordinates, and never meets them again by itself; it leaves, to join theirs.
/// </summary>
public sealed class IslandWatch : ReceiveActor, IWithTimers
{
    private const int MostSilentLooks = 5;

    private readonly TimeSpan _lookEvery;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private int _silent;

    /// <param name="server">The way to the federation's actor, which answers wherever it runs in this cluster.</param>
    /// <param name="lookEvery">Pause between two looks; after five without an answer it leaves.</param>
    /// <param name="leave">Leaves the cluster and joins again.</param>
    public IslandWatch(IActorRef server, TimeSpan lookEvery, Action leave)
    {
        _lookEvery = lookEvery;
        Receive<Look>(_ =>
        {
            bool alone = _cluster.State.Members is [{ Status: MemberStatus.Up } only] && only.UniqueAddress == _cluster.SelfUniqueAddress;
            _silent = alone ? _silent + 1 : 0;
            if (_silent > MostSilentLooks)
            {
                Context.GetLogger().Warning("This server is alone in its cluster and may not coordinate: another holds the lease. It looks for the other servers");
                leave();
            }
            server.Tell(new FederationQueries.GetFederation());
        });
        Receive<FederationView>(_ => _silent = 0);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer("look", new Look(), _lookEvery);

    private sealed record Look;
}
