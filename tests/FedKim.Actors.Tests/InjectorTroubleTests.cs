using System.Collections.Immutable;
using FedKim.Learning;
using FedKim.Learning.Rehearsal;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Actors.Tests;

/// <summary>An injector that breaks or hands back what is no model is asked again, and nothing of it is committed.</summary>
public sealed class InjectorTroubleTests
{
    private static readonly string[] Sites = ["hospital-a", "hospital-b", "hospital-c"];

    [Fact]
    public async Task An_injector_that_breaks_is_asked_again_and_the_round_fails_in_the_end_with_its_cause()
    {
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new BrokenInjection());

        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains("broke 3 times", end.Cause);
        Assert.Contains(SiteSentences.NoMemoryForOne.Say().Text, end.Cause);
    }

    [Fact]
    public async Task Random_bytes_in_place_of_an_injected_model_fail_the_round_by_the_injectors_name_and_are_never_committed()
    {
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new Garbage(always: true));
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains("broke 3 times", end.Cause);
        Assert.Contains("the injector's result is refused", end.Cause);
        Assert.Contains("no valid safetensors file", end.Cause);
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(federation.ServerFolder, "weights")), file => new FileInfo(file).Length == Garbage.Length);
    }

    [Fact]
    public async Task An_injector_that_once_hands_back_random_bytes_is_asked_again_and_the_result_is_the_same()
    {
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new Garbage(always: false));
        await federation.Submit(Undisturbed.Plan);
        var end = await federation.AwaitEnd();

        var expected = await Undisturbed.End;
        Assert.Equal(("Completed", expected.GlobalModel, expected.Adapter), (end.Phase, end.GlobalModel, end.Adapter));
    }

    [Fact]
    public async Task Random_bytes_in_place_of_a_first_model_are_refused()
    {
        await using var federation = await TestFederation.Start(Sites, f => f.Injection = () => new Garbage(always: true, first: true));
        await federation.Submit(TestFederation.Plan(rounds: 1, quorum: 3, Sites));
        var end = await federation.AwaitEnd();

        Assert.Equal("Failed", end.Phase);
        Assert.Contains("What the injector made to start from is refused", end.Cause);
    }

    private sealed class BrokenInjection : IInjection
    {
        private readonly RehearsalInjection _injection = new();

        public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) =>
            _injection.Initialize(federation, seed, learning, workFolder);

        public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
            throw new LearningException("out of memory", reason: SiteSentences.NoMemoryForOne.Say());

        public ImmutableArray<TaskEvaluation> Evaluate(
            EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

        public void Dispose() => _injection.Dispose();
    }

    /// <summary>Hands back random bytes instead of what was injected: always, or the first time.</summary>
    private sealed class Garbage(bool always, bool first = false) : IInjection
    {
        public const int Length = 5000;

        private readonly RehearsalInjection _injection = new();
        private int _times;

        public InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder) =>
            first ? Random(workFolder) : _injection.Initialize(federation, seed, learning, workFolder);

        public InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel) =>
            always || _times++ == 0 ? Random(request.WorkFolder) : _injection.Inject(request, progress, cancel);

        public ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel) => [];

        public void Dispose() => _injection.Dispose();

        private static InjectedModel Random(string folder)
        {
            string path = Path.Combine(folder, "random.safetensors");
            var random = SeededGenerator.Derive(1, "garbage");
            File.WriteAllBytes(path, [.. Enumerable.Range(0, Length).Select(_ => (byte)(random.NextDouble() * 256))]);
            var file = new WeightFile(path, Digests.OfFile(path));
            return new InjectedModel(file, file, 0);
        }
    }
}
