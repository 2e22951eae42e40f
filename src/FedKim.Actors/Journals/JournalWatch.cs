using Akka.Actor;

namespace FedKim.Actors.Journals;

/// <summary>Tells the node of a journal that its server can never go on with.</summary>
public sealed class JournalWatch : ReceiveActor
{
    /// <param name="damaged">Told each fault.</param>
    public JournalWatch(Action<JournalFault> damaged) => Receive<JournalFault>(damaged);

    /// <inheritdoc/>
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(JournalFault));
}
