using System.Net.Sockets;

namespace FedKim.Parameters;

/// <summary>
/// Trouble that a node has with its own files: the one rule for it. It passes (a disk gets room, a folder gets its rights back), so what met
/// it waits and tries again; it is nobody else's fault. The words hold no path, so they may leave the node.
/// </summary>
/// <param name="What">What is wrong, e.g. <c>no space left in the server's spool</c>.</param>
/// <param name="Until">When work goes on, e.g. <c>goes on when there is</c>.</param>
public sealed record FileTrouble(string What, string Until)
{
    // The same numbers on x86-64 and arm64.
    private const int NoEntry = 2, InputOutput = 5, TableFull = 23, TooManyOpen = 24, NoSpace = 28, ReadOnly = 30, QuotaExceeded = 122;
    private const int MostErrno = 4096;

    /// <summary>The trouble that an exception tells of; null when it tells of none with files.</summary>
    /// <param name="e">The exception.</param>
    /// <param name="place">Where it met it, e.g. <c>the server's spool</c>.</param>
    public static FileTrouble? Of(Exception e, string place) => e switch
    {
        UnauthorizedAccessException => new FileTrouble($"{place} may not be read or written by the node's account", "goes on when it may"),
        FileNotFoundException or DirectoryNotFoundException => Missing(place),
        HttpIOException or { InnerException: SocketException } => null,
        IOException => Number(e) switch
        {
            NoSpace => new FileTrouble($"no space left in {place}", "goes on when there is"),
            QuotaExceeded => new FileTrouble($"the quota is used up in {place}", "goes on when there is room"),
            ReadOnly => new FileTrouble($"{place} can only be read", "goes on when it can be written"),
            NoEntry => Missing(place),
            TableFull or TooManyOpen => new FileTrouble($"too many files are open to use {place}", "goes on when some are closed"),
            InputOutput => new FileTrouble($"the disk of {place} fails", "goes on when it works"),
            _ => new FileTrouble($"{place} cannot be used", "goes on when it can"),
        },
        _ => null,
    };

    /// <summary>Whether an exception tells of a disk for certain. Others of its type may tell of a connection.</summary>
    public static bool IsOfDisk(Exception e) =>
        e is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException || (e is IOException and not HttpIOException && Number(e) > 0);

    /// <summary>The trouble as a sentence of its own.</summary>
    public string Sentence => $"{char.ToUpperInvariant(What[0])}{What[1..]}; {Until}";

    /// <inheritdoc/>
    public override string ToString() => $"{What}; {Until}";

    private static FileTrouble Missing(string place) => new($"something is missing in {place}", "goes on when it is made anew");

    // .NET hands on the number of the system call's error; a full disk is told by its words, too.
    private static int Number(Exception e) => e.HResult is > 0 and < MostErrno ? e.HResult : e.Message.StartsWith("No space left", StringComparison.Ordinal) ? NoSpace : 0;
}
