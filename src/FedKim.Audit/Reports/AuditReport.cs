using System.Collections.Immutable;

namespace FedKim.Audit.Reports;

/// <summary>What a node's audit log says: what left it, what came, to and from whom and how protected, who was refused what, who changed what.</summary>
/// <param name="Log">The log's path.</param>
/// <param name="Node">The node, by its certificate or its name; as its log says.</param>
/// <param name="Site">The site at the other end, where only its lines are told of; null for all.</param>
/// <param name="Lines">Lines of the log.</param>
/// <param name="From">When the first of them was written; null where there is none.</param>
/// <param name="Until">When the last was.</param>
/// <param name="Problem">Where the chain of lines is broken; null where it is whole.</param>
/// <param name="TornBytes">Bytes at the end that are no line yet.</param>
/// <param name="Head">The last line's number and hash: kept elsewhere, it proves later that nothing up to here was changed.</param>
/// <param name="Holds">Whether the log holds the line whose hash was asked for; null where none was.</param>
/// <param name="Files">Files that moved, a row for each and whoever it moved to or from.</param>
/// <param name="Events">All else, in order; what repeats is one row.</param>
public sealed record AuditReport(
    string Log, string? Node, string? Site, long Lines, DateTimeOffset? From, DateTimeOffset? Until, string? Problem, int TornBytes, string Head, bool? Holds,
    ImmutableArray<MovedFile> Files, ImmutableArray<AuditEvent> Events)
{
    /// <summary>Bytes that moved, by direction, what it was, the other end, and the protection.</summary>
    public ImmutableArray<MovedTotal> Totals =>
    [
        .. Files.GroupBy(file => (file.Kind, file.Matter, file.Peer, file.Protection)).OrderBy(group => group.Key.Kind).ThenBy(group => group.Key.Peer, StringComparer.Ordinal)
            .Select(group => new MovedTotal(
                group.Key.Kind, group.Key.Matter, group.Key.Peer, group.Key.Protection, group.Select(file => file.Digest).Distinct().Count(), group.Sum(file => file.Times),
                group.Sum(file => file.Bytes))),
    ];

    /// <summary>Reads a folder's log.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="site">The site at the other end, of which is told; null for all.</param>
    /// <param name="hash">The hash of a line that is to be found; null for none.</param>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    public static AuditReport Read(string folder, string? site = null, string? hash = null)
    {
        // The head first: a node that writes meanwhile is ahead of it, and not cut off.
        var chain = new AuditChain(AuditHead.Read(Path.Combine(folder, AuditLog.HeadName)));
        string path = Path.Combine(folder, AuditLog.Name);
        string? node = null;
        bool holds = false;
        long lines = 0;
        DateTimeOffset? from = null, until = null;
        var files = new Dictionary<AuditEntry, MovedFile>();
        var events = new Dictionary<AuditEntry, AuditEvent>();
        using (var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            chain.Follow(log, Take);
        return new AuditReport(
            path, node, site, lines, from, until, chain.Problem, chain.Torn.Length, chain.Last.ToString(), hash is null ? null : holds,
            [.. files.Values.OrderBy(file => file.First)], [.. events.Values.OrderBy(one => one.First)]);

        void Take(AuditLine line)
        {
            lines++;
            (from, until) = (from ?? line.At, line.At);
            holds |= line.Hash == hash;
            var entry = line.Entry;
            if (entry.Kind == AuditKind.Started)
                node = entry.Peer;
            if (site is not null && entry.Peer?.Split('/')[^1] != site)
                return;
            var same = entry with { Times = 1, Bytes = null, Outcome = AuditOutcome.Done };
            if (entry.Kind is AuditKind.Sent or AuditKind.Received)
                files[same] = (files.GetValueOrDefault(same) ?? MovedFile.Of(line)).With(line);
            else
                events[entry with { Times = 1 }] = (events.GetValueOrDefault(entry with { Times = 1 }) ?? AuditEvent.Of(line)).With(line);
        }
    }
}
