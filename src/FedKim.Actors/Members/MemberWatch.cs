using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using FedKim.Audit;

namespace FedKim.Actors.Members;

/// <summary>
/// On a server: puts out of the cluster whoever is in it as something else than its certificate says, and whoever's certificate does not count any
/// more.
/// </summary>
internal sealed class MemberWatch : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Cluster _cluster = Cluster.Get(Context.System);

    /// <param name="certificates">Who was found at which address.</param>
    public MemberWatch(MemberCertificates certificates)
    {
        var log = Context.GetLogger();
        Receive<Look>(_ =>
        {
            foreach (var member in _cluster.State.Members.Where(m => m.Status is not (MemberStatus.Down or MemberStatus.Removed) && m.UniqueAddress != _cluster.SelfUniqueAddress))
            {
                if (certificates.Problem(member.Address, member.Roles) is not { } problem)
                    continue;
                log.Warning("{Node} is put out of the cluster: {Problem}", NodeAddress.Text(member.Address), problem);
                _cluster.Down(member.Address);
                Context.System.EventStream.Publish(new AuditEntry(AuditKind.Revoked, AuditMatter.Member) { Peer = certificates.At(member.Address)?.ToString(), Detail = problem });
            }
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer("look", new Look(), TimeSpan.Zero, LookEvery);

    private sealed record Look;
}
