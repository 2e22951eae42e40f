using FedKim.Actors.Journals;
using FedKim.Configuration;

namespace FedKim.Launch;

/// <summary>What keeps the journal of a run's servers.</summary>
/// <param name="Provider">As <c>fedkim.journal.provider</c> has it.</param>
/// <param name="Connection">The connection string of a database; empty for a file, and for memory.</param>
public sealed record RunJournal(string Provider, string Connection = "")
{
    private const string Postgres = "postgres", Scheme = Postgres + "://", LongScheme = "postgresql://";

    /// <summary>A file in the run's folder.</summary>
    public static RunJournal Sqlite { get; } = new("sqlite");

    /// <summary>Nothing, to measure what a file costs.</summary>
    public static RunJournal Memory { get; } = new("memory");

    /// <summary>
    /// Reads what a command line says: <c>sqlite</c>, <c>memory</c>, or <c>postgres://USER:PASSWORD@HOST:PORT/DATABASE</c>, of which host and database
    /// are needed. A password may stay in <c>~/.pgpass</c> instead.
    /// </summary>
    /// <returns>Null where it is none of these.</returns>
    public static RunJournal? Parse(string text)
    {
        if (text == Sqlite.Provider || text == Memory.Provider)
            return new RunJournal(text);
        if ((!text.StartsWith(Scheme, StringComparison.Ordinal) && !text.StartsWith(LongScheme, StringComparison.Ordinal))
            || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.AbsolutePath.Length < 2 || uri.Query.Length > 0)
        {
            return null;
        }
        string[] who = uri.UserInfo.Split(':', 2);
        var parts = new (string Key, string Value)[]
        {
            ("Host", uri.Host), ("Port", uri.IsDefaultPort || uri.Port < 0 ? "" : $"{uri.Port}"), ("Database", Uri.UnescapeDataString(uri.AbsolutePath[1..])),
            ("Username", Uri.UnescapeDataString(who[0])), ("Password", who.Length > 1 ? Uri.UnescapeDataString(who[1]) : ""),
        };
        return new RunJournal(Postgres, string.Join(';', parts.Where(part => part.Value.Length > 0).Select(part => $"{part.Key}={Quoted(part.Value)}")));
    }

    /// <summary>Looks whether a database is empty: what another run stored there would pass for the result of this one. Waits for the database.</summary>
    /// <exception cref="InvalidConfigurationException">It is not, or it cannot be used.</exception>
    internal void CheckEmpty(CancellationToken cancel)
    {
        if (Connection.Length == 0)
            return;
        try
        {
            // A run is prepared on a thread of its own, which waits for ports and for other processes, too.
            if (JournalReading.LastAsync(Journal.Postgres(Connection), most: 1, cancel).GetAwaiter().GetResult().Count > 0)
                throw new InvalidConfigurationException(["--journal: that database holds the journal of another run. Name one that is empty, or take that run up by its --work."]);
        }
        catch (Exception e) when (e is JournalException or ArgumentException)
        {
            throw new InvalidConfigurationException([$"--journal: {e.Message}"]);
        }
    }

    /// <summary>The settings of a server's file.</summary>
    internal string Settings => this == Sqlite ? $"journal.provider = {Provider}\n  journal.file = \"{RunFolder.Journal}\""
        : Connection.Length > 0 ? $"journal.provider = {Provider}\n  journal.connection = {HoconText.Quoted(Connection)}"
        : $"journal.provider = {Provider}";

    // As connection strings want it: a value in quotes goes on behind two of them.
    private static string Quoted(string value) => value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or ':')
        ? value
        : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
