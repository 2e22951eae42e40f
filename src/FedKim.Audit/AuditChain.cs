using System.Security.Cryptography;

namespace FedKim.Audit;

/// <summary>Follows the chain of a log's lines, and finds the first place where it is broken. It goes on behind it, as a writer must.</summary>
/// <param name="head">What the head beside the log says; null where it is not there.</param>
public sealed class AuditChain(AuditHead? head)
{
    private readonly List<byte> _torn = [];

    /// <summary>The last line.</summary>
    public AuditHead Last { get; private set; } = AuditHead.None;

    /// <summary>The first thing that is wrong, for people; null where nothing is so far.</summary>
    public string? Problem { get; private set; }

    /// <summary>What is wrong and stands in no line of the log itself yet; null where nothing is.</summary>
    public string? News { get; private set; }

    /// <summary>Whether the log ends where a line does.</summary>
    public bool IsEnded { get; private set; } = true;

    /// <summary>The bytes behind the last line that are none: of a line that was not finished, or is being written.</summary>
    public ReadOnlySpan<byte> Torn => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_torn);

    /// <summary>Follows a log to its end.</summary>
    /// <param name="log">The log.</param>
    /// <param name="seen">Told each line.</param>
    public AuditChain Follow(Stream log, Action<AuditLine>? seen = null)
    {
        foreach (var (bytes, ended) in Pieces(log))
        {
            IsEnded = ended;
            if (Read(bytes) is { } line)
                seen?.Invoke(line);
            else
                _torn.AddRange(ended ? [.. bytes, (byte)'\n'] : bytes);
        }
        if (head is not null && head.Number > Last.Number)
        {
            News = $"the end is cut off: {head.Number} lines were on the disk, and {Last.Number} are left";
            Problem ??= News;
        }
        return this;
    }

    /// <summary>The digest by which a line of kind <see cref="AuditKind.Torn"/> names the bytes before it.</summary>
    public static string DigestOf(ReadOnlySpan<byte> torn) => Convert.ToHexStringLower(SHA256.HashData(torn));

    private AuditLine? Read(byte[] bytes)
    {
        if (AuditLine.Read(bytes) is not { } line)
            return null;
        if (Wrong(line, bytes) is { } wrong)
            (Problem, News) = (Problem ?? wrong, wrong);
        if (line.Entry.Kind == AuditKind.Broken)
            News = null;
        Last = new AuditHead(line.Number, line.Hash);
        _torn.Clear();
        return line;
    }

    private string? Wrong(AuditLine line, byte[] bytes)
    {
        long next = Last.Number + 1;
        if (line.Number > next)
            return line.Number == next + 1 ? $"line {next} is gone, or is none any more" : $"lines {next} to {line.Number - 1} are gone, or are none any more";
        if (line.Number < next)
            return $"line {line.Number} stands behind line {Last.Number}: it was moved, or stands there twice";
        if (!line.Follows(Last.Hash, bytes))
            return $"line {line.Number} was changed";
        if (line.Entry.Kind == AuditKind.Broken)
            return $"before line {line.Number}, {line.Entry.Detail}";
        bool torn = line.Entry.Kind == AuditKind.Torn;
        if (torn != _torn.Count > 0 || (torn && (line.Entry.Bytes != _torn.Count || line.Entry.Digest != DigestOf(Torn))))
            return $"before line {line.Number} are bytes that it does not speak of, or those that it speaks of are gone";
        return head is not null && head.Number == line.Number && head.Hash != line.Hash ? $"line {line.Number} is another one than was on the disk: the log was written anew" : null;
    }

    private static IEnumerable<(byte[] Bytes, bool Ended)> Pieces(Stream log)
    {
        byte[] buffer = new byte[64 * 1024];
        List<byte> piece = [];
        while (log.Read(buffer) is var read and > 0)
        {
            int from = 0;
            while (Array.IndexOf(buffer, (byte)'\n', from, read - from) is var end and >= 0)
            {
                piece.AddRange(buffer.AsSpan(from..end));
                yield return ([.. piece], true);
                piece.Clear();
                from = end + 1;
            }
            piece.AddRange(buffer.AsSpan(from..read));
        }
        if (piece.Count > 0)
            yield return ([.. piece], false);
    }
}
