using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using FedKim.Actors.Journals;
using FedKim.Actors.Leases;
using FedKim.Protocol.Journals;
using FedKim.Rounds;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace FedKim.Actors.Repair;

/// <summary>
/// Changes a journal by hand: takes out of it what cannot be proven (<see cref="RunAsync"/>), or lets its server go on with one that has lost
/// events (<see cref="AcceptAsync"/>). No server may run on it meanwhile.
/// </summary>
public static class JournalRepair
{
    /// <summary>Keeps what the epochs prove, and drops the rest; the journal as it was is copied first, beside it.</summary>
    /// <exception cref="JournalException">A server uses it, or it cannot be repaired; the message says what to do instead.</exception>
    public static Task<JournalRepaired> RunAsync(Journal journal, TimeProvider clock, CancellationToken cancel = default) => JournalSchema.WithDatabase(
        journal,
        async database =>
        {
            await RefuseWhereLed(journal, database, clock, cancel);
            var (findings, verdicts) = await JournalCheck.Read(journal, database, cancel);
            if (findings.Length > 0 && verdicts.IsEmpty)
                throw new JournalException($"{journal} cannot be repaired: {findings[0].Problem}.");
            if (verdicts.FirstOrDefault(v => v.OfAnotherVersion) is { } other)
                throw new JournalException($"{journal} holds events of a later FedKim: {other.History}: {other.Findings.First(f => f.Problem.Contains("does not know", StringComparison.Ordinal)).Problem} A repair would lose them.");
            var damaged = verdicts.Where(v => !v.Findings.IsEmpty).ToImmutableArray();
            if (damaged.IsEmpty)
                return new JournalRepaired("", [], findings);

            string copy = await Copy(journal, database, cancel);
            await using var change = await database.BeginTransactionAsync(cancel);
            foreach (var verdict in damaged)
                await Mend(database, verdict, cancel);
            await change.CommitAsync(cancel);
            if (journal.Mark.Length > 0)
                (await JournalHead.Read(journal, database, cancel)).Write(journal.Mark);
            return new JournalRepaired(
                copy,
                [.. damaged.SelectMany(v => v.Dropped).Select(d => new JournalFinding(d.Row.History, d.Row.Number, $"{d.Row.Manifest} was dropped: {d.Why}"))],
                (await JournalCheck.Read(journal, database, cancel)).Findings);
        },
        cancel);

    /// <summary>Lets the server of this work folder go on from what the journal says, though it had come further before.</summary>
    /// <param name="journal">The journal, with its mark.</param>
    /// <param name="node">Who says so; it stands in the journal.</param>
    /// <param name="clock">The only source of time.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>From where it goes on.</returns>
    /// <exception cref="JournalException">A server uses it.</exception>
    public static Task<JournalMark> AcceptAsync(Journal journal, string node, TimeProvider clock, CancellationToken cancel = default) => JournalSchema.WithDatabase(
        journal,
        async database =>
        {
            await RefuseWhereLed(journal, database, clock, cancel);
            var head = await GoOn(journal, database, JournalMark.Find(journal.Mark)?.Epoch ?? 0, node, clock, cancel);
            head.Write(journal.Mark);
            return head;
        },
        cancel);

    /// <summary>What a server does with a journal that is an older copy: it goes past the epoch that sites have heard of.</summary>
    /// <returns>From where it goes on.</returns>
    /// <exception cref="JournalException">The database cannot be reached or used.</exception>
    public static Task<JournalMark> GoOnAsync(Journal journal, int epoch, string node, TimeProvider clock, CancellationToken cancel = default) =>
        JournalSchema.WithDatabase(journal, database => GoOn(journal, database, epoch, node, clock, cancel), cancel);

    // Sites follow nobody of an earlier epoch than they have heard of.
    private static async Task<JournalMark> GoOn(Journal journal, DbConnection database, int epoch, string node, TimeProvider clock, CancellationToken cancel)
    {
        var head = await JournalHead.Read(journal, database, cancel);
        if (epoch <= head.Epoch)
            return head;
        var rows = await JournalRow.Of(database, JournalRow.Federation, cancel);
        var lead = new FedKim.Protocol.Stored.TakenOver { At = Timestamp.FromDateTimeOffset(clock.GetUtcNow()), Epoch = epoch, Node = node };
        await Append(database, JournalRow.Federation, rows.LastOrDefault()?.Number ?? 0, Guid.NewGuid().ToString(), "f.lead", lead, cancel);
        return head with { Epoch = epoch };
    }

