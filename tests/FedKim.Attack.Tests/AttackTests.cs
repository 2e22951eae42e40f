using System.Text;
using FedKim.Attackers;
using FedKim.Audit;

namespace FedKim.Attack.Tests;

/// <summary>What came of all the attacks on one federation: each is refused and named, nothing of them is kept, and the result is the undisturbed one.</summary>
public sealed class AttackTests(AttackedFederation federation) : IClassFixture<AttackedFederation>
{
    public static TheoryData<string> Attacks => [.. Campaign.All.Select(attack => attack.Name), .. LyingHospital.Lies.Select(lie => $"an invited hospital contributes {lie.Name}")];

    private string[] Lines => File.ReadAllLines(Path.Combine(federation.Run, "server", "log", "node.jsonl"));

    [Theory]
    [MemberData(nameof(Attacks))]
    public void It_is_refused_and_stands_in_the_audit_log_by_the_name_on_its_certificate(string attack)
    {
        var outcome = Assert.Single(federation.Tried, tried => tried.Name == attack).Outcome;
        Assert.Equal("", outcome.Obeyed);
        Assert.True(Campaign.Missing(federation.Audit, outcome).IsEmpty, $"{string.Join(", ", Campaign.Missing(federation.Audit, outcome))} in:\n{string.Join('\n', federation.Audit.Where(e => e.Kind is AuditKind.Refused or AuditKind.Revoked))}");
    }

    [Fact]
    public void The_federation_completes_with_the_undisturbed_updates_and_models()
    {
        var (attacked, undisturbed) = federation.Reports;
        Assert.True(attacked.IsCompleted, attacked.Cause);
        Assert.Equal(undisturbed.Result, attacked.Result);
        Assert.Equal(
            undisturbed.Rounds.Select(r => (r.Number, string.Join(' ', r.Accepted), r.AggregateSha256, r.GlobalSha256, r.AdapterSha256)),
            attacked.Rounds.Select(r => (r.Number, string.Join(' ', r.Accepted), r.AggregateSha256, r.GlobalSha256, r.AdapterSha256)));
        Assert.All(attacked.Rounds, round => Assert.Equal(AttackedFederation.Liar, Assert.Single(round.Dropped).Client));
    }

    [Fact]
    public void Nobody_ended_and_nobody_took_over()
    {
        Assert.Equal(["hospital-a", "hospital-b", "hospital-c", "injector", "server"], federation.Survivors);
        Assert.True(federation.Epochs.Before == federation.Epochs.After, $"Epoch {federation.Epochs}:\n{string.Join('\n', Lines.Where(line => line.Contains("\"@l\"", StringComparison.Ordinal)))}");
    }

    [Fact]
    public void The_journal_has_nothing_of_those_who_are_not_invited()
    {
        string journal = string.Concat(Directory.EnumerateFiles(federation.Run, "journal.db*").Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        Assert.Contains(AttackedFederation.Liar, journal, StringComparison.Ordinal);
        Assert.All((string[])["hospital-z", "hospital-many", "hospital-gone", "impostor", "visitor", "../", "rogue"], name => Assert.DoesNotContain(name, journal, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_of_them_breaks_anything_that_the_server_would_report_as_its_own_fault()
    {
        Assert.DoesNotContain(Lines, line => line.Contains("\"@l\":\"Fatal\"", StringComparison.Ordinal));
        Assert.DoesNotContain(Lines, line => line.Contains("met a fault", StringComparison.Ordinal));
    }

    [Fact]
    public void A_site_led_to_doors_of_no_server_goes_on_to_the_true_one_and_follows_none_of_the_others()
    {
        // Who shows a server's certificate is asked, and where it sends the site, the site does not go.
        Assert.Equal((0, 0, true, 0), (federation.AskedAtDoors[0], federation.AskedAtDoors[1], federation.AskedAtDoors[2] > 0, federation.AskedAtDoors[3]));
        var refused = federation.AuditOfLed.Where(entry => entry.Kind == AuditKind.Refused).Select(entry => $"{entry.Peer} {entry.Detail}").ToList();
        Assert.Contains("spiffe://up/server/server its certificate was signed by another authority", refused);
        Assert.Contains("spiffe://up/hospital/hospital-y a server is wanted here", refused);
        Assert.Contains(federation.AuditOfLed, entry => entry is { Kind: AuditKind.Sent, Peer: "spiffe://up/server/server" });
        Assert.All(federation.AuditOfLed.Where(entry => entry.Kind == AuditKind.Sent), entry => Assert.Equal("spiffe://up/server/server", entry.Peer));
    }
}
