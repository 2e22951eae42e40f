using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using FedKim.Actors.Hospital;
using FedKim.Actors.Injector;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;
using FedKim.Protocol.Messages;
using FedKim.Rounds;
using FedKim.Transfer;

namespace FedKim.Actors.Tests;

/// <summary>What keeps a node from its work is said at once, and what passes costs no attempt.</summary>
public sealed class HindranceTests() : PatientKit(ConfigurationFactory.ParseString(Fragments.Text("dispatchers.conf")))
{
    private static readonly RoundId Round = new(new FederationId("demo"), 1);

    private readonly string _folder = Directory.CreateTempSubdirectory("fedkim-").FullName;

    [Fact]
    public async Task A_hospital_that_cannot_reach_the_weights_says_which_address_at_once()
    {
        var site = Sys.ActorOf(HospitalRole.Work(
            new ClientId("hospital-a"), () => new RehearsalTraining(), new WeightStore(Path.Combine(_folder, "weights"), true), WeightRoute.Plain,
                Path.Combine(_folder, "rounds"), TestActor, CancellationToken.None));

        site.Tell(new SiteMessages.Train(Round, 1, "fedavg", "{}", Digest.Of([.. Enumerable.Repeat((byte)1, 32)]), "http://127.0.0.1:1", 1));

        await FishForMessageAsync(
            m => m is SiteMessages.Hello { Status: { Activity: "fetching" } status } && status.Problem.StartsWith("http://127.0.0.1:1/ cannot be reached (", StringComparison.Ordinal),
            TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task What_a_process_before_this_one_left_of_a_round_that_has_ended_since_goes()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "rounds", "demo-1"));
        var site = Sys.ActorOf(HospitalRole.Work(
            new ClientId("hospital-a"), () => new RehearsalTraining(), new WeightStore(Path.Combine(_folder, "weights"), true), WeightRoute.Plain,
                Path.Combine(_folder, "rounds"), TestActor, CancellationToken.None));
        await FishForMessageAsync(m => m is SiteMessages.Hello { Status: { Activity: "idle", Round: "demo/1" } });

        site.Tell(new SiteMessages.RoundEnded(Round, 1));

        await FishForMessageAsync(m => m is SiteMessages.Hello { Status: { Activity: "idle", Round: "" } });
        Assert.False(Directory.Exists(Path.Combine(_folder, "rounds", "demo-1")));
    }

    // A journal that was put back makes a round once more, from another model.
    [Fact]
    public async Task The_same_round_from_another_model_is_trained_from_that_model()
    {
        var store = new WeightStore(Path.Combine(_folder, "weights"), true);
        var training = new Recorded();
        var site = Sys.ActorOf(HospitalRole.Work(
            new ClientId("hospital-a"), () => training, store, WeightRoute.Plain, Path.Combine(_folder, "rounds"), TestActor, CancellationToken.None));
        Digest[] models = [Model(1), Model(2)];
        foreach (var model in models)
        {
            string made = Path.Combine(_folder, $"{model.Short}");
            store.Import(new WeightFile(made, model));
            site.Tell(new SiteMessages.Train(Round, 1, "fedavg", new RehearsalPlan(1).ToJson(), model, "http://127.0.0.1:1", 1));
            await FishForMessageAsync(m => m is SiteMessages.Hello { Status.Activity: "sending" } && training.Models.LastOrDefault() == model, TimeSpan.FromSeconds(20));
        }

        Assert.Equal(models, training.Models);

        Digest Model(long seed)
        {
            using var injection = new RehearsalInjection();
            string work = Directory.CreateDirectory(Path.Combine(_folder, $"model-{seed}")).FullName;
            var file = injection.Initialize(Round.Federation, seed, new RehearsalPlan(1).ToJson(), work).GlobalModel;
            File.Copy(file.Path, Path.Combine(_folder, file.Digest.Short));
            return file.Digest;
        }
    }

    [Fact]
    public async Task An_injector_whose_disk_is_full_says_so_and_goes_on_without_losing_an_attempt()
    {
        var injection = new NoRoom(times: 2);
        var injector = Sys.ActorOf(InjectorRole.Work(
            () => injection, new WeightStore(_folder, true), WeightRoute.Plain, _folder, TestActor, CancellationToken.None));

        injector.Tell(new InjectorMessages.Order(new InjectorMessages.Initialize(Round.Federation, 1, new RehearsalPlan(1).ToJson(), null, null), "http://127.0.0.1:1", 1));

        List<object> heard = [];
        await FishForMessageAsync(m =>
        {
            heard.Add(m);
            return m is InjectorMessages.Hello { Status.Activity: "sending" };
        }, TimeSpan.FromSeconds(20));
        Assert.DoesNotContain(heard, m => m is InjectorMessages.Broke);
        Assert.Contains(heard, m => m is InjectorMessages.Hello { Status.Problem: "No space left in the injector's work folder; goes on when there is" });
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Recorded : ILocalTraining
    {
        private readonly RehearsalTraining _training = new();

        public ConcurrentQueue<Digest> Models { get; } = [];

        public LocalUpdate Train(TrainingRequest request, Action<LearningProgress> progress, CancellationToken cancel)
        {
            Models.Enqueue(request.GlobalModel.Digest);
            return _training.Train(request, progress, cancel);
        }

        public void Dispose() => _training.Dispose();
    }

    private sealed class NoRoom(int times) : IInjection
    {
        private readonly RehearsalInjection _injection = new();
        private int _left = times;

        public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) =>
            _left-- > 0 ? throw new IOException($"No space left on device : '{workFolder}'") : _injection.Initialize(federation, seed, learning, workFolder);

        public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
            _injection.Inject(request, progress, cancel);

        public ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

        public void Dispose()
        {
        }
    }
}
