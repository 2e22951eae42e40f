using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Server;
using FedKim.Actors.Server.Answers;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>Questions that cost as much as a round leave the threads for files to rounds.</summary>
public sealed class OneReplayTests() : PatientKit(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf")))
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    [Fact]
    public async Task One_replay_runs_at_a_time_and_another_is_refused_at_once()
    {
        var server = new ServerContext(
            "server-1", new WeightStore(Path.Combine(_folder, "weights")), new Spool(Path.Combine(_folder, "spool")), "http://127.0.0.1:1",
            Path.Combine(_folder, "scratch"), ActorRefs.Nobody, ActorRefs.Nobody, TimeProvider.System);
        var plan = TestFederation.Plan(1, 1, "hospital-a");
        var asked = new FederationAnswers.Asked(
            new FederationQueries.GetReplay(1), new Federation { Plan = plan, Phase = FederationPhase.Running },
            LatestRounds.None.Saw(new Round(new RoundId(plan.Id, 1)) { Exists = true, Phase = Phase.Injecting }, 0));
        var answers = Sys.ActorOf(Props.Create(() => new FederationAnswers(server)));
        using var goOn = new ManualResetEventSlim();
        // More than there are threads for files.
        for (int i = 0; i < 20; i++)
            _ = Sys.Dispatchers.Lookup(Threads.Files).Run(() => goOn.Wait(Limit));

        var first = answers.Ask<object>(asked, Limit);
        var second = await answers.Ask<OperatorMessages.Refused>(asked, Limit);
        Assert.Contains("replays a round already", second.Reason, StringComparison.Ordinal);
        Assert.False(first.IsCompleted);
        goOn.Set();

        Assert.IsType<ReplayView>(await first);
        Assert.IsType<ReplayView>(await answers.Ask<object>(asked, Limit));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_folder, recursive: true);
    }
}
