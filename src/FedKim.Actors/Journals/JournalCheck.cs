using System.Collections.Immutable;
using System.Data.Common;
using FedKim.Rounds;
using Microsoft.Data.Sqlite;

namespace FedKim.Actors.Journals;

/// <summary>Reads a whole journal and tells all that is wrong with it; changes nothing.</summary>
public static class JournalCheck
{
    /// <summary>What is wrong, history after history, the federation's first; empty for a journal that is whole.</summary>
    /// <exception cref="JournalException">The database cannot be reached or used.</exception>
    public static Task<ImmutableArray<JournalFinding>> RunAsync(Journal journal, CancellationToken cancel = default) => JournalSchema.WithDatabase(
        journal, async database => (await Read(journal, database, cancel)).Findings, cancel);

    internal static async Task<Result> Read(Journal journal, DbConnection database, CancellationToken cancel)
    {
        if (await JournalSchema.SchemaOf(journal, database, cancel) is null)
            return new Result([], []);
        if (journal.Provider == JournalProvider.Sqlite && await Contradictions(database, cancel) is { IsEmpty: false } contradictions)
            return new Result(contradictions, []);

        var federation = HistoryVerdict.Of(JournalRow.Federation, await JournalRow.Of(database, JournalRow.Federation, cancel), committed: false);
        var told = new Told(federation);
        var verdicts = ImmutableArray.CreateBuilder<HistoryVerdict>();
        var findings = ImmutableArray.CreateBuilder<JournalFinding>();
        verdicts.Add(federation);
        findings.AddRange(federation.Findings);
        List<JournalRow> rows = [];
        await foreach (var row in JournalRow.Rounds(database, cancel))
        {
            if (rows.Count > 0 && rows[0].History != row.History)
                Judge();
            rows.Add(row);
        }
        if (rows.Count > 0)
            Judge();
        return new Result(findings.ToImmutable(), verdicts.ToImmutable());

        void Judge()
        {
            string history = rows[0].History;
            var round = RoundId.Parse(history);
            var verdict = HistoryVerdict.Of(history, rows, round is { } id && told.Committed(id));
            rows.Clear();
            findings.AddRange(verdict.Findings);
            if (round is not { } its || !told.Knows(its.Federation))
                findings.Add(new JournalFinding(history, 0, "the federation's history does not know its federation: it has lost events, or is an older copy"));
            else if (its.Number > told.Latest(its.Federation) + 1)
                findings.Add(new JournalFinding(history, 0, $"the federation's history knows only {told.Latest(its.Federation)} committed rounds: it has lost events, or is an older copy"));
            if (verdict.Events.OfType<RoundEvents.TakenOver>().LastOrDefault() is { } lead && lead.Epoch > told.Epoch)
                findings.Add(new JournalFinding(history, 0, $"epoch {lead.Epoch} led it, and the federation's history ends with epoch {told.Epoch}: it has lost events, or is an older copy"));
            if (!verdict.Findings.IsEmpty)
                verdicts.Add(verdict);
        }
    }

    private static async Task<ImmutableArray<JournalFinding>> Contradictions(DbConnection database, CancellationToken cancel)
    {
        try
        {
            var found = ImmutableArray.CreateBuilder<JournalFinding>();
            await using var command = database.CreateCommand();
            command.CommandText = "PRAGMA integrity_check(5)";
            await using var lines = await command.ExecuteReaderAsync(cancel);
            while (await lines.ReadAsync(cancel))
            {
                if (lines.GetString(0) is var line and not "ok")
                    found.Add(Contradiction(line));
            }
            return found.ToImmutable();
        }
        catch (SqliteException e) when (e.SqliteErrorCode is JournalException.Corrupt or JournalException.NoDatabase)
        {
            return [Contradiction(e.Message)];
        }

        static JournalFinding Contradiction(string line) => new("", 0, $"the file contradicts itself ({line.ReplaceLineEndings(" ")}). Bring back a backup with: fedkim restore");
    }

    /// <param name="Findings">What is wrong.</param>
    /// <param name="Verdicts">The federation's history, and every other that something is wrong with; none where the file cannot be read at all.</param>
    internal sealed record Result(ImmutableArray<JournalFinding> Findings, ImmutableArray<HistoryVerdict> Verdicts);

    // What the federation's history tells of rounds.
    private sealed class Told
    {
        private readonly Dictionary<FederationId, int> _committed = [];

        public Told(HistoryVerdict federation)
        {
            FederationId? current = null;
            foreach (object e in federation.Events)
            {
                if (e is FederationEvents.Submitted s)
                    _committed[(current = s.Plan.Id).Value] = 0;
                else if (e is FederationEvents.FederationResumed resumed)
                    current = resumed.Federation;
                else if (e is FederationEvents.RoundCommitted r && (r.Federation ?? current) is { } its)
                    _committed[its] = r.Number;
                else if (e is FederationEvents.TakenOver t)
                    Epoch = Math.Max(Epoch, t.Epoch);
            }
        }

        public int Epoch { get; }

        public bool Knows(FederationId id) => _committed.ContainsKey(id);

        public int Latest(FederationId id) => _committed[id];

        public bool Committed(RoundId round) => _committed.GetValueOrDefault(round.Federation) >= round.Number;
    }
}
