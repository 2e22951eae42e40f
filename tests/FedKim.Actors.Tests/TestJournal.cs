using System.Data.Common;
using System.Globalization;
using FedKim.Actors.Journals;
using FedKim.Chaos.Running;
using Microsoft.Data.Sqlite;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace FedKim.Actors.Tests;

/// <summary>A database for one test's journal, which can be lost and come back.</summary>
public abstract class TestJournal(Journal journal) : IAsyncDisposable
{
    public Journal Journal { get; } = journal;

    /// <summary>From now on nothing can be stored.</summary>
    public abstract Task Lose();

    public abstract Task Return();

    public abstract ValueTask DisposeAsync();

    public DbConnection Open()
    {
        DbConnection database = Journal.Provider == JournalProvider.Sqlite ? new SqliteConnection(Journal.Connection) : new NpgsqlConnection(Journal.Connection);
        database.Open();
        return database;
    }

    public int Execute(string statement)
    {
        using var database = Open();
        using var command = database.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteNonQuery();
    }

    public long Number(string question)
    {
        using var database = Open();
        using var command = database.CreateCommand();
        command.CommandText = question;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}

/// <summary>A file; it is lost while somebody else keeps its write lock.</summary>
internal sealed class SqliteTestJournal : TestJournal
{
    private readonly string _folder;
    private SqliteConnection? _lock;

    private SqliteTestJournal(string folder, string mark) : base(Journal.Sqlite(Path.Combine(folder, "journal.db")) with { Mark = mark }) => _folder = folder;

    public static SqliteTestJournal Make(string mark = "") => new(Directory.CreateTempSubdirectory("fedkim-").FullName, mark);

    public override Task Lose()
    {
        _lock = (SqliteConnection)Open();
        using var command = _lock.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    public override Task Return()
    {
        using var command = _lock!.CreateCommand();
        command.CommandText = "ROLLBACK";
        command.ExecuteNonQuery();
        _lock.Dispose();
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A database on the tests' PostgreSQL server; it is lost when the server crashes, so a test that does that has a server of its own.</summary>
internal sealed class PostgresTestJournal : TestJournal
{
    private readonly PostgresServer _server;
    private readonly bool _own;

    private PostgresTestJournal(Journal journal, PostgresServer server, bool own) : base(journal) => (_server, _own) = (server, own);

    public static async Task<TestJournal> Make(PostgresServer shared, bool own)
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        var server = own ? new PostgresServer() : shared;
        return new PostgresTestJournal(Journal.Postgres(await server.NewDatabaseAsync()), server, own);
    }

    public override Task Lose() => _server.CrashAsync();

    public override Task Return() => _server.StartAsync();

    public override ValueTask DisposeAsync() => _own ? _server.DisposeAsync() : ValueTask.CompletedTask;
}
