using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace FedKim.Actors.Journals;

/// <summary>A journal that cannot be used: which, why, and what to do.</summary>
public sealed class JournalException : Exception
{
    /// <param name="message">Which journal, what is wrong, what to do.</param>
    /// <param name="passing">See <see cref="Passing"/>.</param>
    /// <param name="inner">What the driver said.</param>
    public JournalException(string message, bool passing = false, Exception? inner = null) : base(message, inner) => Passing = passing;

    /// <summary>Whether the database may well answer a little later: it is down, starting, unreachable or locked by another process.</summary>
    public bool Passing { get; }

    // SQLite's numbers for a file that contradicts itself, and one that is no database.
    internal const int Corrupt = 11;
    internal const int NoDatabase = 26;

    internal static JournalException Damaged(Journal journal, string history, string problem) => new(
        $"{journal} is damaged: history {history}: {problem}. Look at all that is wrong with it with: fedkim journal check, and this node's file.");

    internal static JournalException Of(Journal journal, Exception e) => e switch
    {
        JournalException already => already,
        PostgresException p when IsPassing(p) => new JournalException($"{journal} does not take requests yet: {p.MessageText}.", true, p),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } p => new JournalException(
            $"{journal} is not there: {p.MessageText}. Let its administrator create it, or correct the connection.", false, p),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } p => new JournalException(
            $"{journal} does not let this account do its work: {p.MessageText}. Grant it the right, or let someone who has it run: fedkim journal init.", false, p),
        PostgresException p => new JournalException($"{journal} refuses: {p.MessageText} ({p.SqlState}). Correct the connection, or the account on the database.", false, p),
        SqliteException { SqliteErrorCode: Corrupt } s => new JournalException(
            $"{journal} is damaged: {s.Message} Bring back a backup with: fedkim restore.", false, s),
        SqliteException { SqliteErrorCode: 5 or 6 } s => new JournalException($"{journal} is locked by another process.", true, s),
        SqliteException s => new JournalException($"{journal} cannot be used: {s.Message} Name a file this account may write to, on a local disk.", false, s),
        _ => new JournalException($"{journal} cannot be reached: {e.Message} Is it running, and is its port open to this node?", true, e),
    };

    internal static bool IsOfDatabase(Exception e) => e is DbException or JournalException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    // Starting, stopping, out of connections or memory, or cut off.
    private static bool IsPassing(PostgresException e) =>
        e.IsTransient || e.SqlState.StartsWith("57P", StringComparison.Ordinal) || e.SqlState.StartsWith("53", StringComparison.Ordinal);
}
