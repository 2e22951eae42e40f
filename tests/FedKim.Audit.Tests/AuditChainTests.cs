using System.Text;
using CsCheck;

namespace FedKim.Audit.Tests;

/// <summary>What is done to a log's lines, and that it shows.</summary>
public sealed class AuditChainTests
{
    private static readonly Gen<AuditEntry> Entries = Gen.Select(Gen.Enum<AuditMatter>(), Gen.String, Gen.Long, Gen.Int[1, 99], Gen.Enum<AuditOutcome>(),
        (matter, text, bytes, round, outcome) =>
            new AuditEntry(AuditKind.Sent, matter) { Peer = text, Detail = text, Bytes = bytes, Round = round, Outcome = outcome });

    private static readonly Gen<List<byte[]>> Logs = Entries.List[3, 12].Select(entries => Given.Chain(entries));

    [Fact]
    public void A_log_that_nobody_touched_is_whole() => Logs.Sample(lines =>
    {
        int seen = 0;
        var chain = new AuditChain(Given.HeadOf(lines[^1])).Follow(Given.Log(lines), _ => seen++);
        return chain is { Problem: null, Torn.Length: 0, IsEnded: true } && seen == lines.Count && chain.Last == Given.HeadOf(lines[^1]);
    });

    [Fact]
    public void A_line_that_is_taken_away_is_missed() => Gen.Select(Logs, Gen.Int[0, 99]).Sample((lines, at) =>
    {
        var head = Given.HeadOf(lines[^1]);
        lines.RemoveAt(at % lines.Count);
        return new AuditChain(head).Follow(Given.Log(lines)).Problem is not null;
    });

    [Fact]
    public void A_byte_that_is_changed_shows() => Gen.Select(Logs, Gen.Int[0, 99], Gen.Int[0, 100_000], Gen.Byte[1, 255]).Sample((lines, at, place, change) =>
    {
        var head = Given.HeadOf(lines[^1]);
        byte[] line = lines[at % lines.Count];
        line[place % line.Length] ^= change;
        return new AuditChain(head).Follow(Given.Log(lines)).Problem is not null;
    });

    [Fact]
    public void Lines_that_change_places_show() => Gen.Select(Logs, Gen.Int[0, 99], Gen.Int[1, 99]).Sample((lines, at, other) =>
    {
        var head = Given.HeadOf(lines[^1]);
        int first = at % lines.Count, second = (first + 1 + other % (lines.Count - 1)) % lines.Count;
        (lines[first], lines[second]) = (lines[second], lines[first]);
        return new AuditChain(head).Follow(Given.Log(lines)).Problem is not null;
    });

    [Fact]
    public void A_line_that_is_put_in_between_shows() => Gen.Select(Logs, Logs, Gen.Int[0, 99]).Sample((lines, others, at) =>
    {
        var head = Given.HeadOf(lines[^1]);
        int place = at % lines.Count;
        if (lines[place].SequenceEqual(others[0]))
            return true;
        lines.Insert(place, others[0]);
        return new AuditChain(head).Follow(Given.Log(lines)).Problem is not null;
    });

    [Fact]
    public void A_log_that_was_written_anew_from_a_line_on_is_not_the_one_that_the_head_knows()
    {
        var (old, other) = (Given.Chain(Given.Update(1), Given.Update(2), Given.Update(3)), Given.Chain(Given.Update(1), Given.Update(2, bytes: 7), Given.Update(3)));
        Assert.Equal("line 3 is another one than was on the disk: the log was written anew", new AuditChain(Given.HeadOf(old[^1])).Follow(Given.Log(other)).Problem);
    }

    [Fact]
    public void What_is_wrong_is_said_by_the_line_where_it_begins()
    {
        var head = Given.HeadOf(Six()[^1]);
        Says("line 3 is gone, or is none any more", lines => lines.RemoveAt(2));
        Says("lines 2 to 4 are gone, or are none any more", lines => lines.RemoveRange(1, 3));
        Says("the end is cut off: 6 lines were on the disk, and 4 are left", lines => lines.RemoveRange(4, 2));
        Says("line 4 was changed", lines => lines[3] = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(lines[3]).Replace("1000", "1001", StringComparison.Ordinal)));
        Says("line 2 stands behind line 2: it was moved, or stands there twice", lines => lines.Insert(2, lines[1]));

        void Says(string problem, Action<List<byte[]>> change)
        {
            var lines = Six();
            change(lines);
            Assert.Equal(problem, new AuditChain(head).Follow(Given.Log(lines)).Problem);
        }

        List<byte[]> Six() => Given.Chain(Enumerable.Range(1, 6).Select(round => Given.Update(round)));
    }

    [Fact]
    public void A_line_that_is_being_written_is_no_fault()
    {
        var lines = Given.Chain(Given.Update(1), Given.Update(2));
        var chain = new AuditChain(Given.HeadOf(lines[0])).Follow(Given.Log([lines[0], lines[1][..50]], end: ""));
        Assert.Null(chain.Problem);
        Assert.Equal((50, false), (chain.Torn.Length, chain.IsEnded));
    }

    [Fact]
    public void A_line_is_written_like_this()
    {
        byte[] line = Assert.Single(Given.Chain(Given.Update(2) with { Outcome = AuditOutcome.Cut }));
        Assert.Equal(
            """{"number":1,"at":"2026-03-01T12:00:01.000Z","kind":"sent","matter":"update","peer":"spiffe://clinics/server/server","federation":"demo","round":2,"bytes":1000,"digest":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","protection":"TLS 1.3","outcome":"cut","hash":"HASH"}"""
                .Replace("HASH", Given.HeadOf(line).Hash, StringComparison.Ordinal),
            Encoding.ASCII.GetString(line));
    }

    // A test vector for whoever checks a log with other tools: SHA-256 of 64 zeros and of the line without its hash.
    [Fact]
    public void Another_program_can_follow_the_chain()
    {
        string[] lines = [.. Given.Chain(Given.Update(1), Given.Update(2)).Select(Encoding.ASCII.GetString)];
        string before = new('0', 64);
        foreach (string line in lines)
        {
            int seal = line.LastIndexOf(",\"hash\":\"", StringComparison.Ordinal);
            string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(before + line[..seal] + "}")));
            Assert.Equal($",\"hash\":\"{hash}\"}}", line[seal..]);
            before = hash;
        }
    }

    [Theory]
    [InlineData("two\nlines\r\n")]
    [InlineData("\"},{\"number\":2")]
    [InlineData("\u001b[2J\u0000\u2028\u202e<script>")]
    [InlineData("\ud800 half a pair")]
    public void Whatever_a_stranger_calls_himself_is_one_line_of_plain_letters(string text)
    {
        var entry = new AuditEntry(AuditKind.Refused, AuditMatter.Connection) { Peer = text, Detail = text, Federation = text };
        byte[] line = Assert.Single(Given.Chain(entry));
        Assert.All(line, b => Assert.InRange(b, (byte)' ', (byte)'~'));
        Assert.DoesNotContain('<', Encoding.ASCII.GetString(line));
        var read = AuditLine.Read(line)!;
        Assert.Equal(text.Length, read.Entry.Peer!.Length);
        Assert.All(read.Entry.Peer, c => Assert.False(char.IsControl(c) || char.IsSurrogate(c)));
        Assert.True(read.Follows(AuditLine.Beginning, line));
    }

    [Fact]
    public void No_name_fills_the_log() =>
        Assert.InRange(Assert.Single(Given.Chain(new AuditEntry(AuditKind.Refused, AuditMatter.Connection) { Peer = new string('<', 1_000_000) })).Length, 0, 2_500);
}
