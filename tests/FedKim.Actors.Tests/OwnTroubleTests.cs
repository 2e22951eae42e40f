using Akka.Actor;
using Akka.Event;
using FedKim.Actors.Server;
using FedKim.Actors.Server.Rounds;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>What breaks at the server is tried again as long as there is hope, and no longer.</summary>
public sealed class OwnTroubleTests : PatientKit
{
    private static readonly Round Aggregating = new(new RoundId(new FederationId("demo"), 1)) { Exists = true, Phase = Phase.Aggregating };

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    [Fact]
    public async Task A_full_disk_is_waited_for_as_long_as_it_is_full()
    {
        var trouble = Trouble();

        for (int i = 0; i < 20; i++)
            Assert.Equal("", await Met(trouble, new IOException($"No space left on device : '{_folder}'")));
    }

    [Fact]
    public async Task Numbers_that_have_no_sum_end_the_round_at_once() =>
        Assert.Equal("On server server-1 the updates cannot be summed: the sum overflows", await Met(Trouble(), new ArithmeticException("the sum overflows")));

    [Fact]
    public async Task What_nobody_knows_is_tried_a_few_times_and_then_ends_the_round()
    {
        var trouble = Trouble();

        for (int i = 0; i < 5; i++)
            Assert.Equal("", await Met(trouble, new InvalidOperationException("?")));
        Assert.StartsWith("On server server-1 the updates cannot be summed: a fault that the node does not know", await Met(trouble, new InvalidOperationException("?")));
    }

    [Fact]
    public async Task Work_that_was_done_in_between_begins_the_count_anew()
    {
        var trouble = Trouble();

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("", await Met(trouble, new InvalidOperationException("?")));
            trouble.Tell(new Done());
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_folder, recursive: true);
    }

    private static Task<string> Met(IActorRef trouble, Exception cause) => trouble.Ask<string>(new Break(cause), TimeSpan.FromSeconds(10));

    private IActorRef Trouble()
    {
        var server = new ServerContext(
            "server-1", new WeightStore(Path.Combine(_folder, "weights")), new Spool(Path.Combine(_folder, "spool")), "http://127.0.0.1:1",
            Path.Combine(_folder, "scratch"), ActorRefs.Nobody, ActorRefs.Nobody, TimeProvider.System);
        return Sys.ActorOf(Props.Create(() => new Coordinator(server)));
    }

    private sealed record Break(Exception Cause);

    private sealed record Done;

    private sealed class Coordinator : ReceiveActor, IWithTimers
    {
        public Coordinator(ServerContext server)
        {
            var trouble = new OwnTrouble(server, Timers, Context.GetLogger());
            Receive<Break>(m => Sender.Tell(trouble.Met(m.Cause, Aggregating) ?? ""));
            Receive<Done>(_ => trouble.End());
            Receive<LookAgain>(_ => { });
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }
}
