using Akka.Actor;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Server;

/// <summary>
/// What the sites of nodes that carry several said of themselves last: one that says the same again says its name alone. Each is heard as if it had
/// said it by itself.
/// </summary>
/// <param name="listener">Hears each site's <see cref="SiteMessages.Hello"/>.</param>
internal sealed class SaidHellos(IActorRef listener)
{
    private readonly Dictionary<ClientId, SiteMessages.Hello> _last = [];

    /// <summary>A node speaks for its sites.</summary>
    public void Hear(SiteMessages.Hellos said, IActorRef node)
    {
        foreach (var hello in said.Items)
            listener.Tell(_last[hello.Client] = hello, node);
        foreach (string name in said.Same)
        {
            // Of a site that another node speaks for, or whose words were lost, its node says more in a moment. How late its clock was it said then.
            if (_last.TryGetValue(new ClientId(name), out var hello) && hello.Site.Path.Address.Equals(node.Path.Address))
                listener.Tell(hello with { Clock = 0 }, node);
        }
    }
}
