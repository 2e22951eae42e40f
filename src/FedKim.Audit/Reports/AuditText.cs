using static FedKim.Audit.Reports.AuditWords;

namespace FedKim.Audit.Reports;

/// <summary>A report as lines for a terminal.</summary>
public static class AuditText
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Lines(AuditReport report)
    {
        yield return Line(
            report.Node ?? report.Log, report.Site is { } site ? $"with {site}" : "", Count(report.Lines, "line"),
            report is { From: { } from, Until: { } until } ? $"{Of(from)} to {Of(until)}" : "", $"chain {Chain(report)}");
        yield return Line("head", report.Head, report.Holds switch { null => "", true => "the line asked for is there, unchanged", false => "the line asked for is not there" });
        foreach (var total in report.Totals)
            yield return Line(Of(total.Kind), $"{Count(total.Files, Of(total.Matter))}", Peer(total.Peer), Protection(total.Protection), $"{Of(total.Bytes)} bytes");
        foreach (var file in report.Files.Where(file => file.Kind == AuditKind.Sent))
            yield return File(file);
        foreach (var one in report.Events)
            yield return Event(one);
    }

    private static string File(MovedFile file) => Line(
        $"  {Of(file.Last)}", Of(file.Kind), Of(file.Matter), Peer(file.Peer), Place(file.Federation, file.Round), file.Digest ?? "", $"{Of(file.Bytes)} bytes", Pieces(file));

    private static string Event(AuditEvent one) => Line(
        $"  {Of(one.Last)}", Of(one.Kind), Of(one.Matter), one.Peer ?? "", Place(one.Federation, one.Round), one.Detail ?? "",
        one is { Outcome: not AuditOutcome.Done, Kind: not AuditKind.Refused } ? Of(one.Outcome) : "", Times(one.Times));

    private static string Line(params IEnumerable<string> fields) => string.Join(" | ", fields.Where(field => field.Length > 0));
}
