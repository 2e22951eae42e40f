using FedKim.Rounds;

namespace FedKim.Parameters.Strategies;

/// <summary>Who votes on a tensor, and what each vote weighs: the same for all tensors of a part.</summary>
/// <param name="Voters">Their places among the clients, in ascending order.</param>
/// <param name="Weights">As many.</param>
internal sealed record Votes(int[] Voters, double[] Weights)
{
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

    /// <summary>What a client's vote weighs; null where it has none.</summary>
    internal double? Of(int client) => Array.BinarySearch(Voters, client) is >= 0 and var place ? Weights[place] : null;

    private static Votes OnPart(FederationPlan plan, IReadOnlyList<ClientUpdate> clients, string? part)
    {
        var votes = clients.Select((client, i) => (Client: i, Count: plan.Parts.VotesOn(part, client.Samples))).Where(v => v.Count > 0).ToArray();
        return new Votes([.. votes.Select(v => v.Client)], [.. votes.Select(v => plan.Weighting == Aggregation.Plain ? 1.0 : v.Count)]);
    }
}
