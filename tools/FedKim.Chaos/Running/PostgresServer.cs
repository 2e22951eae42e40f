using System.Diagnostics;
using Npgsql;

namespace FedKim.Chaos.Running;

/// <summary>
/// A PostgreSQL server of this process's own, from Debian's package, in a folder of its own and reached by a socket in it. A shell between
/// the two ends it when this process ends, however that ends. The tests of journals use it too.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // PostgreSQL does not run as root: the package's account takes over. The shell waits for the end of its input.
    private const string Watch = """
        exec 2>>"$2/watch.log"
        set -e
        as=""
        if [ "$(id -u)" = 0 ]; then chown postgres "$2"; as="setpriv --reuid=postgres --regid=postgres --clear-groups"; fi
        [ -d "$2/data" ] || $as "$1/initdb" -D "$2/data" -U fedkim -A trust -E UTF8 --no-sync >"$2/initdb.log" 2>&1
        $as "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off </dev/null >>"$2/server.log" 2>&1 &
        server=$!
        echo $server
        # Without an order the process has died, perhaps before the server could take a signal.
        read -r order || sleep 1
        kill -"${order:-INT}" $server
        wait $server || true
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-pg-").FullName;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Process? _watch;
    private int _databases;

    /// <summary>Where Debian keeps the newest server's programs; null where it is not installed.</summary>
    public static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    /// <summary>What to say where it is not installed.</summary>
    public const string Missing = "PostgreSQL is not installed: apt-get install postgresql.";

    /// <summary>Makes a new database; the server is started for the first.</summary>
    /// <returns>Npgsql's connection string.</returns>
    public async Task<string> NewDatabaseAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (_watch is null)
                await StartAsync();
        }
        finally
        {
            _turn.Release();
        }
        string name = $"journal{Interlocked.Increment(ref _databases)}";
        await using var database = new NpgsqlConnection(Connection("postgres"));
        await database.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", database);
        await command.ExecuteNonQueryAsync();
        return Connection(name);
    }

    /// <summary>Starts the server, anew after it was ended, and returns when it takes requests.</summary>
    public async Task StartAsync()
    {
        var watch = Process.Start(new ProcessStartInfo("sh") { ArgumentList = { "-c", Watch, "sh", Programs!, _folder }, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        _watch = watch;
        await watch.StandardOutput.ReadLineAsync().WaitAsync(Limit);
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            try
            {
                await using var database = new NpgsqlConnection(Connection("postgres") + ";Pooling=false");
                await database.OpenAsync(limit.Token);
                return;
            }
            catch (NpgsqlException) when (!limit.IsCancellationRequested)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    /// <summary>Ends the server as its administrator would: what runs is broken off, what is stored is brought in order.</summary>
    public Task StopAsync() => EndAsync("INT");

    /// <summary>Ends the server in the middle of whatever it does.</summary>
    public Task CrashAsync() => EndAsync("QUIT");

    public async ValueTask DisposeAsync()
    {
        if (_watch is not null)
            await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task EndAsync(string signal)
    {
        using var watch = _watch!;
        _watch = null;
        await watch.StandardInput.WriteLineAsync(signal);
        watch.StandardInput.Close();
        await watch.WaitForExitAsync().WaitAsync(Limit);
    }

    private string Connection(string database) => $"Host={_folder};Username=fedkim;Database={database};Maximum Pool Size=20";
}
