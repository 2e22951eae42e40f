using Akka.Event;
using Akka.Persistence;

namespace FedKim.Actors.Journals;

/// <summary>
/// Watches an actor read its history: one that lacks events, or can never be read, is told to the node (<see cref="JournalFault"/>), which
/// would otherwise try for ever.
/// </summary>
/// <param name="history">The persistence id.</param>
/// <param name="stream">Where faults are told.</param>
internal sealed class HistoryReading(string history, EventStream stream)
{
    private long _read;

    /// <summary>How a history is read: its events alone. Nothing here makes a snapshot, so none is looked for.</summary>
    public static Recovery OfEvents { get; } = new(SnapshotSelectionCriteria.None);

    /// <summary>An event was read.</summary>
    public void Saw() => _read++;

    /// <summary>Whether all of them were read; if not, the node is told.</summary>
    /// <param name="last">The number of the last one.</param>
    public bool IsWhole(long last)
    {
        if (_read == last)
            return true;
        stream.Publish(new JournalFault(history, $"{last - _read} of its {last} events are missing"));
        return false;
    }

    /// <summary>The reading has failed; the node is told when it always will.</summary>
    public void Failed(Exception cause)
    {
        if (JournalFault.Of(history, cause) is { } fault)
            stream.Publish(fault);
    }
}
