using System.Collections.Immutable;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace FedKim.Simulation.Tests;

/// <summary>The way from persistent actors to the <see cref="Database"/>, with the troubles of the cluster's fault schedule.</summary>
public sealed class DatabaseJournal : AsyncWriteJournal
{
    private readonly Cluster _cluster = Cluster.Current;
    private readonly ActorSystem _system = Context.System;

    /// <inheritdoc/>
    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max, Action<IPersistentRepresentation> recoveryCallback)
    {
        foreach (var stored in _cluster.Database.Read(persistenceId, fromSequenceNr, toSequenceNr, max))
            recoveryCallback(stored);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken) =>
        Task.FromResult(_cluster.Database.Last(persistenceId));

    /// <inheritdoc/>
    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        foreach (var write in messages)
        {
            var trouble = _cluster.Faults.OfWrite();
            await Task.Delay(trouble.Delay, _cluster.Loop, CancellationToken.None);
            if (trouble.Refused)
                throw new IOException("The database is gone.");
            _cluster.Database.Store((IEnumerable<IPersistentRepresentation>)write.Payload, _system.Serialization, _cluster.Loop.Now);
            if (trouble.Unanswered)
                throw new IOException("The database went before it could say that it has stored.");
        }

        return null!;
    }

    /// <inheritdoc/>
    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A journal is never cut.");
}
