using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Learning.Metrics;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using FedKim.Rounds;
using TorchSharp;

namespace FedKim.Learning.Tests;

/// <summary>How a finished model is measured.</summary>
public sealed class EvaluationTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private readonly DemoInjection _injection = new(demo);

    private static LearningPlan Plan => DemoInjection.Plan;

    [Fact]
    public void Small_models_alone_leave_the_aggregate_as_it_is_and_are_measured_alone()
    {
        var request = _injection.Request(Method.SmallModels);
        var result = _injection.Inject(request);
        using (var aggregate = SafetensorsFile.Open(request.Aggregate.Path))
        using (var served = SafetensorsFile.Open(result.GlobalModel.Path))
            Assert.All(aggregate.Tensors.Keys, name => Assert.True(aggregate.Bytes(name).SequenceEqual(served.Bytes(name)), name));
        Assert.True(double.IsNaN(result.Loss));

        using var injection = _injection.Open();
        var evaluation = injection.Evaluate(
            new EvaluationRequest(request.Learning, request.Seed, result.GlobalModel, request.Aggregate, result.Adapter), _ => { }, CancellationToken.None);

        Assert.Equal(Plan.Tasks.Select(t => t.Name), evaluation.Select(e => e.Task));
        Assert.All(evaluation, e => Assert.Equal((Method.SmallModels, null), (e.Method, e.Greedy)));
    }

    [Fact]
    public void A_task_that_no_small_model_learned_is_answered_by_the_decoder_that_does_best_on_development_data()
    {
        var start = _injection.Request();
        var request = new EvaluationRequest(start.Learning, start.Seed, start.Aggregate, start.Aggregate, start.Adapter);
        using var injection = _injection.Open();

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
            using var other = _injection.Open();
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
        var request = _injection.Request();
        var result = _injection.Inject(request);
        var plan = LearningPlan.Parse(request.Learning);
        List<string> warned = [];
        var log = new PredictionLog(new FederationId("test"));
        using var injection = new Injection(Path.Combine(demo.Data, "server"), DemoInjection.Repository()) { Clock = new StandingClock(), Warn = warned.Add, Log = log };
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
    public void An_injected_model_is_measured_by_the_likelier_answer_and_by_what_it_says()
    {
        var request = _injection.Request();
        var result = _injection.Inject(request);
        using var injection = _injection.Open();
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
        var start = _injection.Request();
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
            using var injection = new Injection(Path.Combine(demo.Data, "server"), DemoInjection.Repository()) { Log = log };
            return (injection.Evaluate(request, _ => { }, CancellationToken.None), log.All);
        }
    }

    [Fact]
    public void Each_sample_s_group_stands_beside_what_is_told_of_it_and_is_not_read_where_nothing_is_told()
    {
        var start = _injection.Request();
        var (told, measured) = Measured("sex");
        var (without, plain) = Measured(null);

        // What is measured does not know of them.
        Assert.Equal(plain, measured);
        Assert.Equal(without, told.Select(p => p with { Group = null }));
        Assert.All(told, p => Assert.Equal(p.Task == "pneumonia", p.Group is "F" or "M"));
        Assert.Equal(2, told.Select(p => p.Group).OfType<string>().Distinct().Count());
        Assert.Contains("has no column 'none'", Assert.Throws<LearningException>(() => Measured("none")).Message, StringComparison.Ordinal);
        using var silent = _injection.Open();
        Assert.NotEmpty(silent.Evaluate(Asking("none"), _ => { }, CancellationToken.None));

        (IReadOnlyList<Prediction>, string) Measured(string? column)
        {
            var log = new PredictionLog(new FederationId("test"));
            using var injection = new Injection(Path.Combine(demo.Data, "server"), DemoInjection.Repository()) { Log = log };
            return (log.All, JsonSerializer.Serialize(injection.Evaluate(Asking(column), _ => { }, CancellationToken.None), JsonSerializerOptions.Web));
        }

        EvaluationRequest Asking(string? column) => new(
            (Plan with { Tasks = [.. Plan.Tasks.Select(task => task.Name == "pneumonia" ? task with { Source = task.Source with { GroupColumn = column } } : task)] }).ToJson(),
            start.Seed, start.Aggregate, start.Aggregate, start.Adapter);
    }

    [Fact]
    public void A_model_measured_twice_has_the_same_numbers_and_each_split_its_own()
    {
        var start = _injection.Request();
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
        using var injection = _injection.Open();
        return JsonSerializer.Serialize(injection.Evaluate(request, _ => { }, CancellationToken.None), JsonSerializerOptions.Web);
    }
}
