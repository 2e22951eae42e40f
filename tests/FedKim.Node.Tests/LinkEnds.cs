using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Akka.Actor;
using FedKim.Actors.Links;
using FedKim.Actors.Members;
using FedKim.Node.Links;
using FedKim.Rounds;
using FedKim.Testing;
using FedKim.Transfer;

namespace FedKim.Node.Tests;

/// <summary>An actor that keeps what it hears, and answers some of it.</summary>
internal sealed class Ear
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<(object Message, IActorRef Sender)> _heard = Channel.CreateUnbounded<(object, IActorRef)>();

    public Ear(ActorSystem system, Func<object, object?>? answer = null) => Ref = system.ActorOf(Props.Create(() => new Listener(_heard, answer)));

    public IActorRef Ref { get; }

    /// <summary>The next message of a type, once it is there.</summary>
    public async Task<T> Hears<T>(Func<T, bool>? wanted = null) => (await HearsFrom(wanted)).Message;

    /// <summary>The same, and who said it.</summary>
    public async Task<(T Message, IActorRef Sender)> HearsFrom<T>(Func<T, bool>? wanted = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            var (message, sender) = await _heard.Reader.ReadAsync(limit.Token);
            if (message is T found && wanted?.Invoke(found) != false)
                return (found, sender);
        }
    }

    /// <summary>What was heard and not asked for yet.</summary>
    public IReadOnlyList<object> Rest()
    {
        var rest = new List<object>();
        while (_heard.Reader.TryRead(out var next))
            rest.Add(next.Message);
        return rest;
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(Channel<(object, IActorRef)> heard, Func<object, object?>? answer) => ReceiveAny(message =>
        {
            if (answer?.Invoke(message) is { } said)
                Sender.Tell(said);
            else
                heard.Writer.TryWrite((message, Sender));
        });
    }
}

/// <summary>A server's end: its door at its weight server, its gates, and an ear in place of the federation's actor.</summary>
internal sealed class LinkServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly ActorSystem _system;
    private readonly WeightServer _weights;

    private LinkServer(TemporaryFolder folder, ActorSystem system, Ear ear, IActorRef gates, WeightServer weights, Action<bool> join) =>
        (_folder, _system, Ear, Gates, _weights, Join) = (folder, system, ear, gates, weights, join);

    public Ear Ear { get; }

    public IActorRef Gates { get; }

    /// <summary>Puts it into the cluster, or out of it.</summary>
    public Action<bool> Join { get; }

    public Uri Address => _weights.Address;

    public int Port => Address.Port;

    public string Door => $"127.0.0.1:{Port}";

    public static async Task<LinkServer> Start(string name = "server", int port = 0, Func<object, object?>? answer = null)
    {
        var system = ActorSystem.Create(name, "akka { loglevel = OFF, stdout-loglevel = OFF }");
        var ear = new Ear(system, answer);
        bool member = true;
        var gates = system.ActorOf(Props.Create(() => new Gates(name, ear.Ref, () => member)), FedKim.Actors.Links.Gates.Name);
        var folder = new TemporaryFolder();
        var weights = await WeightServer.StartAsync(
            new WeightStore(Path.Combine(folder.Path, "weights")), new Spool(Path.Combine(folder.Path, "spool")), new IPEndPoint(IPAddress.Loopback, port),
            guest: new LinkDoor(name, LinkPeer.ByHeader, () => gates, TimeProvider.System).AsGuest());
        return new LinkServer(folder, system, ear, gates, weights, joined => member = joined);
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        await _weights.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>A site's end: its link, with ears in place of its work and its weights' keeper.</summary>
internal sealed class LinkSite : IAsyncDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("work", "akka { loglevel = OFF, stdout-loglevel = OFF }");
    private readonly Channel<LinkView> _views = Channel.CreateUnbounded<LinkView>();
    private LinkView _view = LinkView.None;

    public LinkSite(string site, params ImmutableArray<string> doors)
        : this(site, new Reach(), doors)
    {
    }

    public LinkSite(string site, Reach reach, params ImmutableArray<string> doors)
    {
        (Work, Keeper) = (new Ear(_system), new Ear(_system));
        Uplink = _system.ActorOf(Props.Create(() => new Uplink()));
        Dial dial = new LinkDialer(site, reach).DialAsync;
        Action<LinkView> show = view => _views.Writer.TryWrite(view);
        var (id, work, keeper, uplink) = (new ClientId(site), Work.Ref, Keeper.Ref, Uplink);
        Link = _system.ActorOf(Props.Create(() => new OutboundLink(id, doors, dial, work, keeper, uplink, show, TimeProvider.System)));
    }

    public Ear Work { get; }

    public Ear Keeper { get; }

    public IActorRef Uplink { get; }

    public IActorRef Link { get; }

    /// <summary>How the link stands, once that is as wanted.</summary>
    public async Task<LinkView> Shows(Func<LinkView, bool> wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(40));
        while (!wanted(_view))
            _view = await _views.Reader.ReadAsync(limit.Token);
        return _view;
    }

    /// <summary>What the work says.</summary>
    public void Says(object message) => Uplink.Tell(message, Work.Ref);

    public async ValueTask DisposeAsync() => await _system.Terminate();
}
