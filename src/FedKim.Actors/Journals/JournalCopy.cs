using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FedKim.Actors.Journals;

/// <summary>Copies a journal as it is at one moment, beside servers that write to it.</summary>
internal static class JournalCopy
{
    private static readonly string[] Columns = ["created", "deleted", "persistence_id", "sequence_number", "message", "manifest", "identifier", "writer_uuid"];

    /// <summary>The whole journal into a new SQLite file, whatever database it is in; nobody holds its lease there.</summary>
    /// <exception cref="JournalException">The journal cannot be read, or the file not be written.</exception>
    public static async Task<Journal> ToFile(Journal journal, string file, CancellationToken cancel)
    {
        var copy = Journal.Sqlite(file);
        if (JournalFile.PathOf(journal) is null)
        {
            await Into(journal, copy, cancel);
        }
        else
        {
            await JournalSchema.WithDatabase(journal, database => Run(database, $"VACUUM INTO '{file.Replace("'", "''", StringComparison.Ordinal)}'", cancel), cancel);
            await JournalSchema.WithDatabase(copy, database => Run(database, "DELETE FROM fedkim_lease", cancel), cancel);
        }
        JournalFile.Close(copy);
        return copy;
    }

    /// <summary>All events of one journal into another, which holds none.</summary>
    /// <exception cref="JournalException">One of them cannot be used, or the other holds events.</exception>
    public static async Task Into(Journal journal, Journal other, CancellationToken cancel)
    {
        if (await JournalSchema.PrepareAsync(other, create: true, cancel) is { Events: > 0 } state)
            throw new JournalException($"{other} holds {state.Events} events already. Name one that is empty.");
        await JournalSchema.WithDatabase(journal, from => JournalSchema.WithDatabase(other, to => Into(from, to, cancel), cancel), cancel);
    }

    private static async Task<long> Into(DbConnection from, DbConnection to, CancellationToken cancel)
    {
        // All of it as it was at one moment.
        await using var moment = await from.BeginTransactionAsync(from is SqliteConnection ? IsolationLevel.Serializable : IsolationLevel.RepeatableRead, cancel);
        await using var change = await to.BeginTransactionAsync(cancel);
        await using var read = from.CreateCommand();
        read.CommandText = $"SELECT {string.Join(", ", Columns)} FROM journal ORDER BY ordering";
        await using var write = to.CreateCommand();
        write.CommandText = $"INSERT INTO journal ({string.Join(", ", Columns)}) VALUES ({string.Join(", ", Columns.Select(c => $"@{c}"))})";
        var values = Columns.Select(c =>
        {
            var value = write.CreateParameter();
            value.ParameterName = c;
            write.Parameters.Add(value);
            return value;
        }).ToArray();
        long copied = 0;
        await using var rows = await read.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            for (int i = 0; i < Columns.Length; i++)
            {
                values[i].Value = Columns[i] switch
                {
                    "deleted" => Convert.ToBoolean(rows.GetValue(i), CultureInfo.InvariantCulture),
                    "identifier" when !rows.IsDBNull(i) => Convert.ToInt32(rows.GetValue(i), CultureInfo.InvariantCulture),
                    _ => rows.GetValue(i),
                };
            }

            await write.ExecuteNonQueryAsync(cancel);
            copied++;
        }
        await change.CommitAsync(cancel);
        return copied;
    }

    private static async Task<int> Run(DbConnection database, string statement, CancellationToken cancel)
    {
        await using var command = database.CreateCommand();
        command.CommandText = statement;
        return await command.ExecuteNonQueryAsync(cancel);
    }
}
