using Akka.Actor;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Simulation.Tests;

/// <summary>
/// What lies between the nodes. Like the real transport it keeps the order between two machines and promises nothing else: messages come
/// late, are lost, come twice, and links break, in both directions or in one.
/// </summary>
internal sealed class Network(Loop loop, SeededGenerator random, IActorRefProvider provider)
{
    private static readonly TimeSpan Slowest = TimeSpan.FromMilliseconds(40);

    private readonly Dictionary<string, RemoteRef> _refs = new(StringComparer.Ordinal);
    private readonly Dictionary<(string From, string To), TimeSpan> _last = [];
    private readonly Dictionary<(string From, string To), int> _cut = [];

    /// <summary>How bad it is, up to 1: half as likely as this a message is lost, and comes twice if not, and it takes this part of a second longer.</summary>
    public double Storm { get; set; }

    /// <summary>Breaks what leads from one node to another; as often as it is broken it must be mended.</summary>
    public void Cut(string from, string to) => _cut[(from, to)] = _cut.GetValueOrDefault((from, to)) + 1;

    public void Mend(string from, string to) => _cut[(from, to)]--;

    /// <summary>Whether something can get from one node to another.</summary>
    public bool Leads(string from, string to) => _cut.GetValueOrDefault((from, to)) == 0;

    /// <summary>How long something is under way now.</summary>
    public TimeSpan Delay() => TimeSpan.FromMilliseconds(1) + ((Slowest + TimeSpan.FromSeconds(Storm)) * random.NextDouble());

    /// <summary>An actor as the other machines know it.</summary>
    public IActorRef Of(Machine machine, IActorRef actor) => Of($"{machine}-{actor.Path.Uid}", actor.Path.Name, () => (machine, actor));

    /// <summary>A way that ends, message by message, where <paramref name="target"/> says then.</summary>
    public IActorRef Of(string host, string name, Func<(Machine Machine, IActorRef Actor)?> target)
    {
        if (!_refs.TryGetValue($"{host}/{name}", out var known))
        {
            var path = new RootActorPath(new Address("akka.tcp", "fedkim", host, 9000)) / "user" / name;
            _refs.Add($"{host}/{name}", known = new RemoteRef(path, provider, (message, sender) => Send(target, message, sender)));
        }

        return known;
    }

    private void Send(Func<(Machine Machine, IActorRef Actor)?> target, object message, IActorRef sender)
    {
        var from = loop.Running;
        if (target() is not { } end)
            return;
        var (to, actor) = end;
        var (told, teller) = (Abroad(from, message), Abroad(from, sender));
        for (int copies = random.Chance(Storm / 2) ? 0 : random.Chance(Storm / 2) ? 2 : 1; copies > 0; copies--)
        {
            var at = loop.Now + Delay();
            if (_last.TryGetValue((from.Name, to.Name), out var last) && last > at)
                at = last;
            _last[(from.Name, to.Name)] = at;
            loop.After(at - loop.Now, () =>
            {
                if (Leads(NodeOf(from), NodeOf(to)) && !to.IsDead)
                    actor.Tell(told, teller);
            });
        }
    }

    /// <summary>The node whose process a machine was.</summary>
    public static string NodeOf(Machine machine) => machine.Name[..machine.Name.LastIndexOf('-')];

    private IActorRef Abroad(Machine from, IActorRef actor) => actor is ActorRefWithCell && from != loop.Outside ? Of(from, actor) : actor;

    private object Abroad(Machine from, object message) => message switch
    {
        SiteMessages.Hello hello => hello with { Site = Abroad(from, hello.Site) },
        InjectorMessages.Hello hello => hello with { Injector = Abroad(from, hello.Injector) },
        _ => message,
    };
}
