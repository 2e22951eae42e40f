using System.Data.Common;

namespace FedKim.Actors.Journals;

/// <summary>A stored event, without what it says.</summary>
/// <param name="Ordering">Its place among all events of the journal.</param>
/// <param name="History">Whose it is: <c>federation</c>, or a round such as <c>demo/3</c>.</param>
/// <param name="Number">Its number in that history, from 1.</param>
/// <param name="Kind">What kind it is.</param>
/// <param name="Bytes">How long it is.</param>
public sealed record StoredEvent(long Ordering, string History, long Number, string Kind, int Bytes);

/// <summary>Reads a journal's events in the order in which they were stored; changes nothing.</summary>
public static class JournalReading
{
    /// <summary>The latest events, the last one last; none where there are no tables yet.</summary>
    /// <exception cref="JournalException">The database cannot be reached or used.</exception>
    public static async Task<IReadOnlyList<StoredEvent>> LastAsync(Journal journal, int most, CancellationToken cancel = default) =>
        [.. (await Read(journal, database => JournalRow.Latest(database, most, cancel), cancel)).OrderBy(one => one.Ordering)];

    /// <summary>The events stored after one, the earliest first.</summary>
    /// <exception cref="JournalException">The database cannot be reached or used.</exception>
    public static Task<IReadOnlyList<StoredEvent>> AfterAsync(Journal journal, long ordering, int most, CancellationToken cancel = default) =>
        Read(journal, database => JournalRow.After(database, ordering, most, cancel), cancel);

    private static Task<IReadOnlyList<StoredEvent>> Read(Journal journal, Func<DbConnection, IAsyncEnumerable<JournalRow>> rows, CancellationToken cancel) =>
        JournalSchema.WithDatabase<IReadOnlyList<StoredEvent>>(
            journal,
            async database =>
            {
                List<StoredEvent> events = [];
                if (await JournalSchema.SchemaOf(journal, database, cancel) is null)
                    return events;
                await foreach (var row in rows(database))
                    events.Add(new StoredEvent(row.Ordering, row.History, row.Number, row.Manifest, row.Bytes.Length));
                return events;
            },
            cancel);
}
