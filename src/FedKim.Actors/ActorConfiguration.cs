using Akka.Configuration;
using FedKim.Actors.Journals;

namespace FedKim.Actors;

/// <summary>The actor system's configuration, from the fragments in <c>hocon/</c>, which the program carries inside.</summary>
public static class ActorConfiguration
{
    /// <summary>Name of every node's actor system; nodes of other names do not meet.</summary>
    public const string System = "fedkim";

    /// <summary>Name of the actor that there is one of in a cluster, the federation's.</summary>
    internal const string Singleton = "federation";

    /// <summary>The path of the leases' section, for every setting that wants a lease implementation.</summary>
    public const string LeasePath = "fedkim.lease.sql";

    /// <summary>A member of the cluster, which it enters by <see cref="Members.Joining"/>.</summary>
    /// <param name="host">Name or address under which the others reach it.</param>
    /// <param name="port">Its port; 0 takes a free one.</param>
    /// <param name="roles">What it is.</param>
    /// <param name="bind">Address to listen on, where that is not <paramref name="host"/>.</param>
    /// <param name="bindPort">Port to listen on, where that is not <paramref name="port"/>.</param>
    /// <param name="journal">The servers' journal; null on nodes that hold none.</param>
    /// <param name="timing">How soon silence counts as loss.</param>
    /// <param name="servers">How many servers there are; of two, a lease in the journal's database decides which side of a parted cluster goes on.</param>
    /// <param name="leaseOwner">Under what name a server holds leases; its address when empty.</param>
    /// <param name="certified">Whether members speak by mutual TLS; see <see cref="Members.MemberCertificates"/>.</param>
    public static Config Member(
        string host, int port, IReadOnlyCollection<string> roles, string? bind = null, int? bindPort = null, Journal? journal = null,
        Timing timing = Timing.Steady, int servers = 1, string leaseOwner = "", bool certified = false)
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
            }
            """);
        bool leased = roles.Contains("server") && journal is not (null or { Provider: JournalProvider.Memory });
        IEnumerable<string> fragments =
        [
            .. Where(leased && servers == 2, "cluster.two-servers.conf"),
            .. Where(leased, "cluster.lease.conf"),
            .. Where(leased && servers == 1, "cluster.one-server.conf"),
            .. Where(timing is Timing.Quick, "cluster.quick.conf"),
            .. Where(certified, "cluster.tls.conf"),
            "cluster.conf", "dispatchers.conf", "serialization.conf",
        ];
        var config = fragments.Aggregate(own, (merged, name) => merged.WithFallback(Fragment(name)));
        return journal is null ? config : config.WithFallback(Persistence(journal, leaseOwner));
    }

    /// <summary>The journal's part of the configuration, and with a database its leases'.</summary>
    public static Config Persistence(Journal journal, string leaseOwner = "")
    {
        if (journal.Provider == JournalProvider.Memory)
            return Fragment("persistence.memory.conf");
        string connection = Quoted(journal.Connection);
        return ConfigurationFactory.ParseString($$"""
            akka.persistence {
              journal.sql.connection-string = {{connection}}
              journal.sql.mark = {{Quoted(journal.Mark)}}
              snapshot-store.sql.connection-string = {{connection}}
            }
            {{LeasePath}} {
              provider = {{journal.Provider}}
              connection-string = {{connection}}
              owner = {{Quoted(leaseOwner)}}
            }
            """)
            .WithFallback(Fragment(journal.Provider == JournalProvider.Sqlite ? "persistence.sqlite.conf" : "persistence.postgres.conf"))
            .WithFallback(Fragment("persistence.conf"))
            .WithFallback(Fragment("lease.conf"));
    }

    private static string[] Where(bool condition, string fragment) => condition ? [fragment] : [];

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static Config Fragment(string name) => ConfigurationFactory.ParseString(Fragments.Text(name));
}
