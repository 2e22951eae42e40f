using FedKim.Launch.Reports;


namespace FedKim.Chaos.Running;

/// <summary>Compares the report of a disturbed run with that of an undisturbed one.</summary>
internal static class Comparison
{
    private static readonly (string Name, Func<ReportedRound, string?> Of)[] Digests =
        [("aggregateSha256", r => r.AggregateSha256), ("globalSha256", r => r.GlobalSha256), ("adapterSha256", r => r.AdapterSha256)];

    /// <summary>The first digest or contribution that differs, in words; empty when none does.</summary>
    public static string Difference(Report expected, Report report)
    {
        foreach (var (wanted, found) in expected.Rounds.Zip(report.Rounds))
        {
            if (!wanted.Accepted.SequenceEqual(found.Accepted))
                return $"Round {found.Number} accepted {Names(found)}, an undisturbed one {Names(wanted)}{(Names(found) == Names(wanted) ? " with other updates" : "")}.";
            foreach (var (name, digest) in Digests.Where(d => d.Of(wanted) != d.Of(found)))
                return $"Round {found.Number}: {name} is {digest(found) ?? "not there"}, undisturbed {digest(wanted)}.";
        }

        return expected.Result == report.Result ? "" : $"The result is {report.Result}, undisturbed {expected.Result}.";
    }

    private static string Names(ReportedRound round) => string.Join(", ", round.Accepted.Select(a => a.Client));
}
