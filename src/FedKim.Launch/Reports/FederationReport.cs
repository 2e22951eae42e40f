using System.Globalization;
using FedKim.Learning;
using FedKim.Protocol.Messages;

namespace FedKim.Launch.Reports;

/// <summary>A federation's report, from what the server's journal tells.</summary>
public static class FederationReport
{
    /// <summary>Makes the report.</summary>
    /// <param name="federation">The federation.</param>
    /// <param name="rounds">Its rounds with their clients, by number.</param>
    /// <param name="evaluation">Task evaluations as a JSON array; empty before.</param>
    public static Report Of(FederationView federation, IEnumerable<RoundView> rounds, string evaluation)
    {
        var measured = evaluation.Length == 0 ? [] : Report.ParseEvaluation(evaluation);
        var routing = TaskRouting.Of(measured);
        return new Report
        {
            Federation = federation.Federation,
            Phase = federation.Phase,
            Cause = Text(federation.Cause),
            Seed = federation.Seed,
            Strategy = federation.Strategy,
            Method = federation.Method,
            Rounds = [.. rounds.Select(Round)],
            Result = new ReportedResult(Text(federation.GlobalModel), Text(federation.Adapter)),
            Evaluation = [.. measured.Select(task => task with { Routing = null })],
            Routing = routing.IsEmpty ? null : routing,
        };
    }

    private static ReportedRound Round(RoundView round) => new()
    {
        Number = round.Number,
        Outcome = round.Phase is "Committed" or "Failed" ? round.Phase.ToLowerInvariant() : "open",
        Cause = Text(round.Cause),
        Result = Text(round.Result),
        Participants = [.. round.Invited],
        Accepted = [.. round.Accepted.Select(a => new ReportedUpdate(a.Client, a.Digest, a.Samples))],
        Dropped = [.. round.Dropped.Select(d => new ReportedDrop(d.Client, d.Reason))],
        LeftOut = [.. round.LeftOut.Select(d => new ReportedDrop(d.Client, d.Reason))],
        AggregateSha256 = Text(round.Aggregate),
        GlobalSha256 = Text(round.GlobalModel),
        AdapterSha256 = Text(round.Adapter),
        InjectionLoss = double.IsFinite(round.InjectionLoss) ? round.InjectionLoss : null,
        OpenedAt = DateTimeOffset.FromUnixTimeMilliseconds(round.OpenedAt).ToString("O", CultureInfo.InvariantCulture),
        PhaseMilliseconds = round.PhaseMilliseconds.ToDictionary(p => p.Phase.ToLowerInvariant(), p => p.Milliseconds, StringComparer.Ordinal),
    };

    private static string? Text(string text) => text.Length == 0 ? null : text;
}
