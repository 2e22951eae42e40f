using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using FedKim.Actors.Members;
using FedKim.Certificates;
using FedKim.Testing;

namespace FedKim.Actors.Tests;

/// <summary>Who may be in a cluster, and as what: a node is an actor system of its own, on loopback, with a certificate.</summary>
public sealed class MemberCertificatesTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly ImmutableArray<PeerRole> Admits = [PeerRole.Server, PeerRole.Injector, PeerRole.Hospital];

    private readonly TestConsortium _clinics = new();
    private readonly List<ActorSystem> _systems = [];
    private readonly ConcurrentQueue<string> _refused = new();

    public async ValueTask DisposeAsync()
    {
        foreach (var system in _systems)
            await system.Terminate();
        _clinics.Dispose();
    }

    [Fact]
    public async Task Nodes_with_certificates_for_what_they_are_form_a_cluster_and_who_is_revoked_is_put_out_of_it()
    {
        var server = Server();
        var hospital = Node("hospital", _clinics.Peer("hospital-a", PeerRole.Hospital));
        var injector = Node("injector", _clinics.Peer("injector", PeerRole.Injector));
        Join(hospital, server);
        Join(injector, server);
        await Until(() => Members(server) == 3);

        _clinics.Revoke("hospital-a");

        await Until(() => Members(server) == 2);
        await hospital.WhenTerminated.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.False(injector.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task A_node_whose_certificate_is_a_hospitals_is_no_server()
    {
        var server = Server();
        var rogue = Node("server", _clinics.Peer("hospital-a", PeerRole.Hospital));
        Join(rogue, server);

        await rogue.WhenTerminated.WaitAsync(Limit, TestContext.Current.CancellationToken);

        await Until(() => Members(server) == 1);
        Assert.False(server.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task A_stranger_and_a_person_do_not_come_in()
    {
        var server = Server();
        using var strangers = new TestConsortium();
        // It does not mind to whom it speaks: one that did would hang up on the server, perhaps before it has shown who it is.
        Join(Node("hospital", new DotNettySslSetup(
            strangers.Peer("hospital-a", PeerRole.Hospital).Trust.Certificate, suppressValidation: true, requireMutualAuthentication: true, (_, _, _, _, _) => true)), server);
        Join(Node("hospital", _clinics.Peer("hospital-a", PeerRole.Operator)), server);
        var friend = Node("hospital", _clinics.Peer("hospital-b", PeerRole.Hospital));
        Join(friend, server);

        await Until(() => _refused.Contains("its certificate was signed by another authority") && _refused.Contains("a server or injector or hospital is wanted here"));
        await Until(() => Members(server) == 2 && Members(friend) == 2);
    }

    [Fact]
    public async Task A_hospital_comes_into_no_cluster_that_does_not_admit_hospitals()
    {
        var server = Server([PeerRole.Server, PeerRole.Injector]);
        Join(Node("hospital", _clinics.Peer("hospital-a", PeerRole.Hospital)), server);
        Join(Node("injector", _clinics.Peer("injector", PeerRole.Injector)), server);

        await Until(() => Members(server) == 2 && _refused.Contains("a server or injector is wanted here"));
    }

    [Theory]
    [InlineData(PeerRole.Hospital, "hospital", true)]
    [InlineData(PeerRole.Hospital, "injector", false)]
    [InlineData(PeerRole.Injector, "hospital", false)]
    [InlineData(PeerRole.Injector, "server", false)]
    [InlineData(PeerRole.Server, "hospital", true)]
    [InlineData(PeerRole.Server, "server", true)]
    [InlineData(PeerRole.Operator, "hospital", false)]
    [InlineData(PeerRole.Observer, "server", false)]
    public void A_node_is_what_its_certificate_says_and_a_server_may_be_the_rest_as_well(PeerRole certified, string role, bool may) =>
        Assert.Equal(may, MemberCertificates.Problem(PeerId.Of("clinics", certified, "site-a")!, [role]) is null);

    private ActorSystem Server(ImmutableArray<PeerRole>? admits = null)
    {
        var certificates = new MemberCertificates(_clinics.Peer("server", PeerRole.Server, verdict => _refused.Enqueue(verdict.Problem!)), admits ?? Admits);
        var system = Node("server", certificates.Setup());
        system.ActorOf(Props.Create(() => new MemberWatch(certificates, null)), "member-watch");
        Join(system, system);
        return system;
    }

    private ActorSystem Node(string role, PeerTls peer) => Node(role, new MemberCertificates(peer, Admits).Setup());

    private ActorSystem Node(string role, Setup tls)
    {
        var config = ConfigurationFactory.ParseString("akka.stdout-loglevel = OFF, akka.loglevel = OFF, akka.coordinated-shutdown.exit-clr = off, akka.coordinated-shutdown.run-by-clr-shutdown-hook = off")
            .WithFallback(ActorConfiguration.Member("127.0.0.1", 0, [role], timing: Timing.Quick, certified: true));
        var system = ActorSystem.Create(ActorConfiguration.System, ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), tls));
        _systems.Add(system);
        return system;
    }

    private static void Join(ActorSystem node, ActorSystem server) => Cluster.Get(node).Join(Cluster.Get(server).SelfAddress);

    private static int Members(ActorSystem system) => Cluster.Get(system).State.Members.Count(m => m.Status == MemberStatus.Up);

    private async Task Until(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(Limit);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Refused were: {string.Join("; ", _refused.Distinct())}. Members are: {string.Join("; ", _systems.Select(Members))}.");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
