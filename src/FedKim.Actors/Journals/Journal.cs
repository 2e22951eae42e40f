using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace FedKim.Actors.Journals;

/// <summary>Where the servers keep every decision, and the row of each lease: one database for all servers of a cluster.</summary>
public sealed record Journal
{
    // What the connection string itself says comes later and wins. A server that vanished without a word is given up within seconds.
    private const string PostgresDefaults = "Timeout=5;Command Timeout=10;Keepalive=10;Application Name=fedkim;";
    private const int SqliteLockSeconds = 30;

    private Journal(JournalProvider provider, string connection, string place) => (Provider, Connection, Place) = (provider, connection, place);

    /// <summary>The kind of database.</summary>
    public JournalProvider Provider { get; }

    /// <summary>How to reach it; may hold a password, so it is never logged.</summary>
    public string Connection { get; }

    /// <summary>What people call it, without a password.</summary>
    public string Place { get; }

    /// <summary>The file in this node's work folder that says how far the journal has come (<see cref="JournalMark"/>); empty for none.</summary>
    public string Mark { get; init; } = "";

    /// <summary>A file, which <see cref="JournalSchema"/> makes where there is none.</summary>
    public static Journal Sqlite(string file) => new(
        JournalProvider.Sqlite,
        new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = SqliteLockSeconds }.ToString(),
        $"SQLite file {file}");

    /// <summary>A database on a PostgreSQL server.</summary>
    /// <param name="connection">Npgsql's connection string, with <c>Host</c> and <c>Database</c>.</param>
    /// <exception cref="ArgumentException">It is none; the message tells why and repeats no value of it.</exception>
    public static Journal Postgres(string connection)
    {
        NpgsqlConnectionStringBuilder parts;
        try
        {
            parts = new NpgsqlConnectionStringBuilder(PostgresDefaults + connection);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // The driver's message may repeat the part it stumbled over, and that may be the password.
            throw new ArgumentException("is no PostgreSQL connection string; write it as Host=…;Database=…;Username=….", nameof(connection), e);
        }
        if (string.IsNullOrEmpty(parts.Host) || string.IsNullOrEmpty(parts.Database))
            throw new ArgumentException("names no host or no database; write it as Host=…;Database=…;Username=….", nameof(connection));
        return new Journal(JournalProvider.Postgres, parts.ToString(), $"PostgreSQL database {parts.Database} on {parts.Host}:{parts.Port}");
    }

    /// <summary>No database at all; see <see cref="JournalProvider.Memory"/>.</summary>
    public static Journal Memory { get; } = new(JournalProvider.Memory, "", "memory");

    /// <inheritdoc/>
    public override string ToString() => Place;

    internal DbConnection Connect() => Connect(Provider, Connection);

    internal static DbConnection Connect(JournalProvider provider, string connection) => provider switch
    {
        JournalProvider.Sqlite => new SqliteConnection(connection),
        JournalProvider.Postgres => new NpgsqlConnection(connection),
        _ => throw new InvalidOperationException($"A journal in {provider} has no database."),
    };
}
