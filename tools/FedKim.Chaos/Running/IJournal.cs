namespace FedKim.Chaos.Running;

/// <summary>A server's journal, read from outside while it is written.</summary>
internal interface IJournal : IDisposable
{
    /// <summary>What is stored under a persistence id, oldest first; nothing while the journal cannot be read.</summary>
    IReadOnlyList<JournalEvent> Events(string persistenceId);

    /// <summary>Holds the lock that writers need until the result is disposed.</summary>
    /// <exception cref="NotSupportedException">This kind of journal has no such lock.</exception>
    IDisposable Lock();
}

/// <summary>One stored event.</summary>
/// <param name="Number">Its sequence number, from 1.</param>
/// <param name="Manifest">What kind it is, as <see cref="Protocol.EventSerializer"/> names it.</param>
/// <param name="Stored">When the journal wrote it.</param>
/// <param name="Client">Whose contribution was accepted; empty for other events.</param>
internal sealed record JournalEvent(long Number, string Manifest, DateTimeOffset Stored, string Client = "");
