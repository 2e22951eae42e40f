using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FedKim.Actors.Journals;

/// <summary>
/// The tables of a journal's database: those of Akka.Persistence.Sql, the leases, and the version of all of them. Each version is a file
/// <c>Journal/Schema/PROVIDER.VERSION.sql</c> that turns the version before it into this one.
/// </summary>
public static class JournalSchema
{
    /// <summary>The version this program works with.</summary>
    public const int Version = 1;

    // Whoever changes the tables holds this lock of the database; the number only has to be FedKim's own.
    private const long Lock = 0x4665644B696D;

    /// <summary>Looks, and changes nothing.</summary>
    /// <exception cref="JournalException">The database cannot be reached or read.</exception>
    public static Task<JournalState> CheckAsync(Journal journal, CancellationToken cancel = default) =>
        journal.Provider == JournalProvider.Sqlite && !File.Exists(new SqliteConnectionStringBuilder(journal.Connection).DataSource)
            ? Task.FromResult(new JournalState(null, 0, 0, 0))
            : WithDatabase(journal, database => Read(journal, database, cancel), cancel);

    /// <summary>Makes what is missing and brings older tables to this version. Doing it twice, or from two nodes at once, does it once.</summary>
    /// <exception cref="JournalException">The database cannot be reached, refuses, or holds the tables of a later version.</exception>
    public static Task<JournalState> CreateAsync(Journal journal, CancellationToken cancel = default) => WithDatabase(
        journal,
        async database =>
        {
            if (journal.Provider == JournalProvider.Sqlite)
                await WriteAhead(database, cancel);
            // Before the transaction, which then sees every table that the lock's last holder made.
            if (journal.Provider == JournalProvider.Postgres)
                await Execute(database, $"SELECT pg_advisory_lock({Lock})", cancel);
            await using (var change = await database.BeginTransactionAsync(cancel))
            {
                for (int next = (await SchemaOf(journal, database, cancel) ?? 0) + 1; next <= Version; next++)
                    await Execute(database, Script(journal.Provider, next), cancel);
                await change.CommitAsync(cancel);
            }
            if (journal.Provider == JournalProvider.Postgres)
                await Execute(database, $"SELECT pg_advisory_unlock({Lock})", cancel);
            return Known(journal, await Read(journal, database, cancel));
        },
        cancel);

    /// <summary>What a server does at its start: looks, and makes or changes tables where it may.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="create">Whether it may.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="JournalException">The database cannot be reached or used, or it would have to and must not.</exception>
    public static async Task<JournalState> PrepareAsync(Journal journal, bool create, CancellationToken cancel = default)
    {
        var state = Known(journal, await CheckAsync(journal, cancel));
        if (state.IsCurrent)
            return state;
        if (create)
            return await CreateAsync(journal, cancel);
        string command = state.Schema is null ? "init" : "migrate";
        throw new JournalException(
            $"{journal} has {(state.Schema is { } old ? $"tables of version {old}" : "no tables")}, and fedkim.journal.create is off. "
            + $"Let someone who may change the database run: fedkim journal {command} with this node's file.");
    }

    /// <summary>
    /// The write-ahead log, which Akka.Persistence.Sql leaves off: with a rollback journal a frozen process would hold the write lock against
    /// its successor, and every event would cost ten times as much. The file remembers it.
    /// </summary>
    private static Task WriteAhead(DbConnection database, CancellationToken cancel) => Execute(database, "PRAGMA journal_mode = WAL", cancel);

    private static JournalState Known(Journal journal, JournalState state) => state.Schema > Version
        ? throw new JournalException($"{journal} has tables of version {state.Schema}, and this FedKim knows version {Version}. Run the FedKim that made them, or a later one.")
        : state;

    internal static async Task<T> WithDatabase<T>(Journal journal, Func<DbConnection, Task<T>> work, CancellationToken cancel)
    {
        try
        {
            await using var database = journal.Connect();
            await database.OpenAsync(cancel);
            return await work(database);
        }
        catch (Exception e) when (JournalException.IsOfDatabase(e) && !cancel.IsCancellationRequested)
        {
            throw JournalException.Of(journal, e);
        }
    }

    private static async Task<JournalState> Read(Journal journal, DbConnection database, CancellationToken cancel)
    {
        int? schema = await SchemaOf(journal, database, cancel);
        return schema is null ? new JournalState(null, 0, 0, 0) : new JournalState(
            schema,
            await Number(database, "SELECT COUNT(*) FROM journal", cancel),
            await Number(database, "SELECT COUNT(*) FROM journal WHERE manifest = 'f.submit'", cancel),
            schema == 0 ? 0 : await Number(database, "SELECT COUNT(*) FROM fedkim_lease", cancel));
    }

    internal static async Task<int?> SchemaOf(Journal journal, DbConnection database, CancellationToken cancel)
    {
        if (await Has(journal, database, "fedkim_schema", cancel))
            return (int)await Number(database, "SELECT MAX(version) FROM fedkim_schema", cancel);
        return await Has(journal, database, "journal", cancel) ? 0 : null;
    }

    private static async Task<bool> Has(Journal journal, DbConnection database, string table, CancellationToken cancel) => await Number(
        database,
        journal.Provider == JournalProvider.Sqlite
            ? $"SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '{table}'"
            : $"SELECT COUNT(to_regclass('{table}'))",
        cancel) > 0;

    private static async Task<long> Number(DbConnection database, string question, CancellationToken cancel)
    {
        await using var command = database.CreateCommand();
        command.CommandText = question;
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture);
    }

    private static async Task Execute(DbConnection database, string statements, CancellationToken cancel)
    {
        await using var command = database.CreateCommand();
        command.CommandText = statements;
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static string Script(JournalProvider provider, int version)
    {
        string name = $"schema/{(provider == JournalProvider.Sqlite ? "sqlite" : "postgres")}.{version}.sql";
        using var stream = typeof(JournalSchema).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"There is no {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
