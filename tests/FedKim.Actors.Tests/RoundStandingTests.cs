using Akka.Event;
using FedKim.Actors.Server;
using FedKim.Actors.Server.Rounds;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>What a round waits for stays before the eyes of whoever reads the log.</summary>
public sealed class RoundStandingTests : PatientKit
{
    private static readonly RoundId Round = new(new FederationId("demo"), 1);

    [Fact]
    public async Task A_wait_is_shown_once_and_said_in_the_log_each_minute_until_it_is_over()
    {
        var clock = new SetClock();
        var standing = new RoundStanding(Round, TestActor, clock, Logging.GetLogger(Sys, "round"));
        var log = CreateTestProbe();
        Sys.EventStream.Subscribe(log.Ref, typeof(Warning));

        standing.Show("waits for sites", isOver: false);
        for (int second = 0; second < 125; second++)
        {
            clock.Passes(TimeSpan.FromSeconds(1));
            standing.Show("waits for sites", isOver: false);
        }
        standing.Show("", isOver: false);
        clock.Passes(TimeSpan.FromHours(1));
        standing.Show("", isOver: false);
        Sys.EventStream.Publish(new Warning("test", GetType(), "the end"));

        foreach (string said in (string[])["Round demo/1 waits for sites", "Round demo/1 still, after 1 min, waits for sites", "Round demo/1 still, after 2 min, waits for sites", "the end"])
            Assert.Equal(said, (await log.ExpectMsgAsync<Warning>(TimeSpan.FromSeconds(10))).Message.ToString());
        await ExpectMsgAsync(new FederationActor.Waits(Round, "waits for sites"));
        await ExpectMsgAsync(new FederationActor.Waits(Round, ""));
        await ExpectNoMsgAsync(TimeSpan.Zero);
    }
}
