using Akka.Configuration;
using FedKim.Actors;

namespace FedKim.Node.Configuration;

/// <summary>The actor system's configuration of a node.</summary>
internal static class AkkaConfiguration
{
    /// <summary>The node file's own <c>akka</c> section over what follows from its <c>fedkim</c> section and over FedKim's fragments.</summary>
    /// <param name="node">The node.</param>
    /// <param name="again">Whether it was in a cluster before. One of several servers then forms none: the others are in theirs.</param>
    public static Config Of(NodeConfiguration node, bool again = false)
    {
        var seeds = again && node.Servers > 1 ? node.Seeds.Remove($"{node.Host}:{node.Port}") : node.Seeds;
        var member = ActorConfiguration.Member(node.Host, node.Port, node.Roles, seeds, node.Bind, node.BindPort, node.Journal, node.Timing, node.Servers);
        return node.Akka.WithFallback(ConfigurationFactory.ParseString(Fragments.Text("node.conf"))).WithFallback(member);
    }
}
