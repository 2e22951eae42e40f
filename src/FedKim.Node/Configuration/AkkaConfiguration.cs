using Akka.Configuration;

namespace FedKim.Node.Configuration;

/// <summary>The actor system's configuration of a node.</summary>
internal static class AkkaConfiguration
{
    private static readonly string[] FragmentNames = ["node.conf", "cluster.conf", "dispatchers.conf", "persistence.sqlite.conf"];

    /// <summary>
    /// What follows from the node file's <c>fedkim</c> section, over what its <c>akka</c> section says, over the fragments:
    /// an address can only be wrong in one place.
    /// </summary>
    public static Config Of(NodeConfiguration node, Config? own)
    {
        string seeds = string.Join(", ", node.Seeds.Select(seed => $"\"akka.tcp://{NodeConfiguration.ActorSystemName}@{seed}\""));
        var derived = ConfigurationFactory.ParseString($$"""
            akka.remote.dot-netty.tcp {
              hostname = "{{node.Bind}}"
              public-hostname = "{{node.Host}}"
              port = {{node.Port}}
            }
            akka.cluster {
              roles = [{{string.Join(", ", node.Roles)}}]
              seed-nodes = [{{seeds}}]
            }
            """);
        var config = derived;
        if (own is not null && !own.IsEmpty)
            config = config.WithFallback(own.AtPath("akka"));
        return FragmentNames.Aggregate(config, (merged, name) => merged.WithFallback(ConfigurationFactory.ParseString(Fragments.Text(name))));
    }

    private static Config AtPath(this Config config, string path) => ConfigurationFactory.ParseString($"{path} {{\n{config.Root}\n}}");
}
