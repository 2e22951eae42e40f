using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using FedKim.Audit;

namespace FedKim.Actors.Members;

/// <summary>
/// Looks at the members of this node's cluster, by the certificates that were found at their addresses. A server puts out whoever is in it as something
/// else than its certificate says, or whose certificate does not count any more; another node leaves a cluster in which a server is such a one.
/// </summary>
internal sealed class MemberWatch : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Cluster _cluster = Cluster.Get(Context.System);

    /// <param name="certificates">Who was found at which address.</param>
    /// <param name="leave">Ends the actor system of a node that is no server; null on a server.</param>
    public MemberWatch(MemberCertificates certificates, Action? leave)
    {
        var log = Context.GetLogger();
        Receive<ClusterEvent.MemberRemoved>(m => certificates.Forget(m.Member.Address));
        Receive<ClusterEvent.IMemberEvent>(_ => { });
        Receive<ClusterEvent.CurrentClusterState>(_ => { });
        Receive<Look>(_ =>
        {
            foreach (var member in _cluster.State.Members.Where(m => m.Status is not (MemberStatus.Down or MemberStatus.Removed) && m.UniqueAddress != _cluster.SelfUniqueAddress))
            {
                if (certificates.Problem(member.Address, member.Roles) is not { } problem)
                    continue;
                if (leave is null)
                {
                    log.Warning("{Node} is put out of the cluster: {Problem}", NodeAddress.Text(member.Address), problem);
                    _cluster.Down(member.Address);
                    string? peer = certificates.At(member.Address)?.ToString();
                    Context.System.EventStream.Publish(new AuditEntry(AuditKind.Revoked, AuditMatter.Member) { Peer = peer, Detail = problem });
                }
                else if (member.HasRole("server"))
                {
                    log.Warning("This node leaves the cluster of {Node}: {Problem}", NodeAddress.Text(member.Address), problem);
                    Context.Stop(Self);
                    leave();
                    return;
                }
            }
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _cluster.Subscribe(Self, typeof(ClusterEvent.IMemberEvent));
        Timers.StartPeriodicTimer("look", new Look(), TimeSpan.Zero, LookEvery);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private sealed record Look;
}
