using Akka.Actor;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Members;

/// <summary>
/// The way from the sites of a node that carries several to the server: what each says every second is said for many at once, and everything else
/// at once. A site that has fallen silent is not spoken for.
/// </summary>
public sealed class Greeter : ReceiveActor, IWithTimers
{
    /// <summary>So many fit into a frame, however long what they say of themselves is.</summary>
    public const int MostAtOnce = 80;

    // Twice a second: whatever each of a second waits here does not make it late.
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<ClientId, SiteMessages.Hello> _said = [];

    /// <param name="server">The way to the federation's actor in this cluster.</param>
    public Greeter(IActorRef server)
    {
        Receive<SiteMessages.Hello>(m => _said[m.Client] = m);
        Receive<Say>(_ =>
        {
            foreach (var hellos in _said.Values.Chunk(MostAtOnce))
                server.Tell(new SiteMessages.Hellos(hellos));
            _said.Clear();
        });
        ReceiveAny(server.Forward);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Say), new Say(), Every);

    private sealed record Say;
}
