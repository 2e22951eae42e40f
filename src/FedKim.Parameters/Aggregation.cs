using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>One client's accepted update.</summary>
/// <param name="Client">Whose it is; sums run in the order of these.</param>
/// <param name="Open">Opens the update, checked by <see cref="UpdateCheck"/>; who calls it disposes what it gives.</param>
/// <param name="Samples">Samples it was trained on, by task.</param>
public sealed record ClientUpdate(ClientId Client, Func<ITensorFile> Open, SampleCounts Samples)
{
    /// <param name="client">Whose it is.</param>
    /// <param name="file">Path of a plain file, safetensors.</param>
    /// <param name="samples">Samples it was trained on, by task.</param>
    public ClientUpdate(ClientId client, string file, SampleCounts samples)
        : this(client, () => SafetensorsFile.Open(file), samples)
    {
    }
}

/// <summary>The strategies by name: the one place where a new one is added.</summary>
public static class Aggregation
{
    /// <summary>The names a plan's strategy may bear. FedProx differs in the clients' loss alone (eq. 6 of arXiv 2408.10276).</summary>
    public static IReadOnlyList<string> Strategies { get; } = ["fedavg", "fedprox"];

    /// <summary>The names a plan's weighting may bear: by sample counts, or the paper's plain mean.</summary>
    public static IReadOnlyList<string> Weightings { get; } = ["samples", "plain"];

    /// <summary>
    /// Combines the contributions into the next global model by the plan's strategy and writes it to <paramref name="output"/>,
    /// whole and synced to disk. The same contributions give the same bytes, in whatever order they are listed.
    /// </summary>
    /// <param name="plan">Says strategy, weighting and parts.</param>
    /// <param name="contributions">Accepted updates, one a client.</param>
    /// <param name="global">Path of the model the clients started from; names, types and shapes are its own.</param>
    /// <param name="output">Path of the aggregate, safetensors.</param>
    /// <returns>The SHA-256 of the aggregate.</returns>
    /// <exception cref="ArgumentException">The plan names an unknown strategy or weighting, or a client contributes twice.</exception>
    /// <exception cref="SafetensorsException">A file is unreadable, or lacks a tensor that its client votes on.</exception>
    public static Digest Run(FederationPlan plan, IReadOnlyList<ClientUpdate> contributions, string global, string output)
    {
        if (!Weightings.Contains(plan.Weighting))
            throw new ArgumentException($"weighting is '{plan.Weighting}'; known are {string.Join(", ", Weightings)}.", nameof(plan));
        ClientUpdate[] ordered = [.. contributions.OrderBy(c => c.Client)];
        for (int i = 1; i < ordered.Length; i++)
            if (ordered[i].Client == ordered[i - 1].Client) throw new ArgumentException($"{ordered[i].Client} contributes twice.", nameof(contributions));
        return plan.Strategy switch
        {
            "fedavg" or "fedprox" => WeightedMean.Write(plan.Parts, plan.Weighting == "plain", ordered, global, output),
            _ => throw new ArgumentException($"strategy is '{plan.Strategy}'; known are {string.Join(", ", Strategies)}.", nameof(plan)),
        };
    }
}
