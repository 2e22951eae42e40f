using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Sql.Journal;
using FedKim.Rounds;

namespace FedKim.Actors.Journals;

/// <summary>
/// Akka.Persistence.Sql's journal, which keeps in order what it wrote: after every committed round the write-ahead log is folded into the
/// file, and the work folder's <see cref="JournalMark"/> follows. Both off the actors' threads, one after another; no event waits for them.
/// </summary>
public sealed class SqlJournal : SqlWriteJournal
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly string _file;
    private readonly string _mark;
    private Task _care = Task.CompletedTask;
    private int _writes, _events;

    /// <summary>Called by Akka with <c>akka.persistence.journal.sql</c>.</summary>
    public SqlJournal(Config config) : base(config)
    {
        _file = config.GetString("provider-name", "").StartsWith("SQLite", StringComparison.Ordinal) ? config.GetString("connection-string", "") : "";
        _mark = config.GetString("mark", "");
    }

    /// <inheritdoc/>
    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        ImmutableArray<AtomicWrite> writes = [.. messages];
        // A batch of deferred messages alone has nothing to store. What it would be handed to fails on it, and its circuit breaker counts that.
        if (writes.IsEmpty)
            return ImmutableList<Exception>.Empty;
        var failures = await base.WriteMessagesAsync(writes, cancellationToken);
        if (failures is null || failures.All(f => f is null))
        {
            ImmutableArray<object> events = [.. writes.SelectMany(w => (IImmutableList<IPersistentRepresentation>)w.Payload).Select(p => p.Payload)];
            Count(events);
            Care([.. events.OfType<IFederationEvent>()]);
        }

        return failures!;
    }

    // Each write waits for the disk: how many a round takes says what its sites wait for.
    private void Count(ImmutableArray<object> events)
    {
        Interlocked.Increment(ref _writes);
        Interlocked.Add(ref _events, events.Length);
        foreach (var committed in events.OfType<FederationEvents.RoundCommitted>())
            _log.Info("Since the round before, the journal stored {Events} events in {Writes} writes (round {Round})", Interlocked.Exchange(ref _events, 0), Interlocked.Exchange(ref _writes, 0), committed.Number);
    }

    private void Care(ImmutableArray<IFederationEvent> stored)
    {
        if (stored.IsEmpty)
            return;
        bool fold = _file.Length > 0 && stored.Any(e =>
            e is FederationEvents.RoundCommitted or FederationEvents.Evaluated or FederationEvents.FederationFailed or FederationEvents.FederationStopped);
        // Disks may take their time: not on the pool's threads, which carry heartbeats.
        _care = _care.ContinueWith(_ => Care(stored, fold), CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Care(ImmutableArray<IFederationEvent> stored, bool fold)
    {
        try
        {
            if (_mark.Length > 0 && JournalMark.Find(_mark) is { } before && stored.Aggregate(before, (mark, e) => mark.After(e)) is var after && after != before)
                after.Write(_mark);
            if (fold)
                JournalFile.Fold(_file, wait: false);
        }
        catch (Exception e) when (JournalException.IsOfDatabase(e) || e is UnauthorizedAccessException)
        {
            _log.Warning("The journal's write-ahead log is not folded into its file now, or its mark is not kept: {Problem} It is tried again after the next round", e.Message);
        }
    }
}
