using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using FedKim.Parameters;
using FedKim.Parameters.Strategies;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors;

/// <summary>
/// Why something broke at a server, in words that may leave it: no path of it. Sites say no such words, but those of
/// <see cref="SiteSentences"/>; a server holds no data. The full text stays in the node's own log.
/// </summary>
internal static partial class Reason
{
    /// <summary>The reason that an exception gives.</summary>
    /// <param name="e">The exception.</param>
    /// <param name="place">Where the node keeps its files, in words.</param>
    public static string Of(Exception e, string place) => WithoutPaths(FileTrouble.Of(e, place) is { } trouble ? trouble.Sentence : e switch
    {
        TransferException or DamagedException or ArithmeticException or SafetensorsException or UnknownNameException or StrategyException => e.Message,
        // What the runtime of a device says: its first line, the rest are its own calls.
        ExternalException or OutOfMemoryException => e.Message.Split('\n', 2)[0].Trim(),
        _ => $"a fault that the node does not know ({e.GetType().Name}); its own log says more",
    });

    /// <summary>A text with every absolute path left out. Addresses of servers stay.</summary>
    public static string WithoutPaths(string text) => AbsolutePath().Replace(text, "(a path of the node)");

    // A slash at the start of a word, or a drive. In quotes to the closing one; else to the end of the word, and on over blanks where a later
    // word has a slash, too: what lies between may be a patient's name. An address ends it.
    [GeneratedRegex("""
        (?<=')(?:/|[A-Za-z]:\\)[^'\n]*(?=') | (?<=")(?:/|[A-Za-z]:\\)[^"\n]*(?=")
        | (?<![^\s'"(\[=,;])(?:/|[A-Za-z]:\\)(?=\S)[^\s'"()\[\],;:]*(?:(?:\x20(?!\S*://)[^\s'"()\[\],;:/\\]+){0,3}\x20(?!\S*://)[^\s'"()\[\],;:/\\]*[/\\][^\s'"()\[\],;:]*)*(?<![.:])
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex AbsolutePath();
}
