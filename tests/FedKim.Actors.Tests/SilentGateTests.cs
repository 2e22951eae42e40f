using System.Threading.Channels;
using Akka.Actor;
using Akka.TestKit;
using FedKim.Actors.Links;
using FedKim.Protocol.Framed;
using FedKim.Protocol.Messages;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>A gate at which no site is takes no place for ever.</summary>
public sealed class SilentGateTests() : PatientKit("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"")
{
    private static readonly ClientId Site = new("hospital-a");

    [Fact]
    public async Task Gates_that_hear_nothing_end_and_one_that_hears_its_site_stays()
    {
        var (time, server) = ((TestScheduler)Sys.Scheduler, TestActor);
        var gates = Sys.ActorOf(Props.Create(() => new Gates("server", server, () => true)));
        List<IActorRef> open = [];
        for (int i = 0; i < 4; i++)
        {
            open.Add(Assert.IsType<Gates.Opened>(await Open()).Gate);
            // It has begun to wait.
            await open[i].Ask<ActorIdentity>(new Identify(1));
        }

        Assert.IsType<Gates.Refused>(await Open());
        time.Advance(TimeSpan.FromSeconds(10));
        open[3].Tell(new SiteFrame { Hello = new Hello { Machine = "a" } });
        await ExpectMsgAsync<SiteMessages.Hello>();
        // What is said to a site is no word of it.
        gates.Tell(new WeightMessages.Wanted(Digest.Of(new byte[32]), "http://server"));
        foreach (var gate in open)
        {
            Assert.NotNull((await gate.Ask<ActorIdentity>(new Identify(1))).Subject);
            await WatchAsync(gate);
        }

        time.Advance(TimeSpan.FromSeconds(6));

        var ended = new[] { (await ExpectMsgAsync<Terminated>()).ActorRef, (await ExpectMsgAsync<Terminated>()).ActorRef, (await ExpectMsgAsync<Terminated>()).ActorRef };
        Assert.Equal(open[..3].Select(g => g.Path.Name).Order(), ended.Select(g => g.Path.Name).Order());
        await AwaitAssertAsync(async () => Assert.IsType<Gates.Opened>(await Open()));
        Assert.NotNull((await open[3].Ask<ActorIdentity>(new Identify(1))).Subject);

        Task<object> Open() => gates.Ask<object>(new Gates.Open(Site, "outbound", Channel.CreateUnbounded<ServerFrame>().Writer), TimeSpan.FromSeconds(30));
    }
}
