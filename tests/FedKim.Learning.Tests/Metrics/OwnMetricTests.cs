using System.Collections.Immutable;
using System.Text.Json;
using FedKim.Learning.Metrics;
using FedKim.Rounds;

namespace FedKim.Learning.Tests.Metrics;

/// <summary>Metrics that no part of FedKim knows.</summary>
public sealed class OwnMetricTests(DemoFederation demo) : IClassFixture<DemoFederation>
{
    private static readonly LearningPlan Plan = DemoFederation.Plan with { Injection = new() { Method = Method.SmallModels, Steps = 1, Threads = 1 } };

    static OwnMetricTests()
    {
        Classification.Metrics.Add(new ShareOfYes());
        Classification.Metrics.Add(new Unknown());
    }

    [Fact]
    public void They_stand_in_an_evaluation_beside_those_that_FedKim_has()
    {
        using var injection = new Injection(Path.Combine(demo.Data, "server"), DemoInjection.Repository());
        var start = injection.Initialize(new FederationId("test"), DemoFederation.Seed, Plan.ToJson(), demo.Folder());

        var evaluation = injection.Evaluate(
            new EvaluationRequest(Plan.ToJson(), DemoFederation.Seed, start.GlobalModel, start.GlobalModel, start.Adapter), _ => { }, CancellationToken.None);

        Assert.NotEmpty(evaluation);
        Assert.All(evaluation, e =>
        {
            Assert.Equal(["share-of-yes"], e.Metrics!.Keys);
            Assert.InRange(e.Metrics["share-of-yes"], 0, 1);
        });
        Assert.Contains("\"metrics\":{\"share-of-yes\":", JsonSerializer.Serialize(evaluation, JsonSerializerOptions.Web), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_are_none_an_evaluation_does_not_speak_of_them() => Assert.DoesNotContain(
        "metrics",
        JsonSerializer.Serialize(
            new TaskEvaluation("task", "training", "fedkim", 1, 1, 1, 1, 1, 1, null, 0, null, null, ImmutableSortedDictionary<string, TrivialBaseline>.Empty),
            JsonSerializerOptions.Web),
        StringComparison.Ordinal);

    private sealed class ShareOfYes : IMetric
    {
        public string Name => "share-of-yes";

        public double? Of(IReadOnlyList<int> labels, IReadOnlyList<double> scores) => scores.Count(score => score > 0) / (double)scores.Count;
    }

    private sealed class Unknown : IMetric
    {
        public string Name => "unknown";

        public double? Of(IReadOnlyList<int> labels, IReadOnlyList<double> scores) => null;
    }
}
