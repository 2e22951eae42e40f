using Akka.Actor;
using FedKim.Audit;

namespace FedKim.Actors;

/// <summary>Hears what the actors of its system have to tell the node's audit log: they say it to the system's event stream, and to nobody they know.</summary>
public sealed class AuditEar : ReceiveActor
{
    /// <param name="noted">Takes it; must not wait.</param>
    public AuditEar(Action<AuditEntry> noted) => Receive<AuditEntry>(noted);

    /// <inheritdoc/>
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(AuditEntry));
}
