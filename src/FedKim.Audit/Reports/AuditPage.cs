using System.Net;
using System.Text;
using static FedKim.Audit.Reports.AuditWords;

namespace FedKim.Audit.Reports;

/// <summary>A report as one page of HTML, to be read, printed and filed: it needs nothing besides itself, and runs nothing.</summary>
public static class AuditPage
{
    private const string Style =
        "body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
        + "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ccc}th{background:#f2f2f2}"
        + "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}code{font-size:.85em;overflow-wrap:anywhere}.bad{color:#a00000;font-weight:600}@media print{body{margin:0;max-width:none}}";

    /// <summary>The page.</summary>
    /// <param name="report">What it tells.</param>
    /// <param name="made">When it was made.</param>
    public static string Of(AuditReport report, DateTimeOffset made)
    {
        var page = new StringBuilder();
        string title = $"Audit of {report.Node ?? "a node"}{(report.Site is { } site ? $" with {site}" : "")}";
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
            .Append($"<title>{Text(title)}</title>\n<style>{Style}</style>\n</head>\n<body>\n<h1>{Text(title)}</h1>\n");
        page.Append($"<p>Made {Text(AuditWords.Of(made))} from {Count(report.Lines, "line")}")
            .Append(report is { From: { } from, Until: { } until } ? $", written {Text(AuditWords.Of(from))} to {Text(AuditWords.Of(until))}" : "").Append(". Times are UTC.</p>\n");
        page.Append($"<p>Chain of lines: <span{(report.Problem is null ? "" : " class=\"bad\"")}>{Text(Chain(report))}</span>.<br>Last line: <code>{Text(report.Head)}</code>. ")
            .Append("Whoever keeps this page can prove later that no line up to this one was changed: <code>fedkim audit --holds HASH</code>.</p>\n");
        Totals(page, "What left this node", report.Totals.Where(total => total.Kind == AuditKind.Sent));
        Totals(page, "What came to this node", report.Totals.Where(total => total.Kind == AuditKind.Received));
        page.Append("<p>Bytes are those of the files themselves, as they were written to or read from the connection; what HTTP and TLS add is not counted.</p>\n");
        Events(page, "What was refused", report.Events.Where(one => one.Kind == AuditKind.Refused || one.Outcome == AuditOutcome.Refused));
        Events(page, "What this site was asked to train for", report.Events.Where(one => one.Kind == AuditKind.Asked));
        Events(page, "What was changed, by commands", report.Events.Where(one => one.Kind == AuditKind.Changed && one.Outcome != AuditOutcome.Refused));
        Events(page, "Who came, went, and was put out", report.Events.Where(one => one.Kind is AuditKind.Joined or AuditKind.Left or AuditKind.Revoked));
        Events(page, "The node and its log", report.Events.Where(one => one.Matter is AuditMatter.Node or AuditMatter.Log && one.Kind != AuditKind.Refused));
        Table(page, "Every file that moved", ["Last", "", "What", "For", "SHA-256", "To or from", "Protected by", "Bytes", ""], report.Files.Select(file => (string[])
        [
            AuditWords.Of(file.Last), AuditWords.Of(file.Kind), AuditWords.Of(file.Matter), Place(file.Federation, file.Round), file.Digest ?? "", Peer(file.Peer),
            Protection(file.Protection), AuditWords.Of(file.Bytes), Pieces(file),
        ]));
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void Totals(StringBuilder page, string title, IEnumerable<MovedTotal> totals) => Table(
        page, title, ["What", "To or from", "Protected by", "Files", "Bytes"], totals.Select(total => (string[])
        [
            $"{AuditWords.Of(total.Matter)}s", Peer(total.Peer), Protection(total.Protection), AuditWords.Of(total.Files), AuditWords.Of(total.Bytes),
        ]));

    private static void Events(StringBuilder page, string title, IEnumerable<AuditEvent> events) => Table(
        page, title, ["First", "Last", "", "What", "Who", "For", "Why", "Times"], events.Select(one => (string[])
        [
            AuditWords.Of(one.First), AuditWords.Of(one.Last), AuditWords.Of(one.Kind), AuditWords.Of(one.Matter), one.Peer ?? "",
            Place(one.Federation, one.Round), one.Detail ?? "",
            AuditWords.Of(one.Times),
        ]));

    private static void Table(StringBuilder page, string title, string[] heads, IEnumerable<string[]> rows)
    {
        page.Append($"<h2>{Text(title)}</h2>\n");
        string[][] all = [.. rows];
        if (all.Length == 0)
        {
            page.Append("<p>Nothing.</p>\n");
            return;
        }
        page.Append("<table>\n<tr>").AppendJoin("", heads.Select(head => $"<th{Numbers(head)}>{Text(head)}</th>")).Append("</tr>\n");
        foreach (string[] row in all)
            page.Append("<tr>").AppendJoin("", row.Zip(heads, (cell, head) => $"<td{Numbers(head)}>{(head == "SHA-256" ? $"<code>{Text(cell)}</code>" : Text(cell))}</td>")).Append("</tr>\n");
        page.Append("</table>\n");
    }

    private static string Numbers(string head) => head is "Bytes" or "Files" or "Times" ? " class=\"n\"" : "";

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
