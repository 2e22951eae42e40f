using FedKim.Audit.Reports;
using FedKim.Testing;

namespace FedKim.Audit.Tests;

/// <summary>What people are told of a log.</summary>
public sealed class AuditReportTests : IDisposable
{
    private const string Hostile = "<script>alert('\"&')</script>";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Text_says_what_left_to_whom_how_protected_and_what_was_refused()
    {
        string digest = new('a', 64);
        WriteLines(
            new AuditEntry(AuditKind.Started, AuditMatter.Node) { Peer = "spiffe://clinics/hospital/hospital-a", Detail = "process 7" },
            Given.Update(1, 400) with { Outcome = AuditOutcome.Cut }, Given.Update(1, 600),
            new AuditEntry(AuditKind.Received, AuditMatter.Model) { Peer = "spiffe://clinics/server/server", Bytes = 5000, Digest = digest, Protection = "TLS 1.3" },
            new AuditEntry(AuditKind.Changed, AuditMatter.Federation) { Peer = "account fedkim", Federation = "demo", Outcome = AuditOutcome.Refused, Detail = "stop" },
            new AuditEntry(AuditKind.Refused, AuditMatter.Connection) { Peer = "CN=mallory", Outcome = AuditOutcome.Refused, Detail = "its certificate is revoked", Times = 12 });
        var report = AuditReport.Read(_folder.Path);

        string head = report.Head;
        Assert.Equal(
            $"""
            spiffe://clinics/hospital/hospital-a | 6 lines | 2026-03-01 12:00:01Z to 2026-03-01 12:00:06Z | chain whole
            head | {head}
            sent | 1 update | spiffe://clinics/server/server | TLS 1.3 | 1,000 bytes
            received | 1 model | spiffe://clinics/server/server | TLS 1.3 | 5,000 bytes
              2026-03-01 12:00:03Z | sent | update | spiffe://clinics/server/server | federation demo, round 1 | {digest} | 1,000 bytes | 2 pieces, 1 cut off
              2026-03-01 12:00:01Z | started | node | spiffe://clinics/hospital/hospital-a | process 7
              2026-03-01 12:00:05Z | changed | federation | account fedkim | federation demo | stop | refused
              2026-03-01 12:00:06Z | refused | connection | CN=mallory | its certificate is revoked | 12 times
            """,
            string.Join('\n', AuditText.Lines(report)));
    }

    [Fact]
    public void A_site_is_told_of_alone()
    {
        WriteLines(Given.Update(1) with { Peer = "spiffe://clinics/hospital/hospital-a" }, Given.Update(1, 7) with { Peer = "spiffe://clinics/hospital/hospital-b" }, Given.Update(2, 9) with { Peer = null });
        var report = AuditReport.Read(_folder.Path, site: "hospital-b");
        Assert.Equal(7, Assert.Single(report.Files).Bytes);
        Assert.Equal(3, report.Lines);
    }

    [Fact]
    public void A_hash_that_was_filed_is_found_as_long_as_nobody_changed_what_was_before()
    {
        WriteLines(Given.Update(1), Given.Update(2), Given.Update(3));
        string hash = Given.Lines(_folder)[1].Hash;
        Assert.True(AuditReport.Read(_folder.Path, hash: hash).Holds);
        WriteLines(Given.Update(1, bytes: 1), Given.Update(2), Given.Update(3));
        Assert.False(AuditReport.Read(_folder.Path, hash: hash).Holds);
    }

    [Fact]
    public void A_page_shows_whatever_a_stranger_wrote_and_runs_none_of_it()
    {
        WriteLines(
            new AuditEntry(AuditKind.Started, AuditMatter.Node) { Peer = Hostile },
            Given.Update(1) with { Peer = Hostile, Federation = Hostile, Digest = Hostile, Protection = Hostile },
            new AuditEntry(AuditKind.Refused, AuditMatter.Connection) { Peer = Hostile, Federation = Hostile, Outcome = AuditOutcome.Refused, Detail = Hostile });
        string page = AuditPage.Of(AuditReport.Read(_folder.Path, site: null) with { Problem = Hostile, Site = Hostile }, Given.Noon);

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("alert('", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        var tags = System.Text.RegularExpressions.Regex.Matches(page, "<([^>]*)>").Select(tag => tag.Groups[1].Value.Split(' ')[0].Trim('/').ToLowerInvariant()).Distinct();
        Assert.Empty(tags.Except(["!doctype", "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "br", "span", "code", "table", "tr", "th", "td"]));
    }

    [Fact]
    public void A_page_has_what_an_officer_files()
    {
        WriteLines(Given.Update(1, 1234), new AuditEntry(AuditKind.Refused, AuditMatter.Order) { Federation = "demo", Round = 1, Outcome = AuditOutcome.Refused, Detail = "of an earlier round" });
        var report = AuditReport.Read(_folder.Path);
        string page = AuditPage.Of(report, Given.Noon);
        Assert.All(
            ["What left this node", "What came to this node", "What was refused", "spiffe://clinics/server/server", "TLS 1.3", "1,234", "of an earlier round", "federation demo, round 1", report.Head, "whole"],
            part => Assert.Contains(part, page, StringComparison.Ordinal));
    }

    private void WriteLines(params AuditEntry[] entries)
    {
        using var file = File.Create(_folder[AuditLog.Name]);
        using var log = Given.Log(Given.Chain(entries));
        log.CopyTo(file);
    }
}
