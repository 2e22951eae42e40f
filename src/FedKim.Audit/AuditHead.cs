using System.Globalization;
using System.Text;
using FedKim.Parameters;

namespace FedKim.Audit;

/// <summary>The last line of a log that lay on the disk for certain, kept beside the log: without it, lines cut off the end would not be missed.</summary>
/// <param name="Number">The line's number; 0 before the first.</param>
/// <param name="Hash">Its hash.</param>
public sealed record AuditHead(long Number, string Hash)
{
    /// <summary>The head of a log without lines.</summary>
    public static AuditHead None { get; } = new(0, AuditLine.Beginning);

    /// <summary>Reads one; null where there is none, or no whole one.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static AuditHead? Read(string path) =>
        File.Exists(path) && File.ReadAllText(path).TrimEnd().Split(' ') is [var number, var hash] && hash.Length == AuditLine.Beginning.Length
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long known)
            ? new AuditHead(known, hash)
            : null;

    /// <summary>Keeps it; the lines must be on the disk before. A power cut may leave an earlier one, which misses fewer lines, or none.</summary>
    /// <exception cref="IOException">The disk is full or fails; the one before still stands.</exception>
    public void Write(string path) => WholeFile.Write(path, Encoding.ASCII.GetBytes($"{this}\n"));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number} {Hash}");
}
