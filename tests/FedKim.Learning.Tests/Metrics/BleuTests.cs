using CsCheck;
using FedKim.Learning.Metrics;
using FedKim.Rounds;

namespace FedKim.Learning.Tests.Metrics;

public sealed class BleuTests
{
    [Fact]
    public void The_reference_itself_scores_one() => Assert.Equal(1, Of(["the left lung is clear"], ["The left lung is clear"]), 12);

    [Fact]
    public void Half_the_words_in_order_score_what_is_counted_by_hand()
    {
        // Matches of 1 to 4 words: 5 of 6, 4 of 5, 3 of 4, 2 of 3; as long as the reference.
        double[] precisions = [5 / 6.0, 4 / 5.0, 3 / 4.0, 2 / 3.0];
        var bleu = new Bleu(["a b c d e x"], ["a b c d e f"]);
        for (int longest = 1; longest <= Bleu.Longest; longest++)
            Assert.Equal(Math.Pow(precisions[..longest].Aggregate((a, b) => a * b), 1.0 / longest), bleu.Score(longest), 12);
    }

    [Fact]
    public void A_short_candidate_pays_for_its_brevity() =>
        Assert.Equal(Math.Exp(1 - (6 / 4.0)), Of(["a b c d"], ["a b c d e f"]), 12);

    [Fact]
    public void A_word_said_more_often_than_the_reference_has_it_counts_as_often_as_there() =>
        Assert.Equal(0.25, new Bleu(["the the the the"], ["the cat is here"]).Score(1), 12);

    [Fact]
    public void Silence_scores_nothing() => Assert.Equal(0, new Bleu([""], ["no"]).Score(1));

    [Fact]
    public void The_score_lies_within_its_interval_and_the_interval_within_zero_and_one() =>
        Gen.Select(Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("a b"), Gen.Const("b a c")).Array[2, 30], Gen.Long[0, 1000]).Sample((said, seed) =>
        {
            var bleu = new Bleu(said, [.. said.Select((s, i) => i % 3 == 0 ? "a b" : s)]);
            var (low, high) = bleu.Interval(1, SeededGenerator.Derive(seed, "test"), 200);
            return low is >= 0 && low <= high && high <= 1 + 1e-12 && bleu.Interval(1, SeededGenerator.Derive(seed, "test"), 200) == (low, high);
        }, iter: 50);

    private static double Of(string[] candidates, string[] references) => new Bleu(candidates, references).Score();
}
