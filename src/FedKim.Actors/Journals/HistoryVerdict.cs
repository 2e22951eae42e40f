using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Actors.Journals;

/// <summary>One thing that is wrong with a journal.</summary>
/// <param name="History">Whose: <c>federation</c>, a round such as <c>demo/3</c>, or empty for the journal as a whole.</param>
/// <param name="Number">The event's number in it; 0 for the history as a whole.</param>
/// <param name="Problem">What is wrong.</param>
public sealed record JournalFinding(string History, long Number, string Problem);

/// <summary>
/// What is wrong with one history, and what of it stays when it is repaired. Pure. Who leads says so in its first event, in an epoch higher than all
/// before: of two writers among each other, the one of the higher epoch is right, and the other's events go. After a gap, or an event that
/// cannot be read, nothing is proven but the epochs, unless the round is committed by the federation's own history: then the rest is told on.
/// </summary>
internal sealed record HistoryVerdict
{
    private HistoryVerdict(string history) => History = history;

    public string History { get; }

    /// <summary>What is wrong, in the order of the events.</summary>
    public ImmutableArray<JournalFinding> Findings { get; private init; } = [];

    /// <summary>The events that stay, in their order.</summary>
    public ImmutableArray<JournalRow> Kept { get; private init; } = [];

    /// <summary>The events that go, each with why.</summary>
    public ImmutableArray<(JournalRow Row, string Why)> Dropped { get; private init; } = [];

    /// <summary>Whether a repair must end the round as the federation's history says it ended.</summary>
    public bool LacksItsCommit { get; private init; }

    /// <summary>Whether it holds events of a later version, which a repair must not touch.</summary>
    public bool OfAnotherVersion { get; private init; }

    /// <summary>The events that stay, read.</summary>
    public ImmutableArray<object> Events { get; private init; } = [];

    /// <param name="history">Its persistence id.</param>
    /// <param name="rows">All its events, in their order.</param>
    /// <param name="committed">Whether it is the history of a round that the federation's history says was committed.</param>
    public static HistoryVerdict Of(string history, IReadOnlyList<JournalRow> rows, bool committed)
    {
        var findings = ImmutableArray.CreateBuilder<JournalFinding>();
        var dropped = ImmutableArray.CreateBuilder<(JournalRow, string)>();
        var kept = ImmutableArray.CreateBuilder<JournalRow>();
        var events = ImmutableArray.CreateBuilder<object>();
        HashSet<string> gone = new(StringComparer.Ordinal);
        (string writer, int epoch, long last, bool proven, bool later) = ("", 0, 0, true, false);

        foreach (var row in rows)
        {
            if (row.Number != last + 1)
            {
                findings.Add(new JournalFinding(history, last + 1, row.Number == last + 2 ? "this event is missing" : $"events {last + 1} to {row.Number - 1} are missing"));
                proven = committed;
            }
            last = row.Number;

            var (read, problem) = row.Read();
            if (read is not null && (history == JournalRow.Federation ? read is not IFederationEvent : read is not IRoundEvent))
                (read, problem) = (null, "is of another kind of history");
            int? leads = read switch
            {
                FederationEvents.TakenOver t => t.Epoch,
                RoundEvents.TakenOver t => t.Epoch,
                _ => null,
            };
            if (row.Writer != writer)
            {
                if (gone.Contains(row.Writer) || leads <= epoch)
                {
                    gone.Add(row.Writer);
                    string why = leads <= epoch
                        ? $"epoch {leads} comes after epoch {epoch}: its writer had been replaced"
                        : $"its writer had been replaced by the one of epoch {epoch}: two servers wrote at once";
                    findings.Add(new JournalFinding(history, row.Number, $"{row.Manifest}: {why}"));
                    dropped.Add((row, why));
                    continue;
                }
                gone.Add(writer);
                writer = row.Writer;
            }
            epoch = Math.Max(epoch, leads ?? 0);
            if (read is null)
            {
                later |= problem.Contains("does not know", StringComparison.Ordinal);
                findings.Add(new JournalFinding(history, row.Number, $"{row.Manifest} {problem}"));
                dropped.Add((row, problem));
                proven = committed;
            }
            else if (proven || leads is not null)
            {
                kept.Add(row);
                events.Add(read);
            }
            else
            {
                dropped.Add((row, "it follows what is missing or cannot be read, and is decided anew"));
            }
        }

        bool lacks = committed && findings.Count > 0 && events.OfType<RoundEvents.Committed>().LastOrDefault() is null;
        return new HistoryVerdict(history)
        {
            Findings = findings.ToImmutable(),
            Kept = kept.ToImmutable(),
            Dropped = dropped.ToImmutable(),
            Events = events.ToImmutable(),
            LacksItsCommit = lacks,
            OfAnotherVersion = later,
        };
    }
}
