using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using FedKim.Actors.Members;

namespace FedKim.Actors.Tests;

/// <summary>A server that is a member like any other, and may have a door that answers.</summary>
public sealed class LinkWatchTests() : PatientKit(Node("hospital"), ActorConfiguration.System)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ActorSystem _server = ActorSystem.Create(ActorConfiguration.System, Node("server"));

    private static Config Node(string role) => ConfigurationFactory.ParseString($$"""
        akka.actor.provider = cluster
        akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        akka.cluster { roles = [{{role}}], gossip-interval = 100ms, leader-actions-interval = 100ms }
        """).WithFallback(Fragments.Text("serialization.conf"));

    [Fact]
    public async Task A_node_that_a_server_of_its_cluster_does_not_hear_leaves()
    {
        await Form();
        Watch(Sys);

        await FishForMessageAsync(m => m is "leave", Limit);
    }

    // As after a freeze: all looks that were due come in the same moment.
    [Fact]
    public async Task Looks_that_come_at_once_are_one()
    {
        await Form();
        Watch(Sys, new Standing());

        await ExpectNoMsgAsync(Look * 30);
    }

    [Fact]
    public async Task A_node_that_its_servers_answer_stays()
    {
        _server.ActorOf(Props.Create(() => new Door()), Door.Name);
        await Form();
        Watch(Sys);

        await ExpectNoMsgAsync(Look * 30);
    }

    [Fact]
    public async Task A_server_does_not_leave_for_a_node_or_a_younger_one_that_does_not_answer()
    {
        await Form();
        Watch(_server);

        await ExpectNoMsgAsync(Look * 30);
    }

    protected override void Dispose(bool disposing)
    {
        _server.Dispose();
        base.Dispose(disposing);
    }

    private async Task Form()
    {
        var address = Cluster.Get(_server).SelfAddress;
        Cluster.Get(_server).Join(address);
        Cluster.Get(Sys).Join(address);
        await AwaitConditionAsync(() => Task.FromResult(Cluster.Get(Sys).State.Members.Count(m => m.Status == MemberStatus.Up) == 2), Limit);
    }

    private void Watch(ActorSystem system, TimeProvider? clock = null)
    {
        var (self, time) = (TestActor, clock ?? TimeProvider.System);
        Action leave = () => self.Tell("leave");
        system.ActorOf(Props.Create(() => new LinkWatch("hospital-a", Look, time, leave)));
    }

    private sealed class Standing : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
