using System.Collections.Immutable;
using System.Text;

namespace FedKim.Rounds;

/// <summary>What was agreed before the first round: who takes part, how often, under which rules. Immutable once submitted.</summary>
public sealed record FederationPlan
{
    /// <summary>The federation's name.</summary>
    public required FederationId Id { get; init; }

    /// <summary>All randomness derives from it.</summary>
    public required long Seed { get; init; }

    /// <summary>Rounds to commit, from 1.</summary>
    public required int Rounds { get; init; }

    /// <summary>The invited sites, in ordinal order, each once; none where <see cref="Anyone"/> may come.</summary>
    public required ImmutableArray<ClientId> Clients { get; init; }

    /// <summary>How many of whoever is certified take part; null where <see cref="Clients"/> are all.</summary>
    public OpenInvitation? Anyone { get; init; }

    /// <summary>Which of those who take part are asked in a round.</summary>
    public Selection Selection { get; init; } = Selection.All;

    /// <summary>A site that is silent for so long is not waited for, where the quorum stands without it; null waits for the deadline.</summary>
    public TimeSpan? SkipAfter { get; init; }

    /// <summary>The least number of accepted contributions a round may close with, 1 to the number of clients.</summary>
    public required int Quorum { get; init; }

    /// <summary>The least share of the samples a round may close with (<see cref="SampleShare"/>), 0 to 1; 0 asks for none.</summary>
    public double QuorumShare { get; init; }

    /// <summary>How long a round waits for contributions before the quorum decides; above zero.</summary>
    public required TimeSpan Deadline { get; init; }

    /// <summary>How long other waits may last, where somebody set that.</summary>
    public WaitLimits Limits { get; init; } = WaitLimits.None;

    /// <summary>How long a round may stand in this phase; null for as long as it takes.</summary>
    public TimeSpan? LimitOf(Phase phase) => phase switch
    {
        Phase.Opened => Limits.Opening,
        Phase.Training => Deadline,
        Phase.Aggregating => Limits.Aggregation,
        Phase.Injecting => Limits.Injection,
        Phase.Publishing => Limits.Publication,
        _ => null,
    };

    /// <summary>How long the federation may stand in this phase; null for as long as it takes.</summary>
    public TimeSpan? LimitOf(FederationPhase phase) => phase switch
    {
        FederationPhase.Initializing => Limits.FirstModel,
        FederationPhase.Evaluating => Limits.Evaluation,
        _ => null,
    };

    /// <summary>Name of the strategy: <c>fedavg</c>, <c>fedprox</c>, <c>fedadam</c>, <c>fedyogi</c>, <c>fedadagrad</c>, <c>clipped-mean</c>, or one that a package adds.</summary>
    public required string Strategy { get; init; }

    /// <summary>The constants of a strategy whose server keeps moments from round to round; null for one that keeps none.</summary>
    public ServerOptimizer? ServerOptimizer { get; init; }

    /// <summary><c>samples</c> (weighted by sample counts) or <c>plain</c> (the paper's mean).</summary>
    public required string Weighting { get; init; }

    /// <summary>The method, for the report: <c>fedkim</c>, <c>fedplug</c>, …</summary>
    public required string Method { get; init; }

    /// <summary>
    /// Part of the global model → tasks that train it, e.g. <c>encoder.image</c> → pneumonia, opacity. A tensor belongs to the part its
    /// name starts with. A client votes on a part with the samples it has for the part's tasks; with none it does not vote (method §3).
    /// A part of no task, whose name may have a <c>*</c> for any letters, stays at the sites: nobody sends it, and it is what it was.
    /// </summary>
    public required ImmutableSortedDictionary<string, ImmutableArray<string>> Parts { get; init; }

    /// <summary>
    /// The farthest an update may lie from its round's start model: L2 norm of their difference over the floating-point tensors. Above
    /// zero; infinity where nothing bounds it.
    /// </summary>
    public double MaxNorm { get; init; } = double.PositiveInfinity;

    /// <summary>How often a round that failed is tried again before the federation fails with it.</summary>
    public int Retries { get; init; }

    /// <summary>What its model and adapters start from: an earlier federation, or an exported model's folder at the injector by its whole path; empty for new ones.</summary>
    public string StartFrom { get; init; } = "";

    /// <summary>The site of the injector that works for it; empty where the cluster has one.</summary>
    public string Injector { get; init; } = "";

    /// <summary>What <see cref="Bytes"/> may be: a message above the transport's frame of 128,000 bytes never arrives.</summary>
    public const int MostBytes = 100_000;

    /// <summary>Whether it starts from a folder's files.</summary>
    public bool StartsFromFolder => StartFrom.Contains('/', StringComparison.Ordinal);

    /// <summary>The learning plan, JSON; read by the learning floor alone.</summary>
    public required string Learning { get; init; }

    /// <summary>About as many bytes as a message takes that carries it.</summary>
    public int Bytes => Encoding.UTF8.GetByteCount(Learning)
        + Clients.Sum(c => Item(c.Value))
        + Parts.Sum(p => Item(p.Key) + p.Value.Sum(Item));

    /// <summary>Whether the other plan says the same. Collections are no part of a record's own equality.</summary>
    public bool SaysTheSameAs(FederationPlan other) =>
        this == other with { Clients = Clients, Parts = Parts }
        && Clients.SequenceEqual(other.Clients)
        && Parts.Keys.SequenceEqual(other.Parts.Keys)
        && Parts.All(p => p.Value.SequenceEqual(other.Parts[p.Key]));

    // A text and what stands before it.
    private static int Item(string text) => Encoding.UTF8.GetByteCount(text) + 8;
}
