using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace FedKim.Actors.Members;

/// <summary>
/// Watches on a server that whoever holds the lease is in its cluster. Where another cluster's server holds it this one can coordinate nothing,
/// and the two never meet by themselves: this one leaves, to join the other.
/// </summary>
public sealed class IslandWatch : ReceiveActor, IWithTimers
{
    private const int MostLooks = 3;

    private readonly TimeSpan _lookEvery;
    private int _elsewhere;

    /// <param name="holder">The server that holds the lease, <c>host:port</c>; empty when none does.</param>
    /// <param name="lookEvery">Pause between two looks; after three that find the holder elsewhere it leaves.</param>
    /// <param name="leave">Leaves the cluster and joins again.</param>
    public IslandWatch(Func<Task<string>> holder, TimeSpan lookEvery, Action leave)
    {
        _lookEvery = lookEvery;
        var cluster = Cluster.Get(Context.System);
        Receive<Look>(_ => holder().PipeTo(Self, success: address => new Found(address)));
        Receive<Found>(found =>
        {
            var members = cluster.State.Members;
            bool elsewhere = found.Holder.Length > 0 && !members.IsEmpty && members.All(m => NodeAddress.Text(m.Address) != found.Holder);
            _elsewhere = elsewhere ? _elsewhere + 1 : 0;
            if (_elsewhere < MostLooks)
                return;
            Context.GetLogger().Warning("The server at {Holder} holds the lease and is not in this server's cluster; this one leaves, to join it", found.Holder);
            leave();
            Context.Stop(Self);
        });
        // Without the database nobody knows; nobody coordinates then either.
        Receive<Status.Failure>(_ => { });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer("look", new Look(), _lookEvery);

    private sealed record Look;

    private sealed record Found(string Holder);
}
