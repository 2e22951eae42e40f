using System.Data.Common;
using System.Globalization;
using FedKim.Actors.Journals;
using Microsoft.Data.Sqlite;

namespace FedKim.Actors.Leases;

/// <summary>
/// The rows of the leases, one each: who has it, how often it has been taken so far, and until when it is held. Every change is one statement, so
/// the database decides between two who ask at once. The time is looked at within the statement, when it is its turn: who looked before could
/// be let in behind another and take that one's row for one of the future. On PostgreSQL it is the database server's. On SQLite, whose processes
/// share a machine, it is that machine's monotonic clock; a row that seems to be renewed in the future is from before the machine restarted.
/// </summary>
internal sealed class LeaseTable(JournalProvider provider, string connection, TimeProvider clock)
{
    private const string Monotonic = "fedkim_monotonic";

    private string Now => provider == JournalProvider.Sqlite ? $"{Monotonic}()" : "clock_timestamp()";

    private string Until => provider == JournalProvider.Sqlite ? $"{Now} + @lasts" : $"{Now} + @lasts * interval '1 millisecond'";

    private string Over => provider == JournalProvider.Sqlite ? $"held.expires <= {Now} OR held.renewed > {Now}" : $"held.expires <= {Now}";

    /// <summary>Takes the lease if it is free, over, or the same node's, of this process or an earlier one.</summary>
    /// <returns>The row's version: as before if the same hold of it was the last one, else one more. Null if another has it.</returns>
    public async Task<long?> Acquire(string name, LeaseOwner owner, TimeSpan lasts, CancellationToken cancel) => await Run(
        $"""
        INSERT INTO fedkim_lease AS held (name, owner, version, renewed, expires) VALUES (@name, @owner, 1, {Now}, {Until})
        ON CONFLICT (name) DO UPDATE SET owner = excluded.owner,
          version = CASE WHEN substr(held.owner, 1, length(@hold)) = @hold THEN held.version ELSE held.version + 1 END, renewed = excluded.renewed, expires = excluded.expires
        WHERE substr(held.owner, 1, length(@node)) = @node OR {Over}
        RETURNING version
        """,
        name, owner, 0, lasts, cancel) is { } version ? Convert.ToInt64(version, CultureInfo.InvariantCulture) : null;

    /// <summary>Who has it now; null when nobody does.</summary>
    public async Task<LeaseOwner?> Holder(string name, CancellationToken cancel) => await Run(
        $"SELECT owner FROM fedkim_lease AS held WHERE name = @name AND NOT ({Over})",
        name, null, 0, TimeSpan.Zero, cancel) is string owner ? LeaseOwner.Parse(owner) : null;

    /// <summary>When it was renewed last, as the database says it; another text means that whoever holds it lives.</summary>
    public async Task<string> Renewed(string name, CancellationToken cancel) =>
        await Run("SELECT CAST(renewed AS text) FROM fedkim_lease WHERE name = @name", name, null, 0, TimeSpan.Zero, cancel) as string ?? "";

    /// <summary>Lasts on from now.</summary>
    /// <returns>Whether it is still held as it was acquired with <paramref name="version"/>, which no other hold of it has.</returns>
    public async Task<bool> Renew(string name, long version, TimeSpan lasts, CancellationToken cancel) => await Run(
        $"UPDATE fedkim_lease SET renewed = {Now}, expires = {Until} WHERE name = @name AND version = @version RETURNING version",
        name, null, version, lasts, cancel) is not null;

    /// <summary>Gives it back; what another has stays as it is.</summary>
    public async Task<bool> Release(string name, long version, CancellationToken cancel) => await Run(
        $"UPDATE fedkim_lease SET expires = {Now} WHERE name = @name AND version = @version RETURNING version",
        name, null, version, TimeSpan.Zero, cancel) is not null;

    /// <summary>Gives back whatever this node holds of it, by whichever of its holds.</summary>
    public Task GiveBack(string name, LeaseOwner owner, CancellationToken cancel) => Run(
        $"UPDATE fedkim_lease SET expires = {Now} WHERE name = @name AND substr(owner, 1, length(@node)) = @node RETURNING version",
        name, owner, 0, TimeSpan.Zero, cancel);

    // SQLite's asynchronous calls are none: while another process holds the write lock, they wait on a thread of their own.
    private Task<object?> Run(string statement, string name, LeaseOwner? owner, long version, TimeSpan lasts, CancellationToken cancel) =>
        provider == JournalProvider.Sqlite
            ? Task.Factory.StartNew(() => Ask(statement, name, owner, version, lasts, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()
            : Ask(statement, name, owner, version, lasts, cancel);

    private async Task<object?> Ask(string statement, string name, LeaseOwner? owner, long version, TimeSpan lasts, CancellationToken cancel)
    {
        await using var database = Journal.Connect(provider, connection);
        await database.OpenAsync(cancel);
        (database as SqliteConnection)?.CreateFunction(Monotonic, () => (long)clock.GetElapsedTime(0).TotalMilliseconds);
        await using var command = database.CreateCommand();
        command.CommandText = statement;
        command.CommandTimeout = 5;
        Add(command, "name", name);
        Add(command, "owner", owner?.ToString() ?? "");
        Add(command, "node", owner?.SameNode ?? "");
        Add(command, "hold", owner?.SameHold ?? "");
        Add(command, "version", version);
        Add(command, "lasts", (long)lasts.TotalMilliseconds);
        return await command.ExecuteScalarAsync(cancel);
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
