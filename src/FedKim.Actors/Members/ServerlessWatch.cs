using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace FedKim.Actors.Members;

/// <summary>
/// Watches on a node that is no server that there is one in its cluster. When all have left in good order the others are in a cluster of their
/// own, which nothing would ever bring together with the one that the servers begin later: the node leaves, to join theirs.
/// </summary>
public sealed class ServerlessWatch : ReceiveActor, IWithTimers
{
    private const int MostLooks = 4;

    private readonly TimeSpan _lookEvery;
    private int _without;

    /// <param name="lookEvery">Pause between two looks; after four without a server it leaves.</param>
    /// <param name="leave">Leaves the cluster and joins again.</param>
    public ServerlessWatch(TimeSpan lookEvery, Action leave)
    {
        _lookEvery = lookEvery;
        var cluster = Cluster.Get(Context.System);
        Receive<Look>(_ =>
        {
            var members = cluster.State.Members;
            _without = members.IsEmpty || members.Any(Door.IsServer) ? 0 : _without + 1;
            if (_without < MostLooks)
                return;
            Context.GetLogger().Warning("There is no server left in this node's cluster; it looks for one, and goes on with its work meanwhile");
            leave();
            Context.Stop(Self);
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer("look", new Look(), _lookEvery);

    private sealed record Look;
}
