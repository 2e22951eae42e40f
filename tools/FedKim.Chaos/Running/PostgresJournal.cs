using FedKim.Configuration;
using FedKim.Launch;
using Npgsql;

namespace FedKim.Chaos.Running;

/// <summary>The journal in a database of a PostgreSQL server that is this cluster's own, and ends with it.</summary>
internal sealed class PostgresJournal : IJournal
{
    private readonly PostgresServer _server;
    private readonly string _connection;

    // A history only grows: while the server is away, what was read of one stays true.
    private readonly Dictionary<string, IReadOnlyList<JournalEvent>> _known = new(StringComparer.Ordinal);
    // Several look at once: the scenario, and who waits until somebody works again.
    private readonly Lock _turn = new();
    private NpgsqlConnection? _reader;

    private PostgresJournal(PostgresServer server, string connection) => (_server, _connection) = (server, $"{connection};Pooling=false");

    /// <summary>Starts the database server and tells the servers of <paramref name="setup"/>, which have not started yet, to use it.</summary>
    /// <exception cref="NotRunnableException">PostgreSQL is not installed.</exception>
    public static async Task<PostgresJournal> StartAsync(RunSetup setup)
    {
        if (PostgresServer.Programs is null)
            throw new NotRunnableException(PostgresServer.Missing);
        var server = new PostgresServer();
        try
        {
            string connection = await server.NewDatabaseAsync();
            foreach (var node in setup.Nodes.Where(n => n.Role == NodeRoles.Server))
                await File.AppendAllLinesAsync(setup.Folder.NodeFile(node.Site), [$"fedkim.journal {{ provider = postgres, file = \"\", connection = \"{connection}\" }}"]);
            return new PostgresJournal(server, connection);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<JournalEvent> Events(string persistenceId)
    {
        lock (_turn)
        {
            try
            {
                _reader ??= Open();
                using var select = new NpgsqlCommand(JournalEvent.Select, _reader);
                select.Parameters.AddWithValue("id", persistenceId);
                return _known[persistenceId] = JournalEvent.Read(select);
            }
            catch (NpgsqlException)
            {
                // Its tables are not made yet, or it is away: it is asked anew at the next look.
                _reader?.Dispose();
                _reader = null;
                return _known.GetValueOrDefault(persistenceId, []);
            }
        }
    }

    /// <inheritdoc/>
    public IAsyncDisposable Lock()
    {
        var connection = Open();
        using var begin = new NpgsqlCommand("BEGIN; LOCK TABLE journal IN EXCLUSIVE MODE;", connection);
        begin.ExecuteNonQuery();
        return connection;
    }

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> StopAsync(bool crash)
    {
        await (crash ? _server.CrashAsync() : _server.StopAsync());
        return new Away(_server);
    }

    /// <inheritdoc/>
    public void Copy() => throw new NotRunnableException("Only a journal in a file is copied and put back here. Leave out: given a journal in postgres");

    /// <inheritdoc/>
    public void PutBack() => Copy();

    public async ValueTask DisposeAsync()
    {
        _reader?.Dispose();
        await _server.DisposeAsync();
    }

    private NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(_connection);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private sealed class Away(PostgresServer server) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await server.StartAsync();
    }
}
