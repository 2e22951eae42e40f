using Akka.Configuration;

namespace FedKim.Actors;

/// <summary>The actor system's configuration, from the fragments in <c>hocon/</c>, which the program carries inside.</summary>
public static class ActorConfiguration
{
    /// <summary>Name of every node's actor system; nodes of other names do not meet.</summary>
    public const string System = "fedkim";

    /// <summary>The path of the leases' section, for every setting that wants a lease implementation.</summary>
    public const string LeasePath = "fedkim.lease.sql";

    /// <summary>
    /// Lets the federation's actor run only where the lease is held. To be laid over <see cref="Member"/> of one of several servers with a
    /// database: the first of them also looks longer for the cluster it left, since alone in one of its own it would have no lease.
    /// </summary>
    public static Config SingletonLease { get; } = ConfigurationFactory.ParseString($$"""
        akka.cluster.singleton {
          use-lease = {{LeasePath}}
          lease-retry-interval = 1s
        }
        akka.cluster.seed-node-timeout = 10s
        """);

    /// <summary>
    /// Lets the lease decide which side of a parted cluster goes on, so that of two servers either may die. To be laid over
    /// <see cref="Member"/> of a server with a database; the other nodes follow the servers.
    /// </summary>
    public static Config LeaseMajority { get; } = ConfigurationFactory.ParseString($$"""
        akka.cluster.split-brain-resolver {
          active-strategy = lease-majority
          lease-majority {
            lease-implementation = {{LeasePath}}
            role = server
          }
        }
        """);

    /// <summary>A member of the cluster.</summary>
    /// <param name="host">Name or address under which the others reach it.</param>
    /// <param name="port">Its port; 0 takes a free one.</param>
    /// <param name="roles">What it is.</param>
    /// <param name="seeds">Nodes that let it in, as <c>host:port</c>.</param>
    /// <param name="bind">Address to listen on, where that is not <paramref name="host"/>.</param>
    /// <param name="bindPort">Port to listen on, where that is not <paramref name="port"/>.</param>
    /// <param name="journal">The servers' journal; null on nodes that hold none.</param>
    /// <param name="timing">How soon silence counts as loss.</param>
    public static Config Member(
        string host, int port, IEnumerable<string> roles, IEnumerable<string> seeds, string? bind = null, int? bindPort = null, Journal? journal = null,
        Timing timing = Timing.Steady)
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
        string[] fragments = [.. timing is Timing.Quick ? ["cluster.quick.conf"] : Array.Empty<string>(), "cluster.conf", "dispatchers.conf", "serialization.conf"];
        var config = fragments.Aggregate(own, (merged, name) => merged.WithFallback(Fragment(name)));
        return journal is null ? config : config.WithFallback(Persistence(journal));
    }

    /// <summary>The journal's part of the configuration, and with a database its leases'.</summary>
    public static Config Persistence(Journal journal)
    {
        if (journal.Provider == JournalProvider.Memory)
            return Fragment("persistence.memory.conf");
        string connection = Quoted(journal.Connection);
        return ConfigurationFactory.ParseString($$"""
            akka.persistence {
              journal.sql.connection-string = {{connection}}
              snapshot-store.sql.connection-string = {{connection}}
            }
            {{LeasePath}} {
              provider = {{journal.Provider}}
              connection-string = {{connection}}
            }
            """)
            .WithFallback(Fragment(journal.Provider == JournalProvider.Sqlite ? "persistence.sqlite.conf" : "persistence.postgres.conf"))
            .WithFallback(Fragment("persistence.conf"))
            .WithFallback(Fragment("lease.conf"));
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static Config Fragment(string name) => ConfigurationFactory.ParseString(Fragments.Text(name));
}
