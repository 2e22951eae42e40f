using Microsoft.Data.Sqlite;

namespace FedKim.Actors.Journals;

/// <summary>A journal in a SQLite file. What is written goes to the log beside it, <c>journal.db-wal</c>, until it is folded into the file.</summary>
public static class JournalFile
{
    // Another server may hold the lock, and be frozen.
    private const int EndSeconds = 1;

    /// <summary>The file; null when the journal is in no file.</summary>
    public static string? PathOf(Journal journal) =>
        journal.Provider == JournalProvider.Sqlite ? new SqliteConnectionStringBuilder(journal.Connection).DataSource : null;

    /// <summary>Folds the log into the file and removes it, once no one uses the journal in this process any more: the file alone is the whole journal.</summary>
    /// <exception cref="SqliteException">The file cannot be written; what is in the log stays there, and counts.</exception>
    public static void Close(Journal journal)
    {
        if (PathOf(journal) is not { } file || !File.Exists(file))
            return;
        using (var pool = new SqliteConnection(journal.Connection))
            SqliteConnection.ClearPool(pool);
        Fold(new SqliteConnectionStringBuilder(journal.Connection) { Pooling = false, DefaultTimeout = EndSeconds }.ToString(), wait: true);
    }

    /// <summary>Folds the log into the file.</summary>
    /// <param name="connection">How to reach the file.</param>
    /// <param name="wait">Whether to wait for others to end what they do, and to leave an empty log; otherwise nobody waits for anybody, and what is
    /// busy is left for the next time.</param>
    internal static void Fold(string connection, bool wait)
    {
        using var database = new SqliteConnection(connection);
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = wait ? "PRAGMA wal_checkpoint(TRUNCATE)" : "PRAGMA wal_checkpoint(PASSIVE)";
        command.ExecuteNonQuery();
    }
}
