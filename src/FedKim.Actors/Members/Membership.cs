using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using FedKim.Actors.Leases;

namespace FedKim.Actors.Members;

/// <summary>What brings a node's actor system into the cluster, and finds that it is in the wrong one.</summary>
public static class Membership
{
    private static readonly TimeSpan LookForServer = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAtLinks = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookForHolder = TimeSpan.FromSeconds(2);

    /// <summary>Whether an actor system is a full member of a cluster.</summary>
    public static bool IsIn(ActorSystem system)
    {
        var cluster = Cluster.Get(system);
        return !cluster.IsTerminated && cluster.State.Members.Any(m => m.UniqueAddress == cluster.SelfUniqueAddress && m.Status == MemberStatus.Up);
    }

    /// <summary>Starts it, in a new actor system.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="seeds">Nodes that may be in the cluster, <c>host:port</c>.</param>
    /// <param name="lease">On a server, the lease of who leads; null on other nodes.</param>
    /// <param name="leave">Ends the actor system; a new one is to join again.</param>
    /// <param name="refused">Told by the only server that another process holds its lease; null where several servers share it.</param>
    /// <param name="certificates">How members are judged; null where they show no certificates.</param>
    public static void Start(ActorSystem system, string node, ImmutableArray<string> seeds, ServerLease? lease, Action leave,
        Action<LeaseOwner>? refused = null, MemberCertificates? certificates = null)
    {
        system.ActorOf(Props.Create(() => new Door()), Door.Name);
        system.ActorOf(Props.Create(() => new Joining(node, seeds, lease, leave)), "joining");
        system.ActorOf(Props.Create(() => new LinkWatch(node, LookAtLinks, TimeProvider.System, leave)), "link-watch");
        if (certificates is { } shown)
        {
            var leaveThem = lease is null ? leave : null;
            system.ActorOf(Props.Create(() => new MemberWatch(shown, leaveThem)), "member-watch");
        }
        system.ActorOf(Props.Create(() => new MemberNews(certificates)), "member-news");
        if (lease is null)
        {
            system.ActorOf(Props.Create(() => new ServerlessWatch(LookForServer, leave)), "serverless-watch");
            return;
        }
        Func<Task<string>> holder = async () => (await lease.Holder())?.Address ?? "";
        system.ActorOf(Props.Create(() => new IslandWatch(holder, LookForHolder, leave)), "island-watch");
        system.ActorOf(Props.Create(() => new LeaseWatch(leave, refused)), "lease-watch");
    }
}
