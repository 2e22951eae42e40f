using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using FedKim.Protocol.Framed;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Links;

/// <summary>The gates of a server's connected sites. A site's newer line from the same machine takes the place of its older one at once.</summary>
public sealed class Gates : ReceiveActor
{
    /// <summary>Its name below <c>/user</c>, where <see cref="WeightMessages.Wanted"/> and <see cref="WeightMessages.UpdateWanted"/> are said.</summary>
    public const string Name = "gates";

    // The one that counts, one of a second machine of that name, and as many that are about to be replaced.
    private const int MostOfASite = 4;

    private readonly Dictionary<IActorRef, (ClientId Site, string? Machine)> _gates = [];
    private readonly Dictionary<ClientId, HashSet<IActorRef>> _ofSite = [];

    /// <param name="node">The server's name.</param>
    /// <param name="server">The way to the federation's actor.</param>
    /// <param name="isMember">Whether this server is in the federation's cluster: a site that another server could serve is not kept by one that is not.</param>
    public Gates(string node, IActorRef server, Func<bool> isMember)
    {
        var log = Context.GetLogger();
        Receive<Open>(m =>
        {
            int there = _ofSite.GetValueOrDefault(m.Site)?.Count ?? 0;
            if (!isMember())
            {
                Sender.Tell(new Refused("is not in the federation's cluster now, or leaves it", Passing: true));
            }
            else if (there >= MostOfASite)
            {
                log.Warning("{Site} opens one line after another, and has {Count} here: {Through} is refused", m.Site, there, m.Through);
                Sender.Tell(new Refused($"has {there} lines of {m.Site} already: several machines use that name, or one cannot keep a line", Passing: false));
            }
            else
            {
                var gate = Context.Watch(Context.ActorOf(Props.Create(() => new Gate(node, m.Site, m.Through, server, m.Line, m.Refused))));
                _gates[gate] = (m.Site, null);
                if (!_ofSite.TryGetValue(m.Site, out var gates))
                    _ofSite.Add(m.Site, gates = []);
                gates.Add(gate);
                Sender.Tell(new Opened(gate));
            }
        });
        Receive<Known>(m =>
        {
            if (!_gates.TryGetValue(Sender, out var own))
                return;
            foreach (var older in _ofSite[own.Site].Where(g => !g.Equals(Sender) && _gates[g].Machine == m.Machine))
                Context.Stop(older);
            _gates[Sender] = own with { Machine = m.Machine };
        });
        Receive<Terminated>(m =>
        {
            if (_gates.Remove(m.ActorRef, out var gone) && _ofSite[gone.Site].Remove(m.ActorRef) && _ofSite[gone.Site].Count == 0)
                _ofSite.Remove(gone.Site);
        });
        Receive<WeightMessages.Wanted>(PassOn);
        Receive<WeightMessages.UpdateWanted>(PassOn);
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void PassOn(IWireMessage wanted)
    {
        foreach (var gate in _gates.Keys)
            gate.Tell(wanted);
    }

    /// <summary>A site is connected; answered by <see cref="Opened"/> or <see cref="Refused"/>.</summary>
    /// <param name="Site">The site, as its connection proves.</param>
    /// <param name="Through">How it is connected, for people.</param>
    /// <param name="Line">Where what is said to it goes; completed when its gate ends.</param>
    /// <param name="Refused">Told what of it is not followed, and why, for the audit log; must not wait. Null for nobody.</param>
    public sealed record Open(ClientId Site, string Through, ChannelWriter<ServerFrame> Line, Action<string>? Refused = null) : INoSerializationVerificationNeeded;

    /// <summary>The site's gate: takes its frames, and ends by <see cref="PoisonPill"/>.</summary>
    public sealed record Opened(IActorRef Gate) : INoSerializationVerificationNeeded;

    /// <summary>The site is not let in.</summary>
    /// <param name="Reason">Why, to go on after the server.</param>
    /// <param name="Passing">Whether the server is only not ready for anybody; else it is this site that has too much.</param>
    public sealed record Refused(string Reason, bool Passing) : INoSerializationVerificationNeeded;

    /// <summary>A gate knows its site's machine.</summary>
    internal sealed record Known(string Machine) : INoSerializationVerificationNeeded;
}
