using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>One client's accepted update.</summary>
/// <param name="Client">Whose it is; sums run in the order of these.</param>
/// <param name="Open">Opens the update, checked by <see cref="UpdateCheck"/>; who calls it disposes what it gives.</param>
/// <param name="Samples">Samples it was trained on, by task.</param>
public sealed record ClientUpdate(ClientId Client, Func<ITensorFile> Open, SampleCounts Samples)
{
    /// <param name="client">Whose it is.</param>
    /// <param name="file">A plain file, safetensors.</param>
    /// <param name="samples">Samples it was trained on, by task.</param>
    public ClientUpdate(ClientId client, WeightFile file, SampleCounts samples)
        : this(client, () => SafetensorsReader.Open(file), samples)
    {
    }
}

/// <summary>The strategies by name: the one place where a new one is added.</summary>
public static class Aggregation
{
    private static readonly Dictionary<string, SecondMoment> Rules = new()
    {
        ["fedadam"] = SecondMoment.Adam,
        ["fedyogi"] = SecondMoment.Yogi,
        ["fedadagrad"] = SecondMoment.Adagrad,
    };

    /// <summary>
    /// The names a plan's strategy may bear. FedProx differs from FedAvg in the clients' loss alone (eq. 6 of arXiv 2408.10276); after it
    /// come the adaptive ones (arXiv 2003.00295), whose server steps along the clients' mean change instead of making it its own.
    /// </summary>
    public static IReadOnlyList<string> Strategies { get; } = ["fedavg", "fedprox", .. Rules.Keys];

    /// <summary>
    /// The constants that the paper recommends for an adaptive strategy: of FedAdagrad no first moment, and a β₂ of 0 because it has none.
    /// Null for a strategy that is not adaptive.
    /// </summary>
    public static ServerOptimizer? Recommended(string strategy) => Rules.TryGetValue(strategy, out var rule)
        ? rule is SecondMoment.Adagrad ? new ServerOptimizer(0.01, 0, 0, 1e-3) : new ServerOptimizer(0.01, 0.9, 0.99, 1e-3)
        : null;

    /// <summary>The names a plan's weighting may bear: by sample counts, or the paper's plain mean.</summary>
    public static IReadOnlyList<string> Weightings { get; } = ["samples", "plain"];

    /// <summary>
    /// Combines the contributions into the next global model by the plan's strategy and writes it to <paramref name="output"/>,
    /// whole and synced to disk; an adaptive strategy's moments beside it (<see cref="ServerMoments"/>). The same contributions give the same
    /// bytes, in whatever order they are listed. Every input is compared with its digest in the pass that reads it.
    /// </summary>
    /// <param name="plan">Says strategy, weighting and parts.</param>
    /// <param name="contributions">Accepted updates, one a client.</param>
    /// <param name="global">The model the clients started from; names, types and shapes are its own.</param>
    /// <param name="output">Path of the aggregate, safetensors.</param>
    /// <param name="last">The last committed round's aggregate, whose moments an adaptive strategy goes on from; null in a first round.</param>
    /// <returns>The SHA-256 of the aggregate.</returns>
    /// <exception cref="ArgumentException">
    /// The plan names an unknown strategy or weighting, an adaptive strategy without its constants, or a client contributes twice.
    /// </exception>
    /// <exception cref="SafetensorsException">A file is unreadable, or lacks a tensor that its client votes on or a moment.</exception>
    /// <exception cref="DamagedException">A file is not the one its digest stands for; nothing was written.</exception>
    /// <exception cref="ArithmeticException">The server's step leaves the range of a tensor's type.</exception>
    public static Digest Run(FederationPlan plan, IReadOnlyList<ClientUpdate> contributions, WeightFile global, string output, WeightFile? last = null)
    {
        if (!Strategies.Contains(plan.Strategy))
            throw new ArgumentException($"strategy is '{plan.Strategy}'; known are {string.Join(", ", Strategies)}.", nameof(plan));
        if (!Weightings.Contains(plan.Weighting))
            throw new ArgumentException($"weighting is '{plan.Weighting}'; known are {string.Join(", ", Weightings)}.", nameof(plan));
        ClientUpdate[] ordered = [.. contributions.OrderBy(c => c.Client)];
        for (int i = 1; i < ordered.Length; i++)
            if (ordered[i].Client == ordered[i - 1].Client) throw new ArgumentException($"{ordered[i].Client} contributes twice.", nameof(contributions));
        return WeightedMean.Write(plan.Parts, plan.Weighting == "plain", ordered, global, RuleOf(plan), last, output);
    }

    private static AdaptiveRule? RuleOf(FederationPlan plan) => Rules.TryGetValue(plan.Strategy, out var rule)
        ? new AdaptiveRule(rule, plan.ServerOptimizer ?? throw new ArgumentException($"strategy {plan.Strategy} needs a server optimizer.", nameof(plan)))
        : null;
}
