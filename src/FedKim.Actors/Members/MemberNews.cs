using Akka.Actor;
using Akka.Cluster;
using FedKim.Audit;

namespace FedKim.Actors.Members;

/// <summary>Tells the audit log which members come into the cluster, and which go.</summary>
internal sealed class MemberNews : ReceiveActor
{
    private readonly Cluster _cluster = Cluster.Get(Context.System);

    /// <param name="certificates">Who was found at which address; null where members show no certificates.</param>
    public MemberNews(MemberCertificates? certificates)
    {
        Receive<ClusterEvent.MemberUp>(m => Say(AuditKind.Joined, m.Member, ""));
        Receive<ClusterEvent.MemberRemoved>(m => Say(AuditKind.Left, m.Member, m.PreviousStatus == MemberStatus.Down ? ", which was put out of the cluster or counted as lost" : ""));

        void Say(AuditKind kind, Member member, string how)
        {
            if (member.UniqueAddress == _cluster.SelfUniqueAddress)
                return;
            Context.System.EventStream.Publish(new AuditEntry(kind, AuditMatter.Member)
            {
                Peer = certificates?.At(member.Address)?.ToString(),
                Detail = $"{NodeAddress.Text(member.Address)}, {string.Join(", ", member.Roles.Order(StringComparer.Ordinal))}{how}",
            });
        }
    }

    /// <inheritdoc/>
    protected override void PreStart() => _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.MemberUp), typeof(ClusterEvent.MemberRemoved));

    /// <inheritdoc/>
    protected override void PostStop() => _cluster.Unsubscribe(Self);
}
