using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Members;

/// <summary>
/// Watches that the servers of this node's cluster hear it. Three members watch over each other one; between any two of the rest a connection may
/// lead one way only, after a freeze on either side say, and nothing would ever find it: the node stays in the cluster and is heard by nobody who
/// decides. It leaves then, and joins again with connections of its own.
/// </summary>
public sealed class LinkWatch : ReceiveActor, IWithTimers
{
    private const int MostLooks = 8;

    private readonly TimeSpan _lookEvery;
    private readonly Dictionary<string, int> _unanswered = new(StringComparer.Ordinal);

    /// <param name="node">The node's name.</param>
    /// <param name="lookEvery">Pause between two looks; after eight that a server does not answer it leaves.</param>
    /// <param name="clock">The only source of time.</param>
    /// <param name="leave">Leaves the cluster and joins again.</param>
    public LinkWatch(string node, TimeSpan lookEvery, TimeProvider clock, Action leave)
    {
        _lookEvery = lookEvery;
        var cluster = Cluster.Get(Context.System);
        long looked = clock.GetTimestamp();
        Receive<Look>(_ =>
        {
            // After a freeze all that were due come at once, before anybody could answer.
            if (clock.GetElapsedTime(looked) < lookEvery / 2)
                return;
            looked = clock.GetTimestamp();
            string[] servers = [.. Servers(cluster)];
            foreach (string gone in _unanswered.Keys.Except(servers).ToArray())
                _unanswered.Remove(gone);
            foreach (string server in servers)
            {
                if ((_unanswered[server] = _unanswered.GetValueOrDefault(server) + 1) > MostLooks)
                {
                    Context.GetLogger().Warning("The server at {Server} is in this node's cluster and does not hear it, or cannot answer; this node leaves and joins again", server);
                    leave();
                    Context.Stop(Self);
                    return;
                }
                Context.ActorSelection(new RootActorPath(NodeAddress.Of(server, cluster.SelfAddress.Protocol)) / "user" / Door.Name).Tell(new MembershipMessages.Knock(node, server));
            }
        });
        Receive<MembershipMessages.Here>(here => _unanswered.Remove(here.Address));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer("look", new Look(), _lookEvery);

    // Of two servers the younger leaves: not both at once.
    private static IEnumerable<string> Servers(Cluster cluster)
    {
        var state = cluster.State;
        var self = state.Members.FirstOrDefault(m => m.UniqueAddress == cluster.SelfUniqueAddress && m.Status == MemberStatus.Up);
        return self is null ? [] : state.Members
            .Where(m => !m.Equals(self) && Door.IsServer(m) && m.Status == MemberStatus.Up && !state.Unreachable.Contains(m))
            .Where(m => !Door.IsServer(self) || m.IsOlderThan(self))
            .Select(m => NodeAddress.Text(m.Address));
    }

    private sealed record Look;
}
