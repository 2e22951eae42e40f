using System.Globalization;
using FedKim.Chaos.Scenarios;
using FedKim.Commands.Answers;
using FedKim.Commands.Palettes;
using FedKim.Launch.Reports;

namespace FedKim.Chaos.Running;

/// <summary>
/// What was made again, by the counters that the hospitals keep of their work (<c>node work</c>): they outlive processes, so nothing is
/// missed that a killed one did. A counter or a round's history that cannot be read says nothing, and that is told, not passed over.
/// </summary>
internal sealed record WorkCounters(int Retrained, string Details, string Unreadable)
{
    private static readonly CommandInvocation Question = new("node", "work");
    private static readonly TimeSpan ReadWithin = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan EventsWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Reads the counters of all hospitals, which run, and counts what they made again for a federation.</summary>
    /// <param name="cluster">Where it ran.</param>
    /// <param name="federation">Its name.</param>
    /// <param name="scenario">What was done to it: what was damaged has to be made or sent again.</param>
    /// <param name="report">Its report; null if it never ended.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<WorkCounters> ReadAsync(RunningCluster cluster, string federation, Scenario scenario, Report? report, CancellationToken cancel)
    {
        var read = await Task.WhenAll(cluster.Hospitals.Select(async h => (Hospital: h, Rows: await RowsAsync(cluster, h, cancel))));
        var (rounds, missing) = await RoundsAsync(cluster.Journal, federation, scenario.Setting.Rounds, report, EventsWithin, cancel);
        JournalEvent[] leads = [.. cluster.Journal.Events("federation").Where(e => e.Coordinator.Length > 0)];
        var (again, count, unreadable) = (new List<string>(), 0, missing.ToList());
        foreach (var (hospital, rows) in read)
        {
            if (rows is null)
            {
                unreadable.Add($"the counter of {hospital.Site} cannot be read.");
                continue;
            }

            var known = rows.Where(r => $"{r["round"]}".StartsWith($"{federation}/", StringComparison.Ordinal)).ToDictionary(r => $"{r["round"]}");
            foreach (var (round, events) in rounds)
            {
                var accepted = events.FirstOrDefault(e => e.Manifest == "r.accept" && e.Client == hospital.Site);
                if (!known.TryGetValue(round, out var row) || Number(row, "trained") == 0)
                {
                    if (accepted is not null)
                        unreadable.Add($"the counter of {hospital.Site} cannot be read: it knows no training of {round}, whose update counts.");
                    continue;
                }

                if (Number(row, "trained") is > 1 and var trained && !Damaged(scenario, cluster, hospital.Site))
                {
                    count += (int)trained - 1;
                    again.Add($"{hospital.Site} trained {trained} times for {round}.");
                }

                // Nodes whose clocks were set cannot be compared by time; an update that was lost at a server, or that another one took over without,
                // has to be sent again.
                if (!scenario.Steps.Any(s => s is Steps.MoveClock) && !cluster.Servers.Any(s => Damaged(scenario, cluster, s.Site))
                    && accepted is not null && LastSent(row) is { } sent && sent > accepted.Stored
                    && !HasAnotherLeader(leads, accepted, sent))
                {
                    count++;
                    again.Add($"{hospital.Site} sent its update for {round} after it was accepted.");
                }
            }
        }

        return new WorkCounters(count, string.Join(" ", again), string.Join(" ", unreadable.Distinct()));
    }

    // One that comes back has what it had.
    private static bool HasAnotherLeader(IEnumerable<JournalEvent> leads, JournalEvent accepted, DateTimeOffset sent)
    {
        string leader = leads.LastOrDefault(e => e.Stored <= accepted.Stored)?.Coordinator ?? "";
        return leads.Any(e => e.Stored > accepted.Stored && e.Stored <= sent && e.Coordinator != leader);
    }

    /// <summary>
    /// The rounds' histories. What a report calls committed has its end in the journal: where that is not found, the history cannot be read,
    /// and nothing is known of what was made again.
    /// </summary>
    /// <param name="journal">The servers' journal; it may be locked for a moment.</param>
    /// <param name="federation">The federation's name.</param>
    /// <param name="count">How many rounds it has at most.</param>
    /// <param name="report">Its report; null if it never ended.</param>
    /// <param name="within">How long is looked in all.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<(IReadOnlyList<(string Round, IReadOnlyList<JournalEvent> Events)> Rounds, IReadOnlyList<string> Unreadable)> RoundsAsync(
        IJournal journal, string federation, int count, Report? report, TimeSpan within, CancellationToken cancel)
    {
        var committed = (report?.Rounds ?? []).Where(r => r.IsCommitted).Select(r => r.Number).ToHashSet();
        var (rounds, unreadable) = (new List<(string, IReadOnlyList<JournalEvent>)>(), new List<string>());
        long begun = TimeProvider.System.GetTimestamp();
        for (int number = 1; number <= count; number++)
        {
            string round = $"{federation}/{number}";
            var events = journal.Events(round);
            while (Lacks() && TimeProvider.System.GetElapsedTime(begun) < within)
            {
                await Task.Delay(AskEvery, cancel);
                events = journal.Events(round);
            }

            if (Lacks())
                unreadable.Add($"the journal of {round} cannot be read: it does not hold the end of a round that the report calls committed.");
            rounds.Add((round, events));

            bool Lacks() => committed.Contains(number) && events.All(e => e.Manifest != "r.commit");
        }

        return (rounds, unreadable);
    }

    private static async Task<IReadOnlyList<CommandRow>?> RowsAsync(RunningCluster cluster, ClusterNode node, CancellationToken cancel)
    {
        long begun = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await cluster.AskAsync(node, Question, cancel) is { } rows)
                return rows;
            if (TimeProvider.System.GetElapsedTime(begun) > ReadWithin)
                return null;
            await Task.Delay(AskEvery, cancel);
        }
    }

    private static bool Damaged(Scenario scenario, RunningCluster cluster, string site) => scenario.Steps.Any(s =>
        s is Steps.Damage { Node: var damaged } && cluster.Means(damaged, site)
        || s is Steps.CutPower { Node: var cut } && cluster.Means(cut, site)
        || s is Steps.Remove { Node: var removed } && cluster.Means(removed, site)
        // An earlier journal takes back what was made since.
        || s is Steps.PutBackJournal);

    private static DateTimeOffset? LastSent(CommandRow row) =>
        DateTimeOffset.TryParse($"{row["lastSent"]}", CultureInfo.InvariantCulture, out var sent) ? sent : null;

    private static long Number(CommandRow row, string field) => long.Parse($"{row[field]}", CultureInfo.InvariantCulture);
}
