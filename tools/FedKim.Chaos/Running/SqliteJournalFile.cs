using Microsoft.Data.Sqlite;

namespace FedKim.Chaos.Running;

/// <summary>The journal in a server's SQLite file, opened for reading only: its readers do not keep its writer waiting.</summary>
internal sealed class SqliteJournalFile(string file) : IJournal
{
    // Several look at once: the scenario, and who waits until somebody works again.
    private readonly Lock _turn = new();

    // A history only grows, until an earlier file is put back: while the file cannot be read, what was read of one stays true.
    private readonly Dictionary<string, IReadOnlyList<JournalEvent>> _known = new(StringComparer.Ordinal);
    private SqliteConnection? _connection;
    private SqliteCommand? _select;

    /// <inheritdoc/>
    public IReadOnlyList<JournalEvent> Events(string persistenceId)
    {
        lock (_turn)
        {
            try
            {
                Open();
                _select!.Parameters["@id"].Value = persistenceId;
                return _known[persistenceId] = JournalEvent.Read(_select);
            }
            catch (SqliteException)
            {
                // Not made yet, locked, or between two processes: it is opened anew at the next look.
                Close();
                return _known.GetValueOrDefault(persistenceId, []);
            }
        }
    }

    /// <inheritdoc/>
    public IAsyncDisposable Lock()
    {
        var connection = Opened(file, SqliteOpenMode.ReadWrite);
        using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE;";
        begin.ExecuteNonQuery();
        return connection;
    }

    /// <inheritdoc/>
    public Task<IAsyncDisposable> StopAsync(bool crash) => throw new NotRunnableException("A file has no database server to stop. Say: given a journal in postgres");

    /// <inheritdoc/>
    public void Copy()
    {
        using var from = Opened(file, SqliteOpenMode.ReadOnly);
        using var to = Opened(Aside, SqliteOpenMode.ReadWriteCreate);
        from.BackupDatabase(to);
    }

    /// <inheritdoc/>
    public void PutBack()
    {
        lock (_turn)
        {
            Close();
            _known.Clear();
            foreach (string beside in (string[])["-wal", "-shm"])
                File.Delete(file + beside);
            File.Copy(Aside, file, overwrite: true);
        }
    }

    private string Aside => $"{file}.copy";

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private void Open()
    {
        if (_connection is not null)
            return;
        _connection = Opened(file, SqliteOpenMode.ReadOnly);
        _select = _connection.CreateCommand();
        _select.CommandText = JournalEvent.Select;
        _select.Parameters.AddWithValue("@id", "");
    }

    private static SqliteConnection Opened(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = mode == SqliteOpenMode.ReadOnly ? 1 : 30,
        }.ToString());
        connection.Open();
        return connection;
    }

    private void Close()
    {
        _select?.Dispose();
        _connection?.Dispose();
        (_select, _connection) = (null, null);
    }
}
