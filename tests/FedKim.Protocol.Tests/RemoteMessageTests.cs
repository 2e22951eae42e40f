using Akka.Actor;
using CsCheck;
using FedKim.Protocol.Messages;
using FedKim.Rounds.Tests;

namespace FedKim.Protocol.Tests;

/// <summary>Two actor systems on loopback: what one node says, the other hears.</summary>
public sealed class RemoteMessageTests : IAsyncLifetime
{
    private readonly ExtendedActorSystem _here = WireSystem.OnLoopback("here");
    private readonly ExtendedActorSystem _there = WireSystem.OnLoopback("there");

    [Fact]
    public async Task Every_message_crosses_to_another_node_and_comes_back_the_same()
    {
        _there.ActorOf(Props.Create(() => new Echo()), "echo");
        var echo = new RootActorPath(_there.Provider.DefaultAddress) / "user" / "echo";
        var somebody = _here.ActorOf(Props.Create(() => new Echo()), "somebody");
        foreach (var type in Generated.Implementations(typeof(IWireMessage)))
        {
            object message = Generated.Of(type, somebody).Single();
            object back = await _here.ActorSelection(echo).Ask<object>(message, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Equal(Contents.Of(message), Contents.Of(back));
            Assert.NotSame(message, back);
        }
    }

    [Fact]
    public async Task A_reference_that_crossed_reaches_the_actor_it_names()
    {
        _there.ActorOf(Props.Create(() => new Answering()), "answering");
        var answering = new RootActorPath(_there.Provider.DefaultAddress) / "user" / "answering";
        var heard = new TaskCompletionSource<object>(TaskCreationOptions.RunContinuationsAsynchronously);
        var site = _here.ActorOf(Props.Create(() => new Hearing(heard)), "site");

        _here.ActorSelection(answering).Tell(new SiteMessages.Hello(
            new Rounds.ClientId("hospital-a"), site, new SiteStatus("idle", "", 0, 0, double.NaN, 0, ""), 0));

        object answer = await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(new FederationQueries.NotFound("hospital-a"), answer);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _here.Terminate();
        await _there.Terminate();
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    private sealed class Answering : ReceiveActor
    {
        public Answering() => Receive<SiteMessages.Hello>(hello => hello.Site.Tell(new FederationQueries.NotFound(hello.Client.Value)));
    }

    private sealed class Hearing : ReceiveActor
    {
        public Hearing(TaskCompletionSource<object> heard) => ReceiveAny(message => heard.TrySetResult(message));
    }
}
