using Akka.Actor;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Members;

/// <summary>
/// The way from the sites of a node that carries several to the server: what each says every second is said for many at once, by its name alone where
/// it is what it said before; everything else goes at once. A site that has fallen silent is not spoken for.
/// </summary>
public sealed class Greeter : ReceiveActor, IWithTimers
{
    /// <summary>So many fit into a frame, however long what they say of themselves is.</summary>
    public const int MostAtOnce = 80;

    // A name has 63 characters at most.
    private const int MostNames = 1000;

    // What was lost on the way is said again by then.
    private const int InFullAfter = 10;

    // Twice a second: whatever each of a second waits here does not make it late.
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<ClientId, SiteMessages.Hello> _said = [];
    private readonly Dictionary<ClientId, (SiteMessages.Hello Hello, int Left)> _told = [];

    /// <param name="server">The way to the federation's actor in this cluster.</param>
    public Greeter(IActorRef server)
    {
        Receive<SiteMessages.Hello>(m => _said[m.Client] = m);
        Receive<Say>(_ =>
        {
            var full = new List<SiteMessages.Hello>();
            var same = new List<string>();
            foreach (var hello in _said.Values)
            {
                if (IsSame(hello))
                    same.Add(hello.Client.Value);
                else
                    full.Add(hello);
            }

            _said.Clear();
            foreach (var hellos in full.Chunk(MostAtOnce))
                server.Tell(new SiteMessages.Hellos(hellos, []));
            foreach (string[] names in same.Chunk(MostNames))
                server.Tell(new SiteMessages.Hellos([], names));
        });
        ReceiveAny(server.Forward);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Say), new Say(), Every);

    private bool IsSame(SiteMessages.Hello hello)
    {
        var said = hello with { Clock = 0 };
        bool same = _told.TryGetValue(hello.Client, out var told) && told.Left > 0 && told.Hello == said;
        // Not all of them in full at the same time.
        _told[hello.Client] = same ? (said, told.Left - 1) : (said, told.Hello is null ? _told.Count % InFullAfter : InFullAfter);
        return same;
    }

    private sealed record Say;
}
