using System.Data.Common;
using FedKim.Rounds;

namespace FedKim.Actors.Journals;

/// <summary>How far a journal has come, by its own events.</summary>
public static class JournalHead
{
    /// <summary>Reads it; costs no more however long the journal is.</summary>
    /// <exception cref="JournalException">The database cannot be reached, or an event cannot be read.</exception>
    public static Task<JournalMark> ReadAsync(Journal journal, CancellationToken cancel = default) =>
        JournalSchema.WithDatabase(journal, database => Read(journal, database, cancel), cancel);

    /// <summary>Whether a federation of this name was ever submitted to the journal.</summary>
    /// <exception cref="JournalException">The database cannot be reached, or an event cannot be read.</exception>
    public static Task<bool> KnowsAsync(Journal journal, string federation, CancellationToken cancel = default) => JournalSchema.WithDatabase(
        journal,
        async database =>
        {
            await foreach (var row in JournalRow.Submitted(database, cancel))
            {
                if (Event<FederationEvents.Submitted>(journal, row)!.Plan.Id.Value == federation)
                    return true;
            }
            return false;
        },
        cancel);

    internal static async Task<JournalMark> Read(Journal journal, DbConnection database, CancellationToken cancel)
    {
        if (await JournalSchema.SchemaOf(journal, database, cancel) is null)
            return JournalMark.Start;
        var led = await JournalRow.Last(database, "f.lead", cancel);
        var (federation, since) = await Latest();
        return new JournalMark(Event<FederationEvents.TakenOver>(journal, led)?.Epoch ?? 0, federation, await Committed());

        // As a mark follows it: one that is resumed, or tried again, while it is the latest keeps what it has committed.
        async Task<(string Federation, long Since)> Latest()
        {
            var latest = (Federation: "", Since: 0L);
            await foreach (var row in JournalRow.Begun(database, cancel))
            {
                string its = row.Manifest == "f.submit"
                    ? Event<FederationEvents.Submitted>(journal, row)!.Plan.Id.Value
                    : Event<FederationEvents.FederationResumed>(journal, row)!.Federation.Value;
                if (latest.Since > 0 && its != latest.Federation)
                    break;
                latest = (its, row.Number);
            }
            return latest;
        }

        // Those that run beside it say so by their names.
        async Task<int> Committed()
        {
            await foreach (var row in JournalRow.Committed(database, since, cancel))
            {
                if (Event<FederationEvents.RoundCommitted>(journal, row) is { Federation: null } its)
                    return its.Number;
            }
            return 0;
        }
    }

    private static T? Event<T>(Journal journal, JournalRow? row) where T : class => row?.Read() switch
    {
        null => null,
        { Event: T found } => found,
        { Problem: var problem } => throw JournalException.Damaged(journal, row.History, $"event {row.Number} ({row.Manifest}) {problem}"),
    };
}
