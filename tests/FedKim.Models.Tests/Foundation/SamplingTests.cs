using CsCheck;
using FedKim.Models.Foundation;
using FedKim.Rounds;

namespace FedKim.Models.Tests.Foundation;

public sealed class SamplingTests
{
    private static readonly Gen<float[]> Logits = Gen.Float[-8, 8].Array[1, 40];

    [Fact]
    public void Tokens_come_as_often_as_their_probabilities_say()
    {
        float[] logits = [0, 1, 2, -1];
        double[] expected = Probabilities(logits, temperature: 2);
        const int Draws = 20000;
        int[] counts = new int[logits.Length];
        var random = SeededGenerator.Derive(1);
        for (int i = 0; i < Draws; i++)
            counts[new Sampling(Temperature: 2).Draw(logits, random)]++;

        for (int id = 0; id < logits.Length; id++)
            Assert.InRange(counts[id] / (double)Draws, expected[id] - Margin(expected[id]), expected[id] + Margin(expected[id]));

        // Five standard deviations.
        static double Margin(double p) => 5 * Math.Sqrt(p * (1 - p) / Draws);
    }

    [Fact]
    public void Top_k_draws_from_the_k_likeliest_only() => Gen.Select(Logits, Gen.Int[1, 50], Gen.Long).Sample((logits, k, seed) =>
    {
        int drawn = new Sampling(TopK: k).Draw(logits, SeededGenerator.Derive(seed));
        Assert.InRange(logits.Count(logit => logit > logits[drawn]), 0, k - 1);
    });

    [Fact]
    public void Top_p_draws_from_the_fewest_likeliest_that_reach_p_only() => Gen.Select(Logits, Gen.Double[0.01, 0.99], Gen.Long).Sample((logits, p, seed) =>
    {
        int drawn = new Sampling(TopP: p).Draw(logits, SeededGenerator.Derive(seed));
        double[] probabilities = Probabilities(logits, 1);
        // What is likelier does not reach p by itself, or the drawn one would not be needed.
        Assert.True(probabilities.Where(other => other > probabilities[drawn]).Sum() < p + 1e-9);
    });

    [Fact]
    public void The_likeliest_is_drawn_where_nothing_else_is_left() => Gen.Select(Logits, Gen.Long).Sample((logits, seed) =>
    {
        int likeliest = Array.IndexOf(logits, logits.Max());
        Assert.Equal(likeliest, new Sampling(TopK: 1).Draw(logits, SeededGenerator.Derive(seed)));
        Assert.Equal(likeliest, new Sampling(TopP: 1e-9).Draw(logits, SeededGenerator.Derive(seed)));
        Assert.Equal(logits[likeliest], logits[new Sampling(Temperature: 1e-6).Draw(logits, SeededGenerator.Derive(seed))], 1e-4f);
    });

    [Fact]
    public void A_token_that_cannot_come_is_never_drawn() => Gen.Long.Sample(seed =>
        Assert.Equal(1, new Sampling().Draw([-1e30f, 0, -1e30f], SeededGenerator.Derive(seed))));

    private static double[] Probabilities(float[] logits, double temperature)
    {
        double sum = logits.Sum(logit => Math.Exp(logit / temperature));
        return [.. logits.Select(logit => Math.Exp(logit / temperature) / sum)];
    }
}
