using FedKim.Rounds;

namespace FedKim.Parameters.Strategies;

/// <summary>Who votes on a tensor, and what each vote weighs: the same for all tensors of a part.</summary>
/// <param name="Voters">Their places among the clients, in ascending order.</param>
/// <param name="Weights">As many.</param>
internal sealed record Votes(int[] Voters, double[] Weights)
{
    /// <summary>What each voter's values count in the sum: its weight, or the clipped share of it.</summary>
    internal double[] Counts { get; private init; } = Weights;

    /// <summary>What the model that the clients started from counts there: all that clipping takes from them.</summary>
    internal double StartCounts { get; private init; }

    /// <summary>
    /// The same votes with changes that are no longer than the median of them: w (x₀ + c Δ) is w c x and w (1 − c) x₀. Weights stay what they are, and
    /// so does whoever is no farther than the median. Of an even number it is the shorter of the middle two: of two, one alone would else say how
    /// far the model goes.
    /// </summary>
    /// <param name="lengths">Of each voter's change.</param>
    internal Votes Clipped(double[] lengths)
    {
        if (lengths.Length == 0)
            return this;
        double[] ascending = [.. lengths.Order()];
        double most = ascending[(ascending.Length - 1) / 2];
        double[] counts = [.. Weights.Zip(lengths, (weight, length) => length <= most ? weight : weight * (most / length))];
        return this with { Counts = counts, StartCounts = Weights.Zip(counts, (weight, count) => weight - count).Sum() };
    }

    /// <summary>The votes on each tensor of a model.</summary>
    /// <param name="plan">Says weighting and parts.</param>
    /// <param name="clients">In client order.</param>
    /// <param name="tensors">The model's.</param>
    internal static Votes[] On(FederationPlan plan, IReadOnlyList<ClientUpdate> clients, IReadOnlyList<TensorInfo> tensors)
    {
        string?[] parts = [.. tensors.Select(t => plan.Parts.PartOf(t.Name))];
        var votes = parts.Distinct().ToDictionary(part => part ?? "", part => OnPart(plan, clients, part));
        return [.. parts.Select(part => votes[part ?? ""])];
    }

    /// <summary>What a client's values count; null where it has no vote.</summary>
    internal double? Of(int client) => Array.BinarySearch(Voters, client) is >= 0 and var place ? Counts[place] : null;

    private static Votes OnPart(FederationPlan plan, IReadOnlyList<ClientUpdate> clients, string? part)
    {
        var votes = clients.Select((client, i) => (Client: i, Count: plan.Parts.VotesOn(part, client.Samples))).Where(v => v.Count > 0).ToArray();
        return new Votes([.. votes.Select(v => v.Client)], [.. votes.Select(v => plan.Weighting == Aggregation.Plain ? 1.0 : v.Count)]);
    }
}
