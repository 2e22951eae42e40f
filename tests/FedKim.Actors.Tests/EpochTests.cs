using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Hospital;
using FedKim.Actors.Injector;
using FedKim.Learning.Rehearsal;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>A coordinator that lost its place and does not know it yet: nobody follows it.</summary>
public sealed class EpochTests() : PatientKit(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf")))
{
    private static readonly RoundId Round = new(new FederationId("demo"), 2);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    [Fact]
    public async Task A_hospital_keeps_its_work_when_an_earlier_coordinator_calls_it_off_or_asks_for_other_work()
    {
        var site = Sys.ActorOf(HospitalRole.Work(
            new ClientId("hospital-a"), () => new RehearsalTraining(), new WeightStore(Path.Combine(_folder, "weights"), true), WeightRoute.Plain,
                Path.Combine(_folder, "rounds"), TestActor, CancellationToken.None));

        site.Tell(Train(Round, epoch: 2));
        await FishForMessageAsync(m => m is SiteMessages.Hello { Status.Round: "demo/2" });
        site.Tell(new SiteMessages.RoundEnded(Round, 1));
        site.Tell(Train(Round with { Number = 1 }, epoch: 1));
        // The next hello but one was said after both were heard.
        await FishForMessageAsync(m => m is SiteMessages.Hello);
        await FishForMessageAsync(m => m is SiteMessages.Hello { Status.Round: "demo/2" });
        site.Tell(new SiteMessages.RoundEnded(Round, 2));
        await FishForMessageAsync(m => m is SiteMessages.Hello { Status.Round: "" });
    }

    [Fact]
    public async Task An_epoch_that_no_coordinator_has_makes_a_hospital_deaf_to_none()
    {
        var site = Sys.ActorOf(HospitalRole.Work(
            new ClientId("hospital-a"), () => new RehearsalTraining(), new WeightStore(Path.Combine(_folder, "weights"), true), WeightRoute.Plain,
                Path.Combine(_folder, "rounds"), TestActor, CancellationToken.None));

        site.Tell(Train(Round with { Number = 9 }, epoch: int.MaxValue));
        site.Tell(Train(Round, epoch: 2));
        await FishForMessageAsync(m => m is SiteMessages.Hello { Status.Round: "demo/2", Epoch: 2 });
    }

    [Fact]
    public async Task The_injector_keeps_its_work_when_an_earlier_coordinator_withdraws_it_or_orders_other_work()
    {
        var injector = Sys.ActorOf(InjectorRole.Work(
            () => new RehearsalInjection(), new WeightStore(_folder, true), WeightRoute.Plain, _folder, TestActor, CancellationToken.None));

        injector.Tell(Inject(Round, epoch: 2));
        await FishForMessageAsync(m => m is InjectorMessages.Hello { Status.Work: "demo-2" });
        injector.Tell(new InjectorMessages.Withdraw("demo-2", 1));
        injector.Tell(Inject(Round with { Number = 1 }, epoch: 1));
        await FishForMessageAsync(m => m is InjectorMessages.Hello);
        await FishForMessageAsync(m => m is InjectorMessages.Hello { Status.Work: "demo-2" });
        injector.Tell(new InjectorMessages.Withdraw("demo-2", 2));
        await FishForMessageAsync(m => m is InjectorMessages.Hello { Status.Work: "" });
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_folder, recursive: true);
    }

    // Nothing listens at the address: both stay at fetching.
    private static SiteMessages.Train Train(RoundId round, int epoch) => new(round, 1, "fedavg", "{}", Model, "http://127.0.0.1:1", epoch);

    private static InjectorMessages.Order Inject(RoundId round, int epoch) =>
        new(new InjectorMessages.Inject(round, 1, 1, "{}", Model, Model), "http://127.0.0.1:1", epoch);

    private static Digest Model => Digest.Of([.. Enumerable.Repeat((byte)1, 32)]);
}
