using FedKim.Protocol.Stored;
using Microsoft.Data.Sqlite;

namespace FedKim.Chaos.Running;

/// <summary>The journal in a server's SQLite file, opened for reading only: its readers do not keep its writer waiting.</summary>
internal sealed class SqliteJournalFile(string file) : IJournal
{
    private SqliteConnection? _connection;
    private SqliteCommand? _select;

    /// <inheritdoc/>
    public IReadOnlyList<JournalEvent> Events(string persistenceId)
    {
        try
        {
            Open();
            _select!.Parameters["$id"].Value = persistenceId;
            using var rows = _select.ExecuteReader();
            var events = new List<JournalEvent>();
            while (rows.Read())
                events.Add(new JournalEvent(rows.GetInt64(0), rows.GetString(1), new DateTimeOffset(rows.GetInt64(2), TimeSpan.Zero), Client(rows)));
            return events;
        }
        catch (SqliteException)
        {
            // Not made yet, or between two processes: it is opened anew at the next look.
            Close();
            return [];
        }
    }

    /// <inheritdoc/>
    public IDisposable Lock()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
        connection.Open();
        using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE;";
        begin.ExecuteNonQuery();
        return connection;
    }

    public void Dispose() => Close();

    private static string Client(SqliteDataReader row) =>
        row.GetString(1) == "r.accept" ? ContributionAccepted.Parser.ParseFrom(row.GetFieldValue<byte[]>(3)).Client : "";

    private void Open()
    {
        if (_connection is not null)
            return;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false, DefaultTimeout = 1 }.ToString());
        _connection.Open();
        _select = _connection.CreateCommand();
        _select.CommandText = "SELECT sequence_number, manifest, created, message FROM journal WHERE persistence_id = $id ORDER BY sequence_number;";
        _select.Parameters.AddWithValue("$id", "");
    }

    private void Close()
    {
        _select?.Dispose();
        _connection?.Dispose();
        (_select, _connection) = (null, null);
    }
}
