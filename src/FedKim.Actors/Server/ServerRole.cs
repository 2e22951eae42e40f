using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Pattern;
using FedKim.Transfer;

namespace FedKim.Actors.Server;

/// <summary>The federation's actor as a cluster singleton on the server nodes, and the way to it from every node.</summary>
public static class ServerRole
{
    /// <summary>Makes this node a candidate to host the federation's actor; one node of the cluster does.</summary>
    /// <param name="system">The node's actor system, a member with the role <c>server</c>.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="store">The server's weights.</param>
    /// <param name="spool">The updates of open rounds.</param>
    /// <param name="weights">Base address of this node's weight plane, as sites reach it.</param>
    /// <param name="scratch">A folder on the store's disk for unfinished files.</param>
    /// <param name="clock">The only source of time.</param>
    /// <param name="parallel">How many federations may run at once.</param>
    public static void Start(ActorSystem system, string node, WeightStore store, Spool spool, string weights, string scratch, TimeProvider clock, int parallel = 1)
    {
        system.ActorOf(Props.Create(() => new JournalWarmUp()), "journal-warm-up");
        var keepers = system.ActorOf(Props.Create(() => new KeeperCall()), "keepers");
        system.ActorOf(ClusterSingletonManager.Props(Federation(node, store, spool, weights, scratch, keepers, clock, parallel), PoisonPill.Instance,
            ClusterSingletonManagerSettings.Create(system).WithRole("server").WithRemovalMargin(TimeSpan.FromMilliseconds(1))), ActorConfiguration.Singleton);
    }

    /// <summary>The federation's actor, started again whenever its journal fails.</summary>
    /// <param name="node">The node's name.</param>
    /// <param name="store">The server's weights.</param>
    /// <param name="spool">The updates of open rounds.</param>
    /// <param name="weights">Base address of this node's weight plane, as sites reach it.</param>
    /// <param name="scratch">A folder on the store's disk for unfinished files.</param>
    /// <param name="keepers">The way to the <see cref="WeightKeeper"/> of every other node.</param>
    /// <param name="clock">The only source of time.</param>
    /// <param name="parallel">How many federations may run at once.</param>
    public static Props Federation(string node, WeightStore store, Spool spool, string weights, string scratch, IActorRef keepers, TimeProvider clock, int parallel = 1)
    {
        var heard = new HeardEpoch();
        // OnStop, not OnFailure: a persistent actor whose journal fails stops, and must read again what was really stored.
        return BackoffSupervisor.Props(Backoff.OnStop(
            Props.Create(() => new FederationActor(node, store, spool, weights, scratch, keepers, clock, heard, parallel)),
            "actor", TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10), randomFactor: 0.2, maxNrOfRetries: -1));
    }

    /// <summary>The way to the federation's actor, wherever it is.</summary>
    public static IActorRef Proxy(ActorSystem system) => system.ActorOf(
        ClusterSingletonProxy.Props($"/user/{ActorConfiguration.Singleton}", ClusterSingletonProxySettings.Create(system).WithRole("server")), $"{ActorConfiguration.Singleton}-proxy");
}
