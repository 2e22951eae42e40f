using Akka.Configuration;
using FedKim.Actors;

namespace FedKim.Node.Configuration;

/// <summary>The actor system's configuration of a node.</summary>
internal static class AkkaConfiguration
{
    /// <summary>The node file's own <c>akka</c> section over what follows from its <c>fedkim</c> section and over FedKim's fragments.</summary>
    /// <param name="node">The node.</param>
    /// <param name="journal">Connection string of the journal; empty on nodes that hold none.</param>
    public static Config Of(NodeConfiguration node, string journal)
    {
        var member = ActorConfiguration.Member(
            node.Host, node.Port, node.Roles, node.Seeds, node.Bind, node.BindPort, journal.Length > 0 ? journal : null);
        return node.Akka.WithFallback(ConfigurationFactory.ParseString(Fragments.Text("node.conf"))).WithFallback(member);
    }
}
