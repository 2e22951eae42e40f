using Akka.Persistence;
using FedKim.Actors.Journals;

namespace FedKim.Actors.Server;

/// <summary>Reads a journal that is always empty, and ends: what a first read costs (connections, compiled queries) is paid while the node still joins.</summary>
internal sealed class JournalWarmUp : ReceivePersistentActor
{
    public JournalWarmUp() => Recover<RecoveryCompleted>(_ => Context.Stop(Self));

    /// <inheritdoc/>
    public override string PersistenceId => "warm-up";

    /// <inheritdoc/>
    public override Recovery Recovery => HistoryReading.OfEvents;
}
