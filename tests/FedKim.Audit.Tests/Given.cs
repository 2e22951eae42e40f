using System.Text;
using FedKim.Testing;

namespace FedKim.Audit.Tests;

/// <summary>Logs for tests.</summary>
internal static class Given
{
    internal static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    internal static AuditEntry Update(int round, long bytes = 1000) => new(AuditKind.Sent, AuditMatter.Update)
    {
        Peer = "spiffe://clinics/server/server",
        Federation = "demo",
        Round = round,
        Bytes = bytes,
        Digest = new string('a', 64),
        Protection = "TLS 1.3",
    };

    /// <summary>The lines of a log, without their ends.</summary>
    internal static List<byte[]> Chain(params IEnumerable<AuditEntry> entries)
    {
        var (lines, last, number) = (new List<byte[]>(), AuditLine.Beginning, 0L);
        foreach (var entry in entries)
        {
            var (line, bytes) = AuditLine.Make(++number, Noon.AddSeconds(number), entry, last);
            lines.Add(bytes);
            last = line.Hash;
        }
        return lines;
    }

    internal static Stream Log(IEnumerable<byte[]> lines, string end = "\n") =>
        new MemoryStream(Encoding.Latin1.GetBytes(string.Join('\n', lines.Select(Encoding.Latin1.GetString)) + end));

    internal static AuditHead HeadOf(byte[] line) => AuditLine.Read(line) is { } read ? new AuditHead(read.Number, read.Hash) : throw new ArgumentException("no line");

    /// <summary>Writes entries to a folder's log, as a node does, and ends it.</summary>
    internal static void Write(TemporaryFolder folder, params IEnumerable<AuditEntry> entries)
    {
        using var log = Open(folder);
        foreach (var entry in entries)
            log.Note(entry);
    }

    internal static AuditLog Open(TemporaryFolder folder, List<string>? told = null) => AuditLog.Open(folder.Path, TimeProvider.System, problem => told?.Add(problem));

    internal static AuditChain Follow(TemporaryFolder folder, Action<AuditLine>? seen = null)
    {
        var head = AuditHead.Read(folder[AuditLog.HeadName]);
        using var log = File.OpenRead(folder[AuditLog.Name]);
        return new AuditChain(head).Follow(log, seen);
    }

    internal static List<AuditLine> Lines(TemporaryFolder folder)
    {
        List<AuditLine> lines = [];
        Assert.Null(Follow(folder, lines.Add).Problem);
        return lines;
    }
}
