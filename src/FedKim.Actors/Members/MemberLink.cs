using Akka.Actor;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Members;

/// <summary>
/// Stands in the cluster for an actor outside of it: a hospital or an injector whose work goes on when its node leaves the cluster and joins
/// again. What that says goes to the server under this actor's name, what the server says goes to it.
/// </summary>
public sealed class MemberLink : ReceiveActor
{
    private readonly IActorRef _uplink;

    /// <param name="work">The hospital or the injector.</param>
    /// <param name="uplink">Its <see cref="Uplink"/>.</param>
    /// <param name="server">The way to the federation's actor in this cluster.</param>
    public MemberLink(IActorRef work, IActorRef uplink, IActorRef server)
    {
        _uplink = uplink;
        Receive<SiteMessages.Hello>(m => server.Tell(m with { Site = Self }));
        Receive<InjectorMessages.Hello>(m => server.Tell(m with { Injector = Self }));
        ReceiveAny(message => (Sender.Equals(work) ? server : work).Tell(message));
    }

    /// <inheritdoc/>
    protected override void PreStart() => _uplink.Tell(new Uplink.Use(Self));
}
