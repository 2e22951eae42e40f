using Akka.Configuration;

namespace FedKim.Actors;

/// <summary>The actor system's configuration, from the fragments in <c>hocon/</c>, which the program carries inside.</summary>
public static class ActorConfiguration
{
    /// <summary>Name of every node's actor system; nodes of other names do not meet.</summary>
    public const string System = "fedkim";

    /// <summary>A member of the cluster.</summary>
    /// <param name="host">Name or address under which the others reach it.</param>
    /// <param name="port">Its port; 0 takes a free one.</param>
    /// <param name="roles">What it is.</param>
    /// <param name="seeds">Nodes that let it in, as <c>host:port</c>.</param>
    /// <param name="bind">Address to listen on, where that is not <paramref name="host"/>.</param>
    /// <param name="bindPort">Port to listen on, where that is not <paramref name="port"/>.</param>
    /// <param name="journal">Connection string of the journal; null on nodes that hold none.</param>
    public static Config Member(
        string host, int port, IEnumerable<string> roles, IEnumerable<string> seeds, string? bind = null, int? bindPort = null, string? journal = null)
    {
        var own = ConfigurationFactory.ParseString($$"""
            akka.remote.dot-netty.tcp {
              hostname = "{{bind ?? host}}"
              public-hostname = "{{host}}"
              port = {{bindPort ?? port}}
              public-port = {{(bindPort is null || bindPort == port ? 0 : port)}}
            }
            akka.cluster {
              roles = [{{string.Join(", ", roles)}}]
              seed-nodes = [{{string.Join(", ", seeds.Select(s => $"\"akka.tcp://{System}@{s}\""))}}]
            }
            """);
        string[] fragments = ["cluster.conf", "dispatchers.conf", "serialization.conf"];
        var config = fragments.Aggregate(own, (merged, name) => merged.WithFallback(Fragment(name)));
        if (journal is null)
            return config;
        return ConfigurationFactory.ParseString($$"""
            akka.persistence {
              journal.sql.connection-string = "{{journal}}"
              snapshot-store.sql.connection-string = "{{journal}}"
            }
            """).WithFallback(config).WithFallback(Fragment("persistence.sqlite.conf"));
    }

    private static Config Fragment(string name) => ConfigurationFactory.ParseString(Fragments.Text(name));
}
