using FedKim.Testing;

namespace FedKim.Audit.Tests;

/// <summary>The log's file through whatever happens to its writer.</summary>
public sealed class AuditLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Log => _folder[AuditLog.Name];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_log_goes_on_where_it_ended()
    {
        Given.Write(_folder, Given.Update(1), Given.Update(2));
        Given.Write(_folder, Given.Update(3));
        Assert.Equal([1, 2, 3], Given.Lines(_folder).Select(line => line.Entry.Round!.Value));
        Assert.Equal(3, AuditHead.Read(_folder[AuditLog.HeadName])!.Number);
    }

    [Fact]
    public void Many_speak_at_once_and_every_word_is_one_line_of_one_chain()
    {
        const int Speakers = 16, Words = 200;
        using (var log = Given.Open(_folder))
        {
            Parallel.For(0, Speakers, speaker =>
            {
                for (int i = 0; i < Words; i++)
                    log.Note(Given.Update(speaker, bytes: i));
            });
        }
        var lines = Given.Lines(_folder);
        Assert.Equal(Speakers * Words, lines.Count);
        Assert.All(lines.GroupBy(line => line.Entry.Round), speaker => Assert.Equal(Enumerable.Range(0, Words), speaker.Select(line => (int)line.Entry.Bytes!.Value)));
    }

    [Fact]
    public void Half_a_line_is_spoken_of_by_the_next_and_is_no_fault_ever_after()
    {
        for (int kept = 1; kept < 60; kept += 13)
        {
            Given.Write(_folder, Given.Update(1));
            File.AppendAllText(Log, new string('{', kept));
            Given.Write(_folder, Given.Update(2));
        }
        var lines = Given.Lines(_folder);
        Assert.Equal(5, lines.Count(line => line.Entry.Kind == AuditKind.Torn));
        Assert.Equal(10, lines.Count(line => line.Entry.Kind == AuditKind.Sent));

        File.WriteAllText(Log, File.ReadAllText(Log).Replace("\n{{{{{{{{{{{{{{{{{{{{{{{{{{{\n", "\n", StringComparison.Ordinal));
        Assert.Contains("are gone", Given.Follow(_folder).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\n\n{\"number\":")]
    public void A_crash_while_a_torn_end_is_mended_is_mended_too(string left)
    {
        Given.Write(_folder, Given.Update(1));
        File.AppendAllText(Log, $"{{\"num{left}");
        Given.Write(_folder, Given.Update(2));
        Assert.Equal([AuditKind.Sent, AuditKind.Torn, AuditKind.Sent], Given.Lines(_folder).Select(line => line.Entry.Kind));
    }

    [Fact]
    public void A_whole_line_that_lacks_only_its_end_counts()
    {
        Given.Write(_folder, Given.Update(1), Given.Update(2));
        File.WriteAllText(Log, File.ReadAllText(Log).TrimEnd('\n'));
        Given.Write(_folder, Given.Update(3));
        Assert.Equal([1, 2, 3], Given.Lines(_folder).Select(line => line.Entry.Round!.Value));
    }

    [Fact]
    public void What_was_cut_off_while_the_node_was_away_is_told_for_ever()
    {
        Given.Write(_folder, Given.Update(1), Given.Update(2), Given.Update(3));
        File.WriteAllLines(Log, File.ReadAllLines(Log)[..1]);
        var told = new List<string>();
        Given.Open(_folder, told).Dispose();
        Given.Write(_folder, Given.Update(4));
        Assert.Contains("the end is cut off: 3 lines were on the disk, and 1 are left", Assert.Single(told), StringComparison.Ordinal);
        List<AuditLine> lines = [];
        Assert.Equal("before line 2, the end is cut off: 3 lines were on the disk, and 1 are left", Given.Follow(_folder, lines.Add).Problem);
        Assert.Equal([AuditKind.Sent, AuditKind.Broken, AuditKind.Sent], lines.Select(line => line.Entry.Kind));
    }

    [Fact]
    public void A_log_that_is_gone_is_missed()
    {
        Given.Write(_folder, Given.Update(1), Given.Update(2));
        File.Delete(Log);
        Given.Write(_folder, Given.Update(3));
        Assert.Contains("2 lines were on the disk, and 0 are left", Given.Follow(_folder).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_is_told_once_in_the_log_and_always_by_whoever_follows_it()
    {
        Given.Write(_folder, Given.Update(1), Given.Update(2));
        File.WriteAllText(Log, File.ReadAllText(Log).Replace("\"round\":1", "\"round\":9", StringComparison.Ordinal));
        Given.Write(_folder, Given.Update(3));
        Given.Write(_folder, Given.Update(4));
        List<AuditLine> lines = [];
        Assert.Equal("line 1 was changed", Given.Follow(_folder, lines.Add).Problem);
        Assert.Equal("line 1 was changed", Assert.Single(lines, line => line.Entry.Kind == AuditKind.Broken).Entry.Detail);
    }

    [Fact]
    public void A_line_is_there_while_the_node_runs()
    {
        using var log = Given.Open(_folder);
        log.Note(Given.Update(1));
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Log) && new FileInfo(Log).Length > 0, TimeSpan.FromSeconds(30)));
        Assert.True(SpinWait.SpinUntil(() => AuditHead.Read(_folder[AuditLog.HeadName]) is { Number: 1 }, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Who_is_refused_again_and_again_is_counted_and_does_not_fill_the_log()
    {
        var stranger = new AuditEntry(AuditKind.Refused, AuditMatter.Connection) { Peer = "CN=mallory", Outcome = AuditOutcome.Refused, Detail = "its certificate is revoked" };
        Given.Write(_folder, Enumerable.Repeat(stranger, 1000).Append(Given.Update(1)).Concat(Enumerable.Range(0, 500).Select(i => stranger with { Peer = $"CN={i}" })));
        var lines = Given.Lines(_folder);
        Assert.InRange(lines.Count, 3, 60);
        Assert.Equal(1500, lines.Where(line => line.Entry.Kind == AuditKind.Refused).Sum(line => line.Entry.Times));
        Assert.Equal(1000, lines.Where(line => line.Entry.Peer == "CN=mallory").Sum(line => line.Entry.Times));
    }

    [Fact]
    public void A_log_that_cannot_be_written_hinders_nobody_and_goes_on_when_it_can()
    {
        string folder = _folder.Write("log", "a file where the folder should be");
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using (var log = AuditLog.Open(folder, TimeProvider.System, told.Enqueue))
        {
            log.Note(Given.Update(1));
            Assert.True(SpinWait.SpinUntil(() => !told.IsEmpty, TimeSpan.FromSeconds(30)));
            File.Delete(folder);
            Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(folder, AuditLog.Name)), TimeSpan.FromSeconds(30)));
        }
        Assert.Contains("cannot be written, and is tried again", Assert.Single(told), StringComparison.Ordinal);
        Assert.Contains("\"round\":1", File.ReadAllText(Path.Combine(folder, AuditLog.Name)), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_is_heard_after_the_end_and_nobody_fails()
    {
        var log = Given.Open(_folder);
        log.Note(Given.Update(1));
        log.Dispose();
        log.Note(Given.Update(2));
        Assert.Equal(1, Assert.Single(Given.Lines(_folder)).Entry.Round);
    }
}
