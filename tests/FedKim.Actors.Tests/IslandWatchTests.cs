using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using FedKim.Actors.Journals;
using FedKim.Actors.Members;

namespace FedKim.Actors.Tests;

public sealed class IslandWatchTests() : PatientKit(ConfigurationFactory.ParseString("""
    akka.actor.provider = cluster
    akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
    akka.cluster.roles = [server]
    """))
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_server_whose_lease_is_held_in_another_cluster_leaves()
    {
        await Form();
        Watch(() => "127.0.0.1:1");

        await FishForMessageAsync(m => m is "leave");
    }

    [Fact]
    public async Task A_server_in_whose_cluster_the_lease_is_held_stays()
    {
        await Form();
        var address = Cluster.Get(Sys).SelfAddress;
        Watch(() => $"{address.Host}:{address.Port}");

        await Looks(12);
    }

    [Fact]
    public async Task A_server_stays_while_nobody_holds_the_lease_or_nobody_can_say_who_does()
    {
        await Form();
        int asked = 0;
        Watch(() => ++asked % 2 == 0 ? "" : throw new JournalException("The database is away.", passing: true));

        await Looks(12);
    }

    [Fact]
    public async Task A_server_that_is_in_no_cluster_yet_waits()
    {
        Watch(() => "127.0.0.1:1");

        await Looks(12);
    }

    private async Task Looks(int count)
    {
        for (int looks = 0; looks < count; looks++)
            await ExpectMsgAsync("look");
    }

    private async Task Form()
    {
        var cluster = Cluster.Get(Sys);
        cluster.Join(cluster.SelfAddress);
        await AwaitConditionAsync(() => Task.FromResult(cluster.SelfMember.Status == MemberStatus.Up));
    }

    private void Watch(Func<string> holder)
    {
        var self = TestActor;
        Func<Task<string>> ask = async () =>
        {
            self.Tell("look");
            await Task.Yield();
            return holder();
        };
        Action leave = () => self.Tell("leave");
        Sys.ActorOf(Props.Create(() => new IslandWatch(ask, Look, leave)));
    }
}
