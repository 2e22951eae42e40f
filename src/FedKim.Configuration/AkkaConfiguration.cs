using Akka.Configuration;
using FedKim.Actors;

namespace FedKim.Configuration;

/// <summary>The actor systems' configuration of a node.</summary>
public static class AkkaConfiguration
{
    /// <summary>
    /// Of the actor system in the cluster: the node file's own <c>akka</c> section over what follows from its <c>fedkim</c> section and over
    /// FedKim's fragments.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="leaseOwner">Under what name a server holds leases; empty on other nodes.</param>
    public static Config Of(NodeConfiguration node, string leaseOwner = "")
    {
        var member = ActorConfiguration.Member(
            node.Host, node.Port, node.Roles, node.Bind, node.BindPort, node.Journal, node.Timing, node.Servers, leaseOwner, node.Tls is not null);
        return node.Akka.WithFallback(Fragment("node.conf")).WithFallback(member);
    }

    /// <summary>Of the actor system outside of it, in which a site works.</summary>
    public static Config Work => Fragment("node.conf").WithFallback(Fragment("dispatchers.conf"));

    private static Config Fragment(string name) => ConfigurationFactory.ParseString(Fragments.Text(name));
}
