using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FedKim.Learning.Metrics;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>The server's side of a round: owns the foundation model and its device.</summary>
/// <remarks>Runs synchronously on the caller's thread, which is pinned to it. Disposing gives the device back.</remarks>
public interface IInjection : IDisposable
{
    /// <summary>Writes the global model and the adapters that round 1 starts from; the same seed gives the same bytes.</summary>
    InjectedModel Initialize(FederationId federation, long seed, string learning, string workFolder);

    /// <summary>
    /// Injects the aggregate into the foundation model. Called again with the same request after a crash (same work folder),
    /// it goes on from its last step checkpoint and ends with the same bytes.
    /// </summary>
    /// <exception cref="LearningException">The injection cannot go on.</exception>
    /// <exception cref="DamagedException">The aggregate or the adapters are not those of their digest: the same request, with whole files, does better.</exception>
    /// <exception cref="OperationCanceledException">The node is stopping; the checkpoint stays.</exception>
    InjectedModel Inject(InjectionRequest request, Action<LearningProgress> progress, CancellationToken cancel);

    /// <summary>
    /// Measures a finished model on held-out data: injected model, small models alone and trivial answers, per task. The same request gives the
    /// same numbers.
    /// </summary>
    ImmutableArray<TaskEvaluation> Evaluate(EvaluationRequest request, Action<LearningProgress> progress, CancellationToken cancel);
}

/// <summary>One round's injection.</summary>
/// <param name="Round">The round.</param>
/// <param name="Seed">The federation's seed; randomness derives from (seed, round, step).</param>
/// <param name="Learning">The learning plan as its JSON text (<see cref="LearningPlan"/>).</param>
/// <param name="Aggregate">The aggregated encoders and decoders, safetensors.</param>
/// <param name="Adapter">The adapters (feature maps, router, LoRA experts) the previous round ended with, safetensors.</param>
/// <param name="WorkFolder">A folder of this round alone, for checkpoints and results; it exists.</param>
public sealed record InjectionRequest(RoundId Round, long Seed, string Learning, WeightFile Aggregate, WeightFile Adapter, string WorkFolder);

/// <summary>What an injection hands back; both files are whole and synced to disk.</summary>
/// <param name="GlobalModel">The tuned encoders with the aggregated decoders, safetensors: the next round's start.</param>
/// <param name="Adapter">The adapters, safetensors.</param>
/// <param name="Loss">Mean loss over the last tenth of the steps; NaN if no step was made.</param>
public sealed record InjectedModel(WeightFile GlobalModel, WeightFile Adapter, double Loss);

/// <summary>A model to measure.</summary>
/// <param name="Learning">The learning plan as its JSON text.</param>
/// <param name="Seed">The federation's seed; the bootstrap derives from it.</param>
/// <param name="GlobalModel">The global model after the last round, for the injected model.</param>
/// <param name="Aggregate">The last round's aggregate, for the small models alone.</param>
/// <param name="Adapter">The adapters, safetensors.</param>
public sealed record EvaluationRequest(string Learning, long Seed, WeightFile GlobalModel, WeightFile Aggregate, WeightFile Adapter)
{
    /// <summary>The split that is always measured, and has data of every task.</summary>
    public const string Test = "test";

    /// <summary>The split that choices are made on, and no result is told of.</summary>
    public const string Development = "development";

    /// <summary>The split to measure on; of another than <see cref="Test"/>, the tasks that have data there.</summary>
    public string Split { get; init; } = Test;
}

/// <summary>One method's result on one task's test split. Rates lie in 0 to 1; what a kind of task does not have is null.</summary>
/// <param name="Task">Task name.</param>
/// <param name="Kind"><c>training</c> or <c>zero-shot</c>.</param>
/// <param name="Method">The federation's method for the injected model, <c>small-models</c> for the aggregated client models alone, or a <see cref="Control"/>.</param>
/// <param name="N">Test samples.</param>
/// <param name="Accuracy">Share of right answers, the likelier of the two counting as given; null where the answer is generated.</param>
/// <param name="Precision">Of the positive class.</param>
/// <param name="Recall">Of the positive class.</param>
/// <param name="F1">Of the positive class.</param>
/// <param name="Auroc">From the two answers' log-probability difference; null where one class is absent.</param>
/// <param name="Bleu">BLEU-1 of generated answers, most of which are one word; null for classification.</param>
/// <param name="Unparsed">Share of generated outputs that are neither answer; for generated answers of those questions that want yes or no.</param>
/// <param name="Low">Lower end of the bootstrap 95 % interval of AUROC (BLEU for generated answers).</param>
/// <param name="High">Upper end.</param>
/// <param name="Trivial">Name (always-yes, always-no, majority) → its figures on the same samples.</param>
/// <param name="Greedy">What the greedy output says, an output that is neither answer being wrong; null for small models.</param>
/// <param name="Bleus">BLEU-1 to BLEU-4; null for classification.</param>
/// <param name="ExactMatch">Of the questions that want yes or no, the share answered with exactly that; null where there are none.</param>
/// <param name="Metrics">Name → figure of each metric that a package adds (<see cref="IMetric"/>); null where none does.</param>
/// <param name="Routing">How the router weighs the experts for the task; null where there is no router.</param>
/// <param name="Decoder">The trained task whose decoder answers for small models that have none of their own for the task; null where they have.</param>
public sealed record TaskEvaluation(
    string Task, string Kind, string Method, int N, double? Accuracy, double? Precision, double? Recall, double? F1, double? Auroc,
    double? Bleu, double Unparsed, double? Low, double? High, ImmutableSortedDictionary<string, TrivialBaseline> Trivial,
    Classification? Greedy = null, ImmutableArray<double>? Bleus = null, double? ExactMatch = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableSortedDictionary<string, double>? Metrics = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] TaskRouting? Routing = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Decoder = null);

/// <summary>What a constant answer reaches on a test split: the figures that its kind of task has.</summary>
public sealed record TrivialBaseline(double? Accuracy, double? Precision, double? Recall, double? F1, double? Bleu = null, double? ExactMatch = null);
