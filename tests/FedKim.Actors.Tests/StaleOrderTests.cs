using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Hospital;
using FedKim.Learning.Rehearsal;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>What a line that heals delivers may have been said long ago.</summary>
public sealed class StaleOrderTests() : PatientKit(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf")))
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    [Fact]
    public async Task An_order_for_an_earlier_round_of_the_same_epoch_is_not_followed_and_one_of_a_later_epoch_is()
    {
        var server = TestActor;
        var site = Sys.ActorOf(HospitalRole.Work(
            new ClientId("hospital-a"), () => new RehearsalTraining(), new WeightStore(Path.Combine(_folder, "weights"), true), WeightRoute.Plain,
            Path.Combine(_folder, "rounds"), server, CancellationToken.None));
        site.Tell(Train(3, 2));
        await WorksOn("demo/3");

        site.Tell(Train(2, 2));
        // Said after the order was read.
        Assert.Equal("demo/3", (await ExpectActivity()).Work);

        // A journal that was put back begins a round before it anew, in an epoch of its own.
        site.Tell(Train(2, 3));
        Assert.Equal("demo/2", (await ExpectActivity()).Work);

        async Task<Activity> ExpectActivity()
        {
            site.Tell(new GetActivity(), TestActor);
            return (Activity)await FishForMessageAsync(m => m is Activity);
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task WorksOn(string round) => await FishForMessageAsync(m => m is SiteMessages.Hello hello && hello.Status.Round == round);

    private static SiteMessages.Train Train(int round, int epoch) => new(
        new RoundId(new FederationId("demo"), round), 1, "fedavg", "{}", Digest.Of([.. Enumerable.Repeat((byte)1, 32)]), "http://127.0.0.1:1", epoch);
}
