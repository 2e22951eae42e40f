using FedKim.Parameters.Strategies;
using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>From a round's updates to its aggregate.</summary>
public static class Aggregation
{
    /// <summary>The weighting in which every client weighs the same.</summary>
    internal const string Plain = "plain";

    /// <summary>
    /// The strategies that a plan may name; a package's own are added at the start of a process. FedProx differs from FedAvg in the clients' loss
    /// alone (eq. 6 of arXiv 2408.10276), the clipped mean in how far one client moves the model; the others are adaptive (arXiv 2003.00295), with the
    /// constants that the paper recommends: of FedAdagrad no first moment, and a β₂ of 0 because it has none.
    /// </summary>
    public static NameTable<IStrategy> Strategies { get; } = new(
        "strategy",
        strategy => strategy.Name,
        new MeanStrategy("fedavg"),
        new MeanStrategy("fedprox", proximal: true),
        new AdaptiveStrategy("fedadam", SecondMoment.Adam, new ServerOptimizer(0.01, 0.9, 0.99, 1e-3)),
        new AdaptiveStrategy("fedyogi", SecondMoment.Yogi, new ServerOptimizer(0.01, 0.9, 0.99, 1e-3)),
        new AdaptiveStrategy("fedadagrad", SecondMoment.Adagrad, new ServerOptimizer(0.01, 0, 0, 1e-3)),
        new MeanStrategy("clipped-mean", clips: true));

    /// <summary>The constants of a strategy that takes some, where a federation file does not say otherwise; null for another.</summary>
    public static ServerOptimizer? Recommended(string strategy) => Strategies.Find(strategy)?.Recommended;

    /// <summary>The names a plan's weighting may bear: by sample counts, or the paper's plain mean.</summary>
    public static IReadOnlyList<string> Weightings { get; } = ["samples", Plain];

    /// <summary>
    /// Combines the contributions into the next global model by the plan's strategy and writes it to <paramref name="output"/>,
    /// whole; what the strategy keeps beside it (<see cref="ServerMoments"/>). Whoever keeps the file syncs it to disk. The same contributions
    /// give the same bytes, in whatever order they are listed. Every input is compared with its digest in the pass that reads it. Memory is some
    /// tiles for up to 64 contributions, eight bytes a value of the model for any number of more.
    /// </summary>
    /// <param name="plan">Says strategy, weighting and parts.</param>
    /// <param name="contributions">Accepted updates, one a client.</param>
    /// <param name="global">The model the clients started from; names, types and shapes are its own.</param>
    /// <param name="output">Path of the aggregate, safetensors.</param>
    /// <param name="last">The last committed round's aggregate, with what the strategy kept; null in a first round.</param>
    /// <returns>The SHA-256 of the aggregate.</returns>
    /// <exception cref="UnknownNameException">The plan names a strategy that this node does not know.</exception>
    /// <exception cref="ArgumentException">
    /// The plan names an unknown weighting, or a strategy without the constants it takes, or a client contributes twice.
    /// </exception>
    /// <exception cref="SafetensorsException">A file is unreadable, or lacks a tensor that its client votes on or one that was kept.</exception>
    /// <exception cref="DamagedException">A file is not the one its digest stands for; nothing was written.</exception>
    /// <exception cref="ArithmeticException">What the strategy makes of the updates leaves the range of a tensor's type.</exception>
    /// <exception cref="StrategyException">A strategy of a package broke by a fault of its own.</exception>
    public static Digest Run(FederationPlan plan, IReadOnlyList<ClientUpdate> contributions, WeightFile global, string output, WeightFile? last = null)
    {
        var strategy = Strategies.Get(plan.Strategy);
        if (!Weightings.Contains(plan.Weighting))
            throw new ArgumentException($"weighting is '{plan.Weighting}'; known are {string.Join(", ", Weightings)}.", nameof(plan));
        if (strategy.Recommended is not null && plan.ServerOptimizer is null)
            throw new ArgumentException($"strategy {plan.Strategy} needs a server optimizer.", nameof(plan));
        ClientUpdate[] ordered = [.. contributions.OrderBy(c => c.Client)];
        for (int i = 1; i < ordered.Length; i++)
        {
            if (ordered[i].Client == ordered[i - 1].Client)
                throw new ArgumentException($"{ordered[i].Client} contributes twice.", nameof(contributions));
        }

        return AggregateWriter.Write(plan, strategy, ordered, global, last, output);
    }
}
