using Microsoft.Data.Sqlite;

namespace FedKim.Actors;

/// <summary>The embedded journal: one SQLite file in the server's work folder.</summary>
public static class SqliteJournal
{
    /// <summary>
    /// Opens or makes the file and sets its write-ahead log, which Akka.Persistence.Sql leaves off: with a rollback journal a frozen
    /// process would hold the write lock against its successor, and every event would cost ten times as much.
    /// </summary>
    /// <returns>The connection string for <see cref="ActorConfiguration.Member"/>.</returns>
    /// <exception cref="SqliteException">The file cannot be opened, or is no database.</exception>
    public static string Open(string file)
    {
        string connection = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString();
        using var database = new SqliteConnection(connection);
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL;";
        command.ExecuteScalar();
        return connection;
    }
}
