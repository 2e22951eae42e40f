using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit;
using FedKim.Actors.Links;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>A site that reaches no server says so, and goes on trying.</summary>
public sealed class OutboundLinkTellingTests() : PatientKit("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"")
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task What_every_door_said_is_told_after_a_turn_in_vain_and_then_every_minute()
    {
        var time = (TestScheduler)Sys.Scheduler;
        ImmutableArray<string> doors = ["one:1", "two:1"];
        Dial dial = (door, _, _, _) => Task.FromException(door == "one:1" ? new LinkException("refuses connections") : new InvalidOperationException("no idea"));
        var self = TestActor;
        Action<LinkView> show = view => self.Tell(view);
        const string all = "one:1 refuses connections; two:1 met a fault: no idea";

        await EventFilter.Warning(contains: all).ExpectOneAsync(Limit, async () =>
        {
            Sys.ActorOf(Props.Create(() => new OutboundLink(new ClientId("hospital-a"), doors, dial, self, self, self, show, TimeProvider.System)));
            await Tried("one:1");
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Tried("two:1");
        });
        await EventFilter.Warning(contains: all).ExpectOneAsync(Limit, () =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return Task.CompletedTask;
        });

        async Task Tried(string door) => await FishForMessageAsync(m => m is LinkView view && view.Problems.ContainsKey(door), Limit);
    }
}
