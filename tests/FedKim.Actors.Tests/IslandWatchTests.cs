using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.TestKit.Xunit;
using FedKim.Protocol;

namespace FedKim.Actors.Tests;

public sealed class IslandWatchTests() : TestKit(ConfigurationFactory.ParseString("""
    akka.actor.provider = cluster
    akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
    akka.cluster.roles = [server]
    """))
{
    private static readonly FederationView Idle = new("", "Idle", 0, "", "", 0, 0, 0, [], 0, "", "", "", "", "server", 1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_server_alone_in_a_cluster_whose_federation_never_answers_leaves()
    {
        await Form();
        Watch();

        await FishForMessageAsync(m => m is "leave");
    }

    [Fact]
    public async Task A_server_that_coordinates_stays_though_it_is_alone()
    {
        await Form();
        var watch = Watch();

        for (int looks = 0; looks < 12; looks++)
        {
            await ExpectMsgAsync<FederationQueries.GetFederation>();
            watch.Tell(Idle);
        }
    }

    [Fact]
    public async Task A_server_that_is_in_no_cluster_yet_waits()
    {
        Watch();

        for (int looks = 0; looks < 12; looks++)
            await ExpectMsgAsync<FederationQueries.GetFederation>();
    }

    private async Task Form()
    {
        var cluster = Cluster.Get(Sys);
        cluster.Join(cluster.SelfAddress);
        await AwaitConditionAsync(() => Task.FromResult(cluster.SelfMember.Status == MemberStatus.Up));
    }

    private IActorRef Watch()
    {
        var self = TestActor;
        Action leave = () => self.Tell("leave");
        return Sys.ActorOf(Props.Create(() => new IslandWatch(self, Look, leave)));
    }
}
