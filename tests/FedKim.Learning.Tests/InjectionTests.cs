using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Learning.Metrics;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using FedKim.Rounds;
using TorchSharp;

namespace FedKim.Learning.Tests;

public sealed class InjectionTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly LearningPlan Plan = DemoFederation.Plan with
    {
        Injection = new() { Steps = 10, CheckpointEvery = 3, BatchSize = 8, LearningRate = 2e-3, WarmUp = 2, BalanceLabels = true, Threads = 1 },
    };

    private static readonly InjectionPlan Distilled = Plan.Injection with { Augmentation = 1, Distillation = 0.7 };

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(7, true)]
    public void An_injection_cut_short_and_resumed_by_another_process_ends_with_the_same_bytes(int cutAfter, bool distilled = false)
    {
        var request = distilled ? Request(Distilled) : Request();
        var undisturbed = Inject(request with { WorkFolder = demo.Folder() });

        using (var cut = new CancellationTokenSource())
        using (var injection = Open())
        {
            Assert.Throws<OperationCanceledException>(() => injection.Inject(request, progress =>
            {
                if (progress.Done == cutAfter)
                    cut.Cancel();
            }, cut.Token));
        }

        List<long> steps = [];
        using var again = Open();
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
        var request = Request();
        var first = Inject(request);
        using var injection = Open();
        Assert.Equal(first, injection.Inject(request, _ => Assert.Fail("It injected again."), CancellationToken.None));
    }

    [Fact]
    public void The_served_model_is_the_aggregate_with_tuned_encoders_and_the_aggregates_decoders()
    {
        var request = Request();
        var result = Inject(request);
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
        var request = Request();
        Digest[] digests =
        [
            Inject(request).Adapter.Digest,
            Inject(request with { Seed = 8, WorkFolder = demo.Folder() }).Adapter.Digest,
            Inject(request with { Round = request.Round with { Number = 2 }, WorkFolder = demo.Folder() }).Adapter.Digest,
        ];
        Assert.Equal(3, digests.Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Injecting_leaves_no_tensor_behind_and_holds_as_many_after_every_step(bool distilled)
    {
        var request = distilled ? Request(Distilled) : Request();
        List<long> live = [];
        long before = Live();
        using (var injection = Open())
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
        var request = Request();
        var undisturbed = Inject(request with { WorkFolder = demo.Folder() });
        int left = faults;
        List<string> warnings = [];
        // The second fault comes a step later: the same one twice would count as one that stays.
        using var injection = Open(s =>
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
        using var injection = Open(s =>
        {
            if (s != 4)
                return;
            tries++;
            throw new OutOfMemoryException("CUDA out of memory");
        });

        var error = Assert.Throws<LearningException>(() => injection.Inject(Request(), _ => { }, CancellationToken.None));

        Assert.Equal(2, tries);
        Assert.Contains("server: step 4 broke: CUDA out of memory. Lower the batch size", error.Message);
        Assert.Contains("came again at the same step", error.Message);
    }

    [Fact]
    public void A_loss_that_is_no_number_whatever_is_done_ends_quickly_and_names_the_learning_rate()
    {
        var request = Request();
        var plan = Plan with { Injection = Plan.Injection with { LearningRate = 1e30, WarmUp = 0 } };
        List<long> steps = [];
        using var injection = Open();

        var error = Assert.Throws<LearningException>(() =>
            injection.Inject(request with { Learning = plan.ToJson() }, p => steps.Add(p.Done), CancellationToken.None));

        Assert.Contains("Lower injection.learning-rate", error.Message);
        Assert.InRange(steps.Count, 0, 6);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_is_told_and_changes_no_byte()
    {
        var request = Request();
        var undisturbed = Inject(request with { WorkFolder = demo.Folder() });
        // A folder of the temporary file's name stands in for a disk that takes no more.
        Directory.CreateDirectory(Path.Combine(request.WorkFolder, "checkpoint.safetensors.tmp"));
        List<string> warnings = [];
        using var injection = Open(warnings: warnings);

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
        var request = Request(method);
        var result = Inject(request);
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
        var results = new[] { "fedkim", "fedkim-t", "fedkim-m" }.Select(method => Inject(Request(method)).Adapter).ToArray();

        Assert.Equal(3, results.Select(r => r.Digest).Distinct().Count());
        Assert.Single(results.Select(r => new FileInfo(r.Path).Length).Distinct());
    }

    [Fact]
    public void Small_models_alone_leave_the_aggregate_as_it_is_and_are_measured_alone()
    {
        var request = Request(Method.SmallModels);
        var result = Inject(request);
        using (var aggregate = SafetensorsFile.Open(request.Aggregate.Path))
        using (var served = SafetensorsFile.Open(result.GlobalModel.Path))
            Assert.All(aggregate.Tensors.Keys, name => Assert.True(aggregate.Bytes(name).SequenceEqual(served.Bytes(name)), name));
        Assert.True(double.IsNaN(result.Loss));

        using var injection = Open();
        var evaluation = injection.Evaluate(
            new EvaluationRequest(request.Learning, request.Seed, result.GlobalModel, request.Aggregate, result.Adapter), _ => { }, CancellationToken.None);

        Assert.Equal(Plan.Tasks.Select(t => t.Name), evaluation.Select(e => e.Task));
        Assert.All(evaluation, e => Assert.Equal((Method.SmallModels, null), (e.Method, e.Greedy)));
    }

    [Fact]
    public void A_task_that_no_small_model_learned_is_answered_by_the_decoder_that_does_best_on_development_data()
    {
        var start = Request();
        var request = new EvaluationRequest(start.Learning, start.Seed, start.Aggregate, start.Aggregate, start.Adapter);
        using var injection = Open();

        var small = injection.Evaluate(request, _ => { }, CancellationToken.None).Where(e => e.Method == Method.SmallModels).ToDictionary(e => e.Task);

        Assert.All(Plan.Training, task => Assert.Null(small[task.Name].Decoder));
        Assert.Equal("ecg-abnormal", small["ectopic-beats"].Decoder);
        var reached = new[] { "pneumonia", "lung-opacity" }.ToDictionary(decoder => decoder, decoder => OnDevelopment(decoder));
        Assert.NotEqual(reached["pneumonia"], reached["lung-opacity"]);
        Assert.Equal(reached.MaxBy(r => r.Value).Key, small["pleural-effusion"].Decoder);

        // A plan that knows one of the two alone has no choice.
        double? OnDevelopment(string decoder)
        {
            var plan = LearningPlan.Parse(start.Learning);
            string alone = (plan with { Tasks = [.. plan.Tasks.Where(t => t.Kind != TaskPlan.TrainingKind || t.Name == decoder || t.Modalities is not ["image"])] }).ToJson();
            using var other = Open();
            var first = Restricted(alone);
            return other.Evaluate(new EvaluationRequest(alone, start.Seed, first, first, start.Adapter) { Split = EvaluationRequest.Development }, _ => { }, CancellationToken.None)
                .Single(e => e.Task == "pleural-effusion" && e.Method == Method.SmallModels).Auroc;
        }

        // The same tensors without the decoder that the plan does not know.
        WeightFile Restricted(string learning)
        {
            string path = Path.Combine(demo.Folder(), "restricted.safetensors");
            using var scope = torch.NewDisposeScope();
            using var all = SafetensorsFile.Open(start.Aggregate);
            using var model = LearningPlan.Parse(learning).CreateModel();
            foreach (var (name, tensor) in model.State())
                TensorFiles.Fill(tensor, all, name);
            return new WeightFile(path, model.Save(path));
        }
    }

    [Fact]
    public void Controls_lack_one_thing_each_and_are_measured_where_the_plan_wants_them()
    {
        var request = Request();
        var result = Inject(request);
        var plan = LearningPlan.Parse(request.Learning);
        List<string> warned = [];
        var log = new PredictionLog(new FederationId("test"));
        using var injection = new Injection(Path.Combine(demo.Data, "server"), Repository()) { Clock = new StandingClock(), Warn = warned.Add, Log = log };
        var plain = Measure(plan);
        var measured = Measure(plan with { Controls = true });

        // They take nothing from what is measured without them.
        Assert.DoesNotContain(plain, e => Control.Is(e.Method));
        Assert.Equal(plain.Select(e => (e.Task, e.Method, e.Auroc, e.Low)), measured.Where(e => !Control.Is(e.Method)).Select(e => (e.Task, e.Method, e.Auroc, e.Low)));
        foreach (var task in plan.Tasks)
        {
            var own = measured.Where(e => e.Task == task.Name).ToDictionary(e => e.Method);
            // The same question and no features: every sample has the same answer.
            Assert.Equal(0.5, own[Control.BareModel].Auroc);
            Assert.Single(Scores(task.Name, Control.BareModel).Distinct());
            // It needs samples to learn from, and is not there in silence.
            Assert.NotEqual(own.ContainsKey(Control.Shortcut), warned.Any(w => w.Contains($"task {task.Name} has no development data of both answers, from which", StringComparison.Ordinal)));
            Assert.True(task.Kind == TaskPlan.ZeroShotKind || own[Control.Shortcut].Auroc is >= 0.3 and <= 1);
            // The same answers, given to other samples; to the last bits, which a sample's place in its batch may change.
            Assert.All(Scores(task.Name, "fedkim").Order().Zip(Scores(task.Name, Control.ShuffledFeatures).Order()), both => Assert.Equal(both.First, both.Second, 1e-3));
            Assert.NotEqual(Scores(task.Name, "fedkim"), Scores(task.Name, Control.ShuffledFeatures));
            string[] askers = [.. plan.Tasks.Where(t => t.Name != task.Name && t.Modalities.SequenceEqual(task.Modalities)).Select(t => Control.PromptOf(t.Name))];
            Assert.Equal(askers, own.Keys.Where(method => method.StartsWith(Control.PromptOf(""), StringComparison.Ordinal)));
            Assert.All(askers, asker => Assert.NotEqual(Scores(task.Name, "fedkim"), Scores(task.Name, asker)));
        }

        ImmutableArray<TaskEvaluation> Measure(LearningPlan asked) => injection.Evaluate(
            new EvaluationRequest(asked.ToJson(), request.Seed, result.GlobalModel, request.Aggregate, result.Adapter), _ => { }, CancellationToken.None);

        // Of the latest measurement.
        double[] Scores(string task, string method) =>
            [.. log.All.Where(p => p.Task == task && p.Method == method).TakeLast(measured.First(e => e.Task == task).N).Select(p => p.Score!.Value)];
    }

    [Fact]
    public void Experts_without_a_router_are_one_adapter_of_their_rank_and_scale()
    {
        var (routed, alike) = (Inject(Request()), Inject(Request("fedplug-l-equal")));

        using var with = SafetensorsFile.Open(routed.Adapter.Path);
        using var without = SafetensorsFile.Open(alike.Adapter.Path);
        Assert.Equal(with.Tensors.Keys.Where(name => !name.StartsWith("router.", StringComparison.Ordinal)).Order(), without.Tensors.Keys.Order());
        using var injection = Open();
        var request = Request("fedplug-l-equal");
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

        using var injection = Open();
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
        using var injection = Open();
        injection.Inject(Request(), p => plain.Add(p.Loss), CancellationToken.None);
        injection.Inject(Request(Plan.Injection with { Distillation = 1e-9 }), p => distilled.Add(p.Loss), CancellationToken.None);

        Assert.All(plain.Zip(distilled), l => Assert.Equal(l.First, l.Second, 1e-2));
        Assert.Equal(plain[0], distilled[0], 5e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void What_the_small_models_answer_is_what_is_distilled_whatever_the_labels(int answer)
    {
        var request = Request(Plan.Injection with { Steps = 40, Distillation = 1 });
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

        var result = Inject(request);

        using var injection = Open();
        var evaluation = injection.Evaluate(
            new EvaluationRequest(request.Learning, request.Seed, result.GlobalModel, request.Aggregate, result.Adapter), _ => { }, CancellationToken.None);
        Assert.All(evaluation.Where(e => e.Kind == TaskPlan.TrainingKind && e.Method == "fedkim"), e => Assert.Equal(answer, e.Recall));
    }

    [Fact]
    public void An_injected_model_is_measured_by_the_likelier_answer_and_by_what_it_says()
    {
        var request = Request();
        var result = Inject(request);
        using var injection = Open();
        var evaluation = injection.Evaluate(
            new EvaluationRequest(request.Learning, request.Seed, result.GlobalModel, request.Aggregate, result.Adapter), _ => { }, CancellationToken.None);

        Assert.Equal(Plan.Tasks.Select(t => t.Name), evaluation.Where(e => e.Method == "fedkim").Select(e => e.Task));
        Assert.All(evaluation.Where(e => e.Method == "fedkim"), e =>
        {
            Assert.InRange(e.Unparsed, 0, 1);
            // Whoever says neither answer is wrong, so speaking freely cannot be right more often than it says an answer.
            Assert.InRange(e.Greedy!.Accuracy, 0, 1 - e.Unparsed);
        });
    }

    [Fact]
    public void What_is_told_of_each_sample_makes_the_evaluation_again()
    {
        var start = Request();
        var request = new EvaluationRequest(start.Learning, start.Seed, start.Aggregate, start.Aggregate, start.Adapter);
        var (evaluation, told) = Measured("test");
        var (_, others) = Measured("another");

        Assert.Equal(evaluation.Sum(e => e.N), told.Count);
        foreach (var measured in evaluation)
        {
            var own = told.Where(p => p.Task == measured.Task && p.Method == measured.Method).ToArray();
            int[] labels = [.. own.Select(p => p.Label!.Value)];
            double[] scores = [.. own.Select(p => p.Score!.Value)];
            Assert.Equal((measured.N, measured.Auroc), (own.Length, Classification.Auroc(labels, scores)));
            Assert.Equal((measured.Accuracy, measured.F1), (Classification.OfScores(labels, scores).Accuracy, Classification.OfScores(labels, scores).F1));
            Assert.All(own, p => Assert.Equal((measured.Method == Method.SmallModels, "test", DemoFederation.Seed), (p.Answer is null, p.Split, p.Seed)));
        }

        // The same picture has one name in all tasks, and another in another federation.
        string[] Samples(IReadOnlyList<Prediction> all, string task) => [.. all.Where(p => p.Task == task && p.Method == "fedkim").Select(p => p.Sample)];
        Assert.Equal(Samples(told, "pneumonia"), Samples(told, "lung-opacity"));
        Assert.Empty(Samples(told, "pneumonia").Intersect(Samples(others, "pneumonia")));
        Assert.InRange(told.Select(p => p.Patient).Distinct().Count(), 2, told.Select(p => p.Sample).Distinct().Count() - 1);

        (ImmutableArray<TaskEvaluation>, IReadOnlyList<Prediction>) Measured(string federation)
        {
            var log = new PredictionLog(new FederationId(federation));
            using var injection = new Injection(Path.Combine(demo.Data, "server"), Repository()) { Log = log };
            return (injection.Evaluate(request, _ => { }, CancellationToken.None), log.All);
        }
    }

    [Fact]
    public void Each_sample_s_group_stands_beside_what_is_told_of_it_and_is_not_read_where_nothing_is_told()
    {
        var start = Request();
        var (told, measured) = Measured("sex");
        var (without, plain) = Measured(null);

        // What is measured does not know of them.
        Assert.Equal(plain, measured);
        Assert.Equal(without, told.Select(p => p with { Group = null }));
        Assert.All(told, p => Assert.Equal(p.Task == "pneumonia", p.Group is "F" or "M"));
        Assert.Equal(2, told.Select(p => p.Group).OfType<string>().Distinct().Count());
        Assert.Contains("has no column 'none'", Assert.Throws<LearningException>(() => Measured("none")).Message, StringComparison.Ordinal);
        using var silent = Open();
        Assert.NotEmpty(silent.Evaluate(Asking("none"), _ => { }, CancellationToken.None));

        (IReadOnlyList<Prediction>, string) Measured(string? column)
        {
            var log = new PredictionLog(new FederationId("test"));
            using var injection = new Injection(Path.Combine(demo.Data, "server"), Repository()) { Log = log };
            return (log.All, JsonSerializer.Serialize(injection.Evaluate(Asking(column), _ => { }, CancellationToken.None), JsonSerializerOptions.Web));
        }

        EvaluationRequest Asking(string? column) => new(
            (Plan with { Tasks = [.. Plan.Tasks.Select(task => task.Name == "pneumonia" ? task with { Source = task.Source with { GroupColumn = column } } : task)] }).ToJson(),
            start.Seed, start.Aggregate, start.Aggregate, start.Adapter);
    }

    [Fact]
    public void A_model_measured_twice_has_the_same_numbers_and_each_split_its_own()
    {
        var start = Request();
        var request = new EvaluationRequest(start.Learning, start.Seed, start.Aggregate, start.Aggregate, start.Adapter);

        string test = Measure(request);

        Assert.Equal(test, Measure(request));
        string development = Measure(request with { Split = "development" });
        Assert.NotEqual(test, development);
        Assert.Equal(Plan.Tasks.Select(t => t.Name), Tasks(development));
        Assert.Equal(Plan.Tasks.Select(t => t.Name), Tasks(test));
    }

    private static IEnumerable<string> Tasks(string evaluation) => JsonNode.Parse(evaluation)!.AsArray().Select(e => (string)e!["task"]!).Distinct();

    private string Measure(EvaluationRequest request)
    {
        using var injection = Open();
        return JsonSerializer.Serialize(injection.Evaluate(request, _ => { }, CancellationToken.None), JsonSerializerOptions.Web);
    }

    private static long Live() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private InjectionRequest Request(string method = "fedkim") => Request(Plan.Injection with { Method = method });

    private InjectionRequest Request(InjectionPlan injected)
    {
        string plan = (Plan with { Injection = injected }).ToJson();
        using var injection = Open();
        var start = injection.Initialize(new FederationId("test"), DemoFederation.Seed, plan, demo.Folder());
        return new InjectionRequest(new RoundId(new FederationId("test"), 1), DemoFederation.Seed, plan, start.GlobalModel, start.Adapter, demo.Folder());
    }

    private InjectedModel Inject(InjectionRequest request)
    {
        using var injection = Open();
        return injection.Inject(request, _ => { }, CancellationToken.None);
    }

    // Where time stands still checkpoints cost nothing, and so one follows every step from the third on.
    private Injection Open(Action<long>? beforeStep = null, List<string>? warnings = null) =>
        new(Path.Combine(demo.Data, "server"), Repository()) { Clock = new StandingClock(), BeforeStep = beforeStep ?? (_ => { }), Warn = w => warnings?.Add(w) };

    // The demonstration's foundation model lies where the node carries it.
    internal static string Repository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "FedKim.sln")))
            folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder!, "src", "FedKim.Node");
    }
}
