using FedKim.Rounds;

namespace FedKim.Models.Foundation;

/// <summary>How the next token is drawn: temperature first, then the k likeliest, then the likeliest that together reach p, as is usual.</summary>
/// <param name="Temperature">Logits are divided by it; above 0. Below 1 likely tokens gain.</param>
/// <param name="TopK">Only so many of the likeliest tokens are drawn from; 0 for all.</param>
/// <param name="TopP">Only the likeliest tokens whose probabilities reach this together are drawn from; above 0, 1 for all.</param>
/// <param name="Seed">The same seed gives the same draws.</param>
public sealed record Sampling(double Temperature = 1, int TopK = 0, double TopP = 1, long Seed = 1)
{
    /// <summary>The generator of one row; it depends on nothing else of the row's batch.</summary>
    /// <param name="row">Its place in the batch.</param>
    public SeededGenerator Generator(long row) => SeededGenerator.Derive(Seed, "generate", row);

    /// <summary>Draws a token.</summary>
    /// <param name="logits">One a token, finite.</param>
    /// <param name="random">Gives one number.</param>
    /// <returns>The token's id.</returns>
    public int Draw(ReadOnlySpan<float> logits, SeededGenerator random)
    {
        float[] values = logits.ToArray();
        double best = values.Max();
        double[] weights = [.. values.Select(logit => Math.Exp((logit - best) / Temperature))];
        int[] ids = [.. Enumerable.Range(0, values.Length)];
        // The likeliest first; of equal ones the first id.
        if (TopK > 0 || TopP < 1)
            ids = [.. ids.OrderByDescending(id => values[id]).Take(TopK > 0 ? TopK : ids.Length)];
        double rest = random.NextDouble() * Nucleus(weights, ref ids);
        int last = ids[0];
        foreach (int id in ids)
        {
            if (weights[id] == 0)
                continue;
            last = id;
            if ((rest -= weights[id]) < 0)
                break;
        }

        return last;
    }

    // Keeps the fewest of the likeliest ids that reach p together, and tells their weight.
    private double Nucleus(double[] weights, ref int[] ids)
    {
        double all = ids.Sum(id => weights[id]), sum = 0;
        if (TopP >= 1)
            return all;
        int count = 0;
        while (count < ids.Length && (count == 0 || sum < TopP * all))
            sum += weights[ids[count++]];
        ids = ids[..count];
        return sum;
    }
}
