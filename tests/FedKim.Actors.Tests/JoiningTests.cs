using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using FedKim.Actors.Journals;
using FedKim.Actors.Leases;
using FedKim.Actors.Members;
using FedKim.Protocol.Messages;

namespace FedKim.Actors.Tests;

/// <summary>Who begins a cluster and who finds it: a node is an actor system of its own, on loopback.</summary>
public sealed class JoiningTests : IAsyncDisposable
{
    private const string Nobody = "127.0.0.1:1";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private readonly List<ActorSystem> _systems = [];
    private readonly SqliteTestJournal _journal = SqliteTestJournal.Make();

    [Fact]
    public async Task A_server_alone_begins_a_cluster_wherever_it_stands_in_the_list()
    {
        await JournalSchema.CreateAsync(_journal.Journal, TestContext.Current.CancellationToken);
        int port = FreePort();

        await IsMember(Server("server-2", port, [Nobody, $"127.0.0.1:{port}"]));
    }

    [Fact]
    public async Task Of_two_servers_that_do_not_know_each_other_one_begins_and_the_other_finds_it_by_the_lease()
    {
        await JournalSchema.CreateAsync(_journal.Journal, TestContext.Current.CancellationToken);
        var first = Server("server-1", FreePort(), [Nobody]);
        var second = Server("server-2", FreePort(), [Nobody]);

        await IsMember(first);
        await IsMember(second);

        await Until(() => Cluster.Get(first).State.Members.Count == 2);
    }

    [Fact]
    public async Task A_site_joins_no_cluster_without_a_server_and_a_server_with_the_lease_does()
    {
        await JournalSchema.CreateAsync(_journal.Journal, TestContext.Current.CancellationToken);
        // Left over: its servers have gone.
        int left = FreePort();
        var stale = Member("hospital", "hospital-a", left);
        stale.ActorOf(Props.Create(() => new Door()), Door.Name);
        Cluster.Get(stale).Join(Cluster.Get(stale).SelfAddress);
        await IsMember(stale);
        var site = Site("hospital-b", [$"127.0.0.1:{left}"]);

        var server = Server("server", FreePort(), [$"127.0.0.1:{left}"]);

        await IsMember(site);
        Assert.True(Cluster.Get(server).SelfMember.IsOlderThan(Cluster.Get(site).SelfMember));
        Assert.Equal(3, Cluster.Get(site).State.Members.Count);
    }

    [Fact]
    public async Task A_server_whose_lease_another_holds_enters_no_cluster_but_the_other_ones()
    {
        await JournalSchema.CreateAsync(_journal.Journal, TestContext.Current.CancellationToken);
        int left = FreePort(), held = FreePort();
        var stale = Member("hospital", "hospital-a", left);
        stale.ActorOf(Props.Create(() => new Door()), Door.Name);
        Cluster.Get(stale).Join(Cluster.Get(stale).SelfAddress);
        var holder = new ServerLease(_journal.Journal, LeaseOwner.Here("server-1", $"127.0.0.1:{held}"), Lease, TimeProvider.System);
        Assert.Null(await holder.Take(TestContext.Current.CancellationToken));
        var second = Server("server-2", FreePort(), [$"127.0.0.1:{left}"]);

        await IsMember(Server("server-1", held, [Nobody]));
        await IsMember(second);

        Assert.Single(Cluster.Get(stale).State.Members);
        Assert.Equal(2, Cluster.Get(second).State.Members.Count);
    }

    [Fact]
    public async Task A_node_that_is_looked_for_under_another_name_is_found_by_its_own()
    {
        await JournalSchema.CreateAsync(_journal.Journal, TestContext.Current.CancellationToken);
        int port = FreePort();
        await IsMember(Server("server", port, [Nobody]));

        await IsMember(Site("hospital-a", [$"localhost:{port}"]));
    }

    [Fact]
    public async Task A_node_that_is_let_in_and_never_made_a_member_tries_again()
    {
        // Nobody becomes a full member where more nodes are waited for, as nobody does where the leader has gone.
        int port = FreePort();
        var waiting = Member("server", "server", port, "akka.cluster.min-nr-of-members = 9");
        waiting.ActorOf(Props.Create(() => new OpenDoor($"127.0.0.1:{port}")), Door.Name);
        Cluster.Get(waiting).Join(Cluster.Get(waiting).SelfAddress);
        var site = Member("hospital", "hospital-a", FreePort(), "akka.cluster { min-nr-of-members = 9, shutdown-after-unsuccessful-join-seed-nodes = 3s }");
        var gaveUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Action giveUp = () => gaveUp.TrySetResult();

        Membership.Start(site, "hospital-a", [$"127.0.0.1:{port}"], null, giveUp);

        await gaveUp.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.NotEmpty(Cluster.Get(site).State.Members);
    }

    [Fact]
    public async Task A_server_looks_on_when_those_it_was_to_enter_with_give_their_cluster_up()
    {
        await JournalSchema.CreateAsync(_journal.Journal, TestContext.Current.CancellationToken);
        // In no cluster in truth: whoever joins it is not let in.
        int left = FreePort();
        Member("hospital", "hospital-a", left).ActorOf(Props.Create(() => new ClosingDoor($"127.0.0.1:{left}")), Door.Name);
        bool gaveUp = false;

        var server = Server("server", FreePort(), [$"127.0.0.1:{left}"], () => gaveUp = true);

        await IsMember(server);
        Assert.False(gaveUp);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(s => s.Terminate()));
        await _journal.DisposeAsync();
    }

    private ActorSystem Server(string name, int port, ImmutableArray<string> seeds, Action? giveUp = null)
    {
        var system = Member("server", name, port);
        var lease = new ServerLease(_journal.Journal, LeaseOwner.Here(name, $"127.0.0.1:{port}"), Lease, TimeProvider.System);
        Membership.Start(system, name, seeds, lease, giveUp ?? (() => { }));
        return system;
    }

    private ActorSystem Site(string name, ImmutableArray<string> seeds)
    {
        var system = Member("hospital", name, FreePort());
        Membership.Start(system, name, seeds, null, () => { });
        return system;
    }

    private ActorSystem Member(string role, string name, int port, string settings = "")
    {
        var quiet = ConfigurationFactory.ParseString($"akka {{ loglevel = OFF, stdout-loglevel = OFF }}\n{settings}");
        var system = ActorSystem.Create(ActorConfiguration.System, quiet.WithFallback(ActorConfiguration.Member("127.0.0.1", port, [role], timing: Timing.Quick, leaseOwner: name)));
        _systems.Add(system);
        return system;
    }

    /// <summary>Lets everybody in.</summary>
    private sealed class OpenDoor : ReceiveActor
    {
        public OpenDoor(string address) => Receive<MembershipMessages.Knock>(m => Sender.Tell(new MembershipMessages.Here(m.Seed, address, true, [address])));
    }

    /// <summary>Promises to let in, and then is in no cluster any more.</summary>
    private sealed class ClosingDoor : ReceiveActor
    {
        private const int Promises = 4;

        public ClosingDoor(string address)
        {
            int knocks = 0;
            Receive<MembershipMessages.Knock>(m => Sender.Tell(new MembershipMessages.Here(m.Seed, address, ++knocks <= Promises, [])));
        }
    }

    private static Task IsMember(ActorSystem system) => Until(() => Cluster.Get(system).SelfMember.Status == MemberStatus.Up);

    private static async Task Until(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!holds())
            await Task.Delay(50, limit.Token);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
