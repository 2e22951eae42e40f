using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FedKim.Models;
using FedKim.Parameters;
using FedKim.Rounds;
using TorchSharp;

namespace FedKim.Learning.Tests;

/// <summary>Injection where memory is short: layers computed again, steps in parts.</summary>
public sealed class InjectionMemoryTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly LearningPlan Plan = DemoFederation.Plan with
    {
        Injection = new() { Steps = 6, CheckpointEvery = 3, BatchSize = 8, LearningRate = 2e-3, WarmUp = 2, BalanceLabels = true, Threads = 1 },
    };

    // One task is enough to measure.
    private static readonly LearningPlan One =
        Plan with { Tasks = [Plan.Tasks[0]], Encoders = Plan.Encoders.RemoveRange(Plan.Encoders.Keys.Where(modality => modality != "image")) };

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void Layers_that_are_computed_again_give_the_same_bytes(double distillation)
    {
        var kept = Inject(With(p => p with { ActivationCheckpointing = InjectionPlan.Off, Distillation = distillation }));
        var again = Inject(With(p => p with { ActivationCheckpointing = InjectionPlan.On, Distillation = distillation }));

        Assert.Equal((kept.GlobalModel.Digest, kept.Adapter.Digest, kept.Loss), (again.GlobalModel.Digest, again.Adapter.Digest, again.Loss));
    }

    [Fact]
    public void Layers_that_are_computed_again_leave_no_tensor_behind()
    {
        List<long> live = [];
        using var injection = Open();
        injection.Inject(Request(With(p => p with { ActivationCheckpointing = InjectionPlan.On })), _ =>
            live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount), CancellationToken.None);
        Assert.Single(live[Plan.Training.Count()..].Distinct());
    }

    [Theory]
    [InlineData(8)]
    [InlineData(3)]
    [InlineData(1)]
    [InlineData(3, 0.5)]
    public void A_step_in_parts_has_the_loss_of_the_whole(int size, double distillation = 0)
    {
        List<double> whole = [], parts = [];
        Inject(With(p => p with { MicroBatch = 0, Augmentation = distillation, Distillation = distillation }), progress: p => whole.Add(p.Loss));
        Inject(With(p => p with { MicroBatch = size, Augmentation = distillation, Distillation = distillation }), progress: p => parts.Add(p.Loss));

        // The first step has the same parameters; later ones drift by what rounding moved.
        Assert.Equal(whole[0], parts[0], 5e-6);
        Assert.All(whole.Zip(parts), l => Assert.Equal(l.First, l.Second, 1e-2));
        if (size == 8)
            Assert.Equal(whole, parts);
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB", InjectionPlan.Off)]
    [InlineData("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried to allocate 64 bytes", InjectionPlan.On)]
    public void Want_of_memory_gives_what_the_smaller_size_in_the_file_gives(string message, string checkpointing)
    {
        var plan = With(p => p with { ActivationCheckpointing = checkpointing });
        var planned = Inject(plan with { Injection = plan.Injection with { MicroBatch = 2 } });
        List<string> warnings = [];

        var halved = Inject(plan, samples =>
        {
            if (samples > 2)
                throw new ExternalException(message);
        }, warnings);

        Assert.Equal(planned.GlobalModel.Digest, halved.GlobalModel.Digest);
        using var expected = SafetensorsFile.Open(planned.Adapter.Path);
        using var found = SafetensorsFile.Open(halved.Adapter.Path);
        Assert.All(expected.Tensors.Keys, name => Assert.True(expected.Bytes(name).SequenceEqual(found.Bytes(name)), name));
        Assert.Equal(planned.Loss, halved.Loss);

        // 8 to 4 to 2, and never again; the adapters say so.
        Assert.Equal(2, warnings.Count);
        Assert.Contains("in parts of 2 instead of 8 samples", warnings[1]);
        Assert.Contains("Set injection.micro-batch = 2", warnings[1]);
        Assert.Equal("2", found.Metadata["micro-batch"]);
        Assert.Empty(expected.Metadata);
    }

    [Fact]
    public void Another_process_goes_on_with_the_size_that_fitted()
    {
        void Short(int samples)
        {
            if (samples > 4)
                throw new OutOfMemoryException("CUDA out of memory");
        }

        var undisturbed = Inject(Plan, Short);
        var request = Request(Plan);
        using (var cut = new CancellationTokenSource())
        using (var first = Open(Short))
        {
            Assert.Throws<OperationCanceledException>(() => first.Inject(request, p =>
            {
                if (p.Done == 4)
                    cut.Cancel();
            }, cut.Token));
        }

        List<string> warnings = [];
        using var second = Open(samples => Assert.InRange(samples, 1, 4), warnings);
        var resumed = second.Inject(request, _ => { }, CancellationToken.None);

        Assert.Empty(warnings);
        Assert.Equal((undisturbed.GlobalModel.Digest, undisturbed.Adapter.Digest), (resumed.GlobalModel.Digest, resumed.Adapter.Digest));
    }

    [Fact]
    public void What_does_not_fit_one_sample_at_a_time_ends_with_the_remedy()
    {
        List<int> tried = [];
        var error = Assert.Throws<LearningException>(() => Inject(Plan, samples =>
        {
            tried.Add(samples);
            throw new OutOfMemoryException("CUDA out of memory.\nmore");
        }));

        Assert.Equal([8, 4, 2, 1], tried);
        Assert.Contains("step 1 of round 1's injection does not fit the memory, not even one sample at a time: CUDA out of memory. Set injection.activation-checkpointing = on", error.Message);
    }

    [Fact]
    public void An_evaluation_computes_no_more_at_once_than_a_step_and_64_where_nothing_is_said()
    {
        Assert.Equal(2, Measure(One, out var usual).Length);
        Assert.Equal(64, usual.Max());
        Measure(One with { Injection = One.Injection with { MicroBatch = 100 } }, out var many);
        Assert.Equal(usual, many);
        var whole = Measure(One, out _);
        var parts = Measure(One with { Injection = One.Injection with { MicroBatch = 5 } }, out var few);

        Assert.Equal((5, usual.Sum()), (few.Max(), few.Sum()));
        // The same up to rounding, which may put two samples the other way round.
        Assert.All(whole.Zip(parts), e => Assert.Equal((e.First.Task, e.First.Method, e.First.N), (e.Second.Task, e.Second.Method, e.Second.N)));
        Assert.All(whole.Zip(parts), e => Assert.Equal(e.First.Auroc!.Value, e.Second.Auroc!.Value, 0.02));
    }

    [Fact]
    public void An_evaluation_that_is_short_of_memory_goes_on_in_halves_and_says_so()
    {
        List<string> warnings = [];
        var planned = Measure(One with { Injection = One.Injection with { MicroBatch = 16 } }, out _);
        var halved = Measure(One, out _, samples =>
        {
            if (samples > 16)
                throw new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB");
        }, warnings);

        Assert.Equal(planned.Select(e => (e.Task, e.Method, e.Auroc, e.Accuracy, e.Unparsed)), halved.Select(e => (e.Task, e.Method, e.Auroc, e.Accuracy, e.Unparsed)));
        // 64 to 32 to 16, and never again.
        Assert.Equal(2, warnings.Count);
        Assert.StartsWith("server: the evaluation of task pneumonia does not fit the memory", warnings[1], StringComparison.Ordinal);
        Assert.Contains("in parts of 16 instead of 64 samples", warnings[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_leaves_no_model_unmeasured()
    {
        var request = Request(One);
        List<string> warnings = [];
        using var injection = new Injection(Path.Combine(demo.Data, "server"), DemoInjection.Repository()) { Device = new InjectorDevice("cpu", MemoryLimit: 1), Warn = warnings.Add };
        Assert.Equal(2, injection.Evaluate(Asking(request), _ => { }, CancellationToken.None).Length);
        Assert.Contains(warnings, warning => warning.Contains("fedkim.injector.memory-limit is 1). It is computed again", StringComparison.Ordinal));
    }

    [Fact]
    public void A_limit_below_what_the_process_holds_is_named()
    {
        using var injection = new Injection(Path.Combine(demo.Data, "server"), DemoInjection.Repository()) { Device = new InjectorDevice("cpu", MemoryLimit: 1) };
        var error = Assert.Throws<LearningException>(() => injection.Inject(Request(Plan), _ => { }, CancellationToken.None));
        Assert.Contains("MiB, and fedkim.injector.memory-limit is 1", error.Message);
    }

    [Fact]
    public void A_fault_that_is_no_want_of_memory_halves_nothing()
    {
        var parts = new MicroBatches(4, _ => Assert.Fail("It was halved."));
        Assert.Throws<ExternalException>(() => parts.Compute<int>([1, 2, 3], _ => throw new ExternalException("CUDA error: unspecified launch failure"), () => { }, "it"));
        Assert.Equal(4, parts.Size);
    }

    [Theory]
    [InlineData(5, 8, new[] { 5 })]
    [InlineData(8, 3, new[] { 3, 3, 2 })]
    [InlineData(4, 1, new[] { 1, 1, 1, 1 })]
    public void Parts_hold_every_sample_once_in_order(int samples, int size, int[] sizes)
    {
        int[] all = [.. Enumerable.Range(10, samples)];
        int[][] parts = new MicroBatches(size, _ => { }).Compute(all, p => p.ToArray(), () => { }, "it");
        Assert.Equal(sizes, parts.Select(p => p.Length));
        Assert.Equal(all, parts.SelectMany(p => p));
    }

    private static LearningPlan With(Func<InjectionPlan, InjectionPlan> change) => Plan with { Injection = change(Plan.Injection) };

    private InjectedModel Inject(LearningPlan plan, Action<int>? withinStep = null, List<string>? warnings = null, Action<LearningProgress>? progress = null)
    {
        using var injection = Open(withinStep, warnings);
        return injection.Inject(Request(plan), progress ?? (_ => { }), CancellationToken.None);
    }

    private ImmutableArray<TaskEvaluation> Measure(LearningPlan plan, out List<int> samples, Action<int>? within = null, List<string>? warnings = null)
    {
        var computed = new List<int>();
        samples = computed;
        using var injection = Open(
            some =>
            {
                within?.Invoke(some);
                computed.Add(some);
            },
            warnings);
        return injection.Evaluate(Asking(Request(plan)), _ => { }, CancellationToken.None);
    }

    private static EvaluationRequest Asking(InjectionRequest start) => new(start.Learning, start.Seed, start.Aggregate, start.Aggregate, start.Adapter);

    private InjectionRequest Request(LearningPlan plan)
    {
        using var injection = Open();
        var start = injection.Initialize(new FederationId("test"), DemoFederation.Seed, plan.ToJson(), demo.Folder());
        return new InjectionRequest(new RoundId(new FederationId("test"), 1), DemoFederation.Seed, plan.ToJson(), start.GlobalModel, start.Adapter, demo.Folder());
    }

    private Injection Open(Action<int>? withinStep = null, List<string>? warnings = null) =>
        new(Path.Combine(demo.Data, "server"), DemoInjection.Repository()) { Clock = new StandingClock(), WithinStep = withinStep ?? (_ => { }), Warn = w => warnings?.Add(w) };
}
