using Akka.Actor;

namespace FedKim.Actors.Members;

/// <summary>
/// The way from a site's work, which lasts as long as the process, to the server. Actor systems in the cluster come and go; between two of them
/// what is said is lost, as on any way, and said again.
/// </summary>
public sealed class Uplink : ReceiveActor
{
    public Uplink()
    {
        IActorRef link = ActorRefs.Nobody;
        Receive<Use>(m => link = m.Link);
        ReceiveAny(message => link.Forward(message));
    }

    /// <summary>From now on this is the way.</summary>
    internal sealed record Use(IActorRef Link);
}
