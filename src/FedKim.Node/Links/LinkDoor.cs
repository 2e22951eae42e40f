using Akka.Actor;
using FedKim.Audit;
using FedKim.Certificates;
using FedKim.Protocol.Links;
using FedKim.Transfer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FedKim.Node.Links;

/// <summary>A server's door for sites that are in no cluster.</summary>
/// <param name="Node">The server's name.</param>
/// <param name="Peer">Who calls; null where nobody may.</param>
/// <param name="Gates">The gates of this server's actor system; null while it is in no cluster.</param>
/// <param name="Clock">The only source of time.</param>
/// <param name="Noted">Told who came, went and was refused, for the audit log; null for nobody.</param>
internal sealed record LinkDoor(string Node, Func<HttpContext, LinkPeer?> Peer, Func<IActorRef?> Gates, TimeProvider Clock, Action<AuditEntry>? Noted = null)
{
    /// <summary>The door at a weight server's port.</summary>
    public WeightServerGuest AsGuest() => new(
        services =>
        {
            services.AddSingleton(this);
            services.AddGrpc(options => options.MaxReceiveMessageSize = options.MaxSendMessageSize = LinkLimits.FrameBytes);
        },
        routes => routes.MapGrpcService<LinkService>().Is(Deed.Contribute));
}
