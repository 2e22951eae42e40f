using FedKim.Models.Encoders;
using FedKim.Parameters;
using FedKim.Rounds;
using TorchSharp;

namespace FedKim.Learning.Tests;

public sealed class InjectionTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly InjectionPlan Distilled = Plan.Injection with { Augmentation = 1, Distillation = 0.7 };

    private readonly DemoInjection _injection = new(demo);

    private static LearningPlan Plan => DemoInjection.Plan;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(7, true)]
    public void An_injection_cut_short_and_resumed_by_another_process_ends_with_the_same_bytes(int cutAfter, bool distilled = false)
    {
        var request = distilled ? _injection.Request(Distilled) : _injection.Request();
        var undisturbed = _injection.Inject(request with { WorkFolder = demo.Folder() });

        using (var cut = new CancellationTokenSource())
        using (var injection = _injection.Open())
        {
            Assert.Throws<OperationCanceledException>(() => injection.Inject(request, progress =>
            {
                if (progress.Done == cutAfter)
                    cut.Cancel();
            }, cut.Token));
        }

        List<long> steps = [];
        using var again = _injection.Open();
        var resumed = again.Inject(request, progress => steps.Add(progress.Done), CancellationToken.None);

        Assert.Equal(cutAfter < 3 ? 1 : cutAfter + 1, steps[0]);
        Assert.Equal(undisturbed.GlobalModel.Digest, resumed.GlobalModel.Digest);
        Assert.Equal(undisturbed.Adapter.Digest, resumed.Adapter.Digest);
        Assert.Equal(undisturbed.Loss, resumed.Loss);
        Assert.Equal(Digests.OfFile(resumed.GlobalModel.Path), resumed.GlobalModel.Digest);
    }

    [Fact]
    public void A_finished_injection_is_handed_back_without_another_step()
    {
        var request = _injection.Request();
        var first = _injection.Inject(request);
        using var injection = _injection.Open();
        Assert.Equal(first, injection.Inject(request, _ => Assert.Fail("It injected again."), CancellationToken.None));
    }

    [Fact]
    public void The_served_model_is_the_aggregate_with_tuned_encoders_and_the_aggregates_decoders()
    {
        var request = _injection.Request();
        var result = _injection.Inject(request);
        using var aggregate = SafetensorsFile.Open(request.Aggregate.Path);
        using var served = SafetensorsFile.Open(result.GlobalModel.Path);

        Assert.Equal(aggregate.Tensors.Keys, served.Tensors.Keys);
        bool Moved(string name) => !aggregate.Bytes(name).SequenceEqual(served.Bytes(name));
        Assert.DoesNotContain(served.Tensors.Keys, name => name.StartsWith("decoder.", StringComparison.Ordinal) && Moved(name));
        foreach (string modality in Plan.Encoders.Keys)
            Assert.Contains(served.Tensors.Keys, name => name.StartsWith($"encoder.{modality}.", StringComparison.Ordinal) && Moved(name));
    }

    [Fact]
    public void Seeds_and_rounds_give_different_results()
    {
        var request = _injection.Request();
        Digest[] digests =
        [
            _injection.Inject(request).Adapter.Digest,
            _injection.Inject(request with { Seed = 8, WorkFolder = demo.Folder() }).Adapter.Digest,
            _injection.Inject(request with { Round = request.Round with { Number = 2 }, WorkFolder = demo.Folder() }).Adapter.Digest,
        ];
        Assert.Equal(3, digests.Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Injecting_leaves_no_tensor_behind_and_holds_as_many_after_every_step(bool distilled)
    {
        var request = distilled ? _injection.Request(Distilled) : _injection.Request();
        List<long> live = [];
        long before = Live();
        using (var injection = _injection.Open())
            injection.Inject(request, _ => live.Add(Live()), CancellationToken.None);

        // A task's first step caches its samples; after all four the count stands.
        Assert.Single(live[Plan.Training.Count()..].Distinct());
        Assert.Equal(before, Live());
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(5, 1)]
    [InlineData(5, 2)]
    public void A_step_that_breaks_once_is_made_again_from_the_last_checkpoint_and_the_bytes_are_the_same(int step, int faults)
    {
        var request = _injection.Request();
        var undisturbed = _injection.Inject(request with { WorkFolder = demo.Folder() });
        int left = faults;
        List<string> warnings = [];
        // The second fault comes a step later: the same one twice would count as one that stays.
        using var injection = _injection.Open(s =>
        {
            if (s == step + faults - left && left-- > 0)
                throw new System.Runtime.InteropServices.ExternalException("CUDA error: unspecified launch failure");
        }, warnings);

        var result = injection.Inject(request, _ => { }, CancellationToken.None);

        Assert.Equal(faults, warnings.Count);
        Assert.Contains("CUDA error", warnings[0]);
        Assert.Equal((undisturbed.GlobalModel.Digest, undisturbed.Adapter.Digest, undisturbed.Loss), (result.GlobalModel.Digest, result.Adapter.Digest, result.Loss));
    }

    [Fact]
    public void A_step_that_always_breaks_ends_the_work_at_its_second_time_with_the_remedy()
    {
        int tries = 0;
        using var injection = _injection.Open(s =>
        {
            if (s != 4)
                return;
            tries++;
            throw new OutOfMemoryException("CUDA out of memory");
        });

        var error = Assert.Throws<LearningException>(() => injection.Inject(_injection.Request(), _ => { }, CancellationToken.None));

        Assert.Equal(2, tries);
        Assert.Contains("server: step 4 broke: CUDA out of memory. Lower the batch size", error.Message);
        Assert.Contains("came again at the same step", error.Message);
    }

    [Fact]
    public void A_loss_that_is_no_number_whatever_is_done_ends_quickly_and_names_the_learning_rate()
    {
        var request = _injection.Request();
        var plan = Plan with { Injection = Plan.Injection with { LearningRate = 1e30, WarmUp = 0 } };
        List<long> steps = [];
        using var injection = _injection.Open();

        var error = Assert.Throws<LearningException>(() =>
            injection.Inject(request with { Learning = plan.ToJson() }, p => steps.Add(p.Done), CancellationToken.None));

        Assert.Contains("Lower injection.learning-rate", error.Message);
        Assert.InRange(steps.Count, 0, 6);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_is_told_and_changes_no_byte()
    {
        var request = _injection.Request();
        var undisturbed = _injection.Inject(request with { WorkFolder = demo.Folder() });
        // A folder of the temporary file's name stands in for a disk that takes no more.
        Directory.CreateDirectory(Path.Combine(request.WorkFolder, "checkpoint.safetensors.tmp"));
        List<string> warnings = [];
        using var injection = _injection.Open(warnings: warnings);

        var result = injection.Inject(request, _ => { }, CancellationToken.None);

        Assert.Contains("The checkpoint after step 3 cannot be written", warnings[0]);
        Assert.Equal((undisturbed.GlobalModel.Digest, undisturbed.Adapter.Digest), (result.GlobalModel.Digest, result.Adapter.Digest));
    }

    [Theory]
    [InlineData("fedkim", 12, true)]
    [InlineData("fedkim-t", 12, true)]
    [InlineData("fedkim-m", 12, true)]
    [InlineData("fedplug-l", 1, false)]
    [InlineData("fedplug", 0, false)]
    public void Each_method_trains_the_adapters_that_it_has(string method, int experts, bool router)
    {
        var request = _injection.Request(method);
        var result = _injection.Inject(request);
        using var before = SafetensorsFile.Open(request.Adapter.Path);
        using var after = SafetensorsFile.Open(result.Adapter.Path);

        Assert.Equal(router, after.Tensors.Keys.Any(name => name.StartsWith("router.", StringComparison.Ordinal)));
        var lora = after.Tensors.Values.Where(t => t.Name.StartsWith("lora.", StringComparison.Ordinal)).ToArray();
        Assert.Equal(experts > 0, lora.Length > 0);
        Assert.All(lora, tensor => Assert.Equal(experts, tensor.Shape[0]));
        Assert.All(after.Tensors.Keys, name => Assert.False(before.Bytes(name).SequenceEqual(after.Bytes(name)), $"{name} stood still"));
    }

    [Fact]
    public void The_router_without_a_description_is_another_one_with_as_many_parameters()
    {
        var results = new[] { "fedkim", "fedkim-t", "fedkim-m" }.Select(method => _injection.Inject(_injection.Request(method)).Adapter).ToArray();

        Assert.Equal(3, results.Select(r => r.Digest).Distinct().Count());
        Assert.Single(results.Select(r => new FileInfo(r.Path).Length).Distinct());
    }

    [Fact]
    public void Experts_without_a_router_are_one_adapter_of_their_rank_and_scale()
    {
        var (routed, alike) = (_injection.Inject(_injection.Request()), _injection.Inject(_injection.Request("fedplug-l-equal")));

        using var with = SafetensorsFile.Open(routed.Adapter.Path);
        using var without = SafetensorsFile.Open(alike.Adapter.Path);
        Assert.Equal(with.Tensors.Keys.Where(name => !name.StartsWith("router.", StringComparison.Ordinal)).Order(), without.Tensors.Keys.Order());
        using var injection = _injection.Open();
        var request = _injection.Request("fedplug-l-equal");
        var evaluation = injection.Evaluate(
            new EvaluationRequest(request.Learning, request.Seed, alike.GlobalModel, request.Aggregate, alike.Adapter), _ => { }, CancellationToken.None);
        Assert.Contains(evaluation, e => e.Method == "fedplug-l-equal");
        Assert.All(evaluation, e => Assert.Null(e.Routing));
    }

    [Fact]
    public void Round_1_starts_from_an_encoders_published_weights()
    {
        var plan = Plan with { Encoders = Plan.Encoders.SetItem("image", new EncoderPlan { Name = "deit", Width = 64, Depth = 1, Heads = 1 }) };
        string checkpoint = Path.Combine(demo.Folder(), "deit.safetensors");
        using (var scope = torch.NewDisposeScope())
        using (var published = plan.CreateModel())
        {
            published.Initialize(seed: 99);
            SafetensorsWriter.Write(checkpoint, published.EncoderOf("image").named_parameters().Select(p => TensorFiles.Of(p.name, p.parameter)));
        }

        using var injection = _injection.Open();
        using var start = Initialize(plan.Encoders["image"] with { Checkpoint = checkpoint });
        using var random = Initialize(plan.Encoders["image"]);

        using var weights = SafetensorsFile.Open(checkpoint);
        Assert.All(weights.Tensors.Keys, name => Assert.True(weights.Bytes(name).SequenceEqual(start.Bytes("encoder.image." + name)), name));
        Assert.All(start.Tensors.Keys.Where(name => !name.StartsWith("encoder.image.", StringComparison.Ordinal)), name =>
            Assert.True(random.Bytes(name).SequenceEqual(start.Bytes(name)), name));
        var error = Assert.Throws<LearningException>(() => Initialize(Plan.Encoders["image"] with { Checkpoint = checkpoint }));
        Assert.Contains("encoders.image is EncoderSpec { Name = deit, Channels = 3, Size = 32, Width = 32", error.Message);
        Assert.Contains($"{checkpoint} holds EncoderSpec", error.Message);

        SafetensorsFile Initialize(EncoderPlan image) => SafetensorsFile.Open(injection.Initialize(
            new FederationId("test"), DemoFederation.Seed, (plan with { Encoders = plan.Encoders.SetItem("image", image) }).ToJson(), demo.Folder()).GlobalModel.Path);
    }

    [Fact]
    public void With_hardly_any_distillation_the_loss_is_hardly_another()
    {
        List<double> plain = [], distilled = [];
        using var injection = _injection.Open();
        injection.Inject(_injection.Request(), p => plain.Add(p.Loss), CancellationToken.None);
        injection.Inject(_injection.Request(Plan.Injection with { Distillation = 1e-9 }), p => distilled.Add(p.Loss), CancellationToken.None);

        Assert.All(plain.Zip(distilled), l => Assert.Equal(l.First, l.Second, 1e-2));
        Assert.Equal(plain[0], distilled[0], 5e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void What_the_small_models_answer_is_what_is_distilled_whatever_the_labels(int answer)
    {
        var request = _injection.Request(Plan.Injection with { Steps = 40, Distillation = 1 });
        string stubborn = Path.Combine(demo.Folder(), "aggregate.safetensors");
        using (var scope = torch.NewDisposeScope())
        using (var model = Plan.CreateModel())
        {
            using (var file = SafetensorsFile.Open(request.Aggregate.Path))
                model.Load(file);
            using (torch.no_grad())
            {
                foreach (var (_, tensor) in model.State().Where(s => s.Name.StartsWith("decoder.", StringComparison.Ordinal) && s.Name.EndsWith("output.bias", StringComparison.Ordinal)))
                    tensor[answer] = torch.tensor(20f);
            }

            request = request with { Aggregate = new WeightFile(stubborn, model.Save(stubborn)) };
        }

        var result = _injection.Inject(request);

        using var injection = _injection.Open();
        var evaluation = injection.Evaluate(
            new EvaluationRequest(request.Learning, request.Seed, result.GlobalModel, request.Aggregate, result.Adapter), _ => { }, CancellationToken.None);
        Assert.All(evaluation.Where(e => e.Kind == TaskPlan.TrainingKind && e.Method == "fedkim"), e => Assert.Equal(answer, e.Recall));
    }

    private static long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;
}