    private static async Task RefuseWhereLed(Journal journal, DbConnection database, TimeProvider clock, CancellationToken cancel)
    {
        if (await JournalSchema.SchemaOf(journal, database, cancel) is null or 0)
            return;
        await using var command = database.CreateCommand();
        command.CommandText = journal.Provider == JournalProvider.Sqlite
            ? string.Create(CultureInfo.InvariantCulture, $"SELECT owner FROM fedkim_lease WHERE owner <> '' AND expires > {(long)clock.GetElapsedTime(0).TotalMilliseconds} AND renewed <= {(long)clock.GetElapsedTime(0).TotalMilliseconds}")
            : "SELECT owner FROM fedkim_lease WHERE owner <> '' AND expires > clock_timestamp()";
        if (await command.ExecuteScalarAsync(cancel) is string owner)
            throw new JournalException($"{journal} is in use: {LeaseOwner.Parse(owner).Description} holds its lease. Stop every server, and ask again some seconds later.");
    }

    private static async Task<string> Copy(Journal journal, DbConnection database, CancellationToken cancel)
    {
        if (JournalFile.PathOf(journal) is { } file)
        {
            string copy = Enumerable.Range(1, int.MaxValue).Select(n => $"{file}.before-repair-{n}").First(c => !File.Exists(c));
            await Execute(database, $"VACUUM INTO '{copy.Replace("'", "''", StringComparison.Ordinal)}'", cancel);
            return copy;
        }
        for (int n = 1; ; n++)
        {
            string table = $"journal_before_repair_{n}";
            await using var there = database.CreateCommand();
            there.CommandText = $"SELECT COUNT(to_regclass('{table}'))";
            if (Convert.ToInt64(await there.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture) > 0)
                continue;
            await Execute(database, $"CREATE TABLE {table} AS SELECT * FROM journal", cancel);
            return $"table {table}";
        }
    }

    private static async Task Mend(DbConnection database, HistoryVerdict verdict, CancellationToken cancel)
    {
        foreach (var (row, _) in verdict.Dropped)
            await Execute(database, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM journal WHERE ordering = {row.Ordering}"), cancel);
        // In this order no two ever have one number.
        for (int i = 0; i < verdict.Kept.Length; i++)
        {
            if (verdict.Kept[i] is { } row && row.Number != i + 1)
                await Execute(database, string.Create(CultureInfo.InvariantCulture, $"UPDATE journal SET sequence_number = {i + 1} WHERE ordering = {row.Ordering}"), cancel);
        }
        if (verdict is { LacksItsCommit: true, Kept: [.., var last] })
        {
            var at = ((IRoundEvent)verdict.Events[^1]).At;
            await Append(database, verdict.History, verdict.Kept.Length, last.Writer, "r.commit", new FedKim.Protocol.Stored.Committed { At = Timestamp.FromDateTimeOffset(at) }, cancel);
        }
    }

    private static async Task Append(DbConnection database, string history, long last, string writer, string manifest, IMessage stored, CancellationToken cancel)
    {
        await using var command = database.CreateCommand();
        command.CommandText = $"""
            INSERT INTO journal (created, deleted, persistence_id, sequence_number, message, manifest, identifier, writer_uuid)
            VALUES ((SELECT COALESCE(MAX(created), 0) FROM journal), {(database is Npgsql.NpgsqlConnection ? "false" : "0")}, @history, @number, @message, @manifest, {EventSerializer.Id}, @writer)
            """;
        foreach (var (name, value) in ((string, object)[])[("history", history), ("number", last + 1), ("message", stored.ToByteArray()), ("manifest", manifest), ("writer", writer)])
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static async Task Execute(DbConnection database, string statement, CancellationToken cancel)
    {
        await using var command = database.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>What a repair did.</summary>
/// <param name="Copy">Where the journal stands as it was; empty where nothing was changed.</param>
/// <param name="Dropped">The events that went, each with why.</param>
/// <param name="Left">What is still wrong, which no event can be dropped for.</param>
public sealed record JournalRepaired(string Copy, ImmutableArray<JournalFinding> Dropped, ImmutableArray<JournalFinding> Left);
