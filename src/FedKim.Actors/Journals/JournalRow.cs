using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using FedKim.Protocol.Journals;

namespace FedKim.Actors.Journals;

/// <summary>One stored event.</summary>
/// <param name="Ordering">Its place among all events of the journal.</param>
/// <param name="History">Whose it is: <c>federation</c>, or a round such as <c>demo/3</c>.</param>
/// <param name="Number">Its number in that history, from 1.</param>
/// <param name="Manifest">What kind it is.</param>
/// <param name="Writer">The actor that stored it, by a name no other has.</param>
/// <param name="Bytes">Its stored form.</param>
/// <param name="Serializer">Whose form that is.</param>
internal sealed record JournalRow(long Ordering, string History, long Number, string Manifest, string Writer, byte[] Bytes, int Serializer)
{
    /// <summary>The federation's own history.</summary>
    public const string Federation = "federation";

    private const string Columns = "SELECT ordering, persistence_id, sequence_number, manifest, writer_uuid, message, identifier FROM journal";

    /// <summary>The event, or why it cannot be read.</summary>
    public (object? Event, string Problem) Read()
    {
        if (Serializer != EventSerializer.Id)
            return (null, $"was stored by a serializer {Serializer} that this version does not know");
        try
        {
            return (EventSerializer.Read(Bytes, Manifest), "");
        }
        catch (Exception e)
        {
            return (null, $"cannot be read: {e.Message}");
        }
    }

    /// <summary>The events of one history, in their order.</summary>
    public static async Task<List<JournalRow>> Of(DbConnection database, string history, CancellationToken cancel)
    {
        List<JournalRow> rows = [];
        await foreach (var row in Query(database, $"{Columns} WHERE persistence_id = '{history}' ORDER BY sequence_number", cancel))
            rows.Add(row);
        return rows;
    }

    /// <summary>The events of all rounds, round after round, each in its order.</summary>
    public static IAsyncEnumerable<JournalRow> Rounds(DbConnection database, CancellationToken cancel) =>
        Query(database, $"{Columns} WHERE persistence_id <> '{Federation}' ORDER BY persistence_id, sequence_number", cancel);

    /// <summary>The last event of these kinds in the federation's history; null when there is none.</summary>
    public static async Task<JournalRow?> Last(DbConnection database, string manifest, CancellationToken cancel)
    {
        await foreach (var row in Query(database, $"{Columns} WHERE persistence_id = '{Federation}' AND manifest = '{manifest}' ORDER BY sequence_number DESC LIMIT 1", cancel))
            return row;
        return null;
    }

    /// <summary>The federations' plans, the last one first.</summary>
    public static IAsyncEnumerable<JournalRow> Submitted(DbConnection database, CancellationToken cancel) =>
        Query(database, $"{Columns} WHERE persistence_id = '{Federation}' AND manifest = 'f.submit' ORDER BY sequence_number DESC", cancel);

    /// <summary>What began or was resumed, the last one first.</summary>
    public static IAsyncEnumerable<JournalRow> Begun(DbConnection database, CancellationToken cancel) =>
        Query(database, $"{Columns} WHERE persistence_id = '{Federation}' AND manifest IN ('f.submit', 'f.resume') ORDER BY sequence_number DESC", cancel);

    /// <summary>The rounds committed after an event of the federation's history, the last one first.</summary>
    public static IAsyncEnumerable<JournalRow> Committed(DbConnection database, long since, CancellationToken cancel) => Query(
        database, string.Create(CultureInfo.InvariantCulture, $"{Columns} WHERE persistence_id = '{Federation}' AND manifest = 'f.round' AND sequence_number > {since} ORDER BY sequence_number DESC"), cancel);

    /// <summary>The latest events of all histories, the last one first.</summary>
    public static IAsyncEnumerable<JournalRow> Latest(DbConnection database, int most, CancellationToken cancel) =>
        Query(database, string.Create(CultureInfo.InvariantCulture, $"{Columns} ORDER BY ordering DESC LIMIT {most}"), cancel);

    /// <summary>The events of all histories after this place, the earliest first.</summary>
    public static IAsyncEnumerable<JournalRow> After(DbConnection database, long ordering, int most, CancellationToken cancel) =>
        Query(database, string.Create(CultureInfo.InvariantCulture, $"{Columns} WHERE ordering > {ordering} ORDER BY ordering LIMIT {most}"), cancel);

    private static async IAsyncEnumerable<JournalRow> Query(DbConnection database, string question, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var command = database.CreateCommand();
        command.CommandText = question;
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            yield return new JournalRow(
                rows.GetInt64(0), rows.GetString(1), rows.GetInt64(2), Text(3), Text(4), rows.IsDBNull(5) ? [] : (byte[])rows.GetValue(5),
                rows.IsDBNull(6) ? 0 : Convert.ToInt32(rows.GetValue(6), CultureInfo.InvariantCulture));
        }

        string Text(int column) => rows.IsDBNull(column) ? "" : rows.GetString(column);
    }
}
