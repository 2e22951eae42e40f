using System.Data.Common;
using FedKim.Protocol.Stored;

namespace FedKim.Chaos.Running;

/// <summary>The servers' journal, read from outside while it is written.</summary>
internal interface IJournal : IAsyncDisposable
{
    /// <summary>What is stored under a persistence id, oldest first; while the journal cannot be read, what is known of it.</summary>
    IReadOnlyList<JournalEvent> Events(string persistenceId);

    /// <summary>Holds the lock that writers need until the result is disposed.</summary>
    IAsyncDisposable Lock();

    /// <summary>Ends the database server, and starts it again when the result is disposed.</summary>
    /// <param name="crash">Whether it ends in the middle of whatever it does.</param>
    /// <exception cref="NotRunnableException">There is none.</exception>
    Task<IAsyncDisposable> StopAsync(bool crash);

    /// <summary>Sets a whole copy of the journal aside.</summary>
    /// <exception cref="NotRunnableException">It is no file.</exception>
    void Copy();

    /// <summary>Puts the copy in the journal's place, as a person does who restores yesterday's; no server runs meanwhile.</summary>
    /// <exception cref="NotRunnableException">It is no file.</exception>
    void PutBack();
}

/// <summary>One stored event.</summary>
/// <param name="Number">Its sequence number, from 1.</param>
/// <param name="Manifest">What kind it is, as <see cref="FedKim.Protocol.Journals.EventSerializer"/> names it.</param>
/// <param name="Stored">When the journal wrote it.</param>
/// <param name="Message">The event's bytes.</param>
internal sealed record JournalEvent(long Number, string Manifest, DateTimeOffset Stored, byte[] Message)
{
    /// <summary>Finds the events of a history, for <see cref="Read"/>; every kind of database understands it.</summary>
    public const string Select = "SELECT sequence_number, manifest, created, message FROM journal WHERE persistence_id = @id ORDER BY sequence_number;";

    /// <summary>Whose contribution was accepted, or who was left out; empty for other events.</summary>
    public string Client => Manifest switch
    {
        "r.accept" => ContributionAccepted.Parser.ParseFrom(Message).Client,
        "r.drop" => ClientDropped.Parser.ParseFrom(Message).Client,
        _ => "",
    };

    /// <summary>The node that coordinates from here on; empty for other events.</summary>
    public string Coordinator => Manifest is "f.lead" or "r.lead" ? TakenOver.Parser.ParseFrom(Message).Node : "";

    /// <summary>The rows that <see cref="Select"/> finds.</summary>
    public static IReadOnlyList<JournalEvent> Read(DbCommand select)
    {
        using var rows = select.ExecuteReader();
        var events = new List<JournalEvent>();
        while (rows.Read())
            events.Add(new JournalEvent(rows.GetInt64(0), rows.GetString(1), new DateTimeOffset(rows.GetInt64(2), TimeSpan.Zero), rows.GetFieldValue<byte[]>(3)));
        return events;
    }
}
