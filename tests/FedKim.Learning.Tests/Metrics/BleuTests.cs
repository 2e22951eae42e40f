using FedKim.Learning.Metrics;

namespace FedKim.Learning.Tests.Metrics;

public sealed class BleuTests
{
    [Fact]
    public void The_reference_itself_scores_one() => Assert.Equal(1, Bleu.Of(["the left lung is clear"], ["The left lung is clear"]), 12);

    [Fact]
    public void Half_the_words_in_order_score_what_is_counted_by_hand()
    {
        // Matches of 1 to 4 words: 5 of 6, 4 of 5, 3 of 4, 2 of 3; as long as the reference.
        double expected = Math.Pow(5 / 6.0 * (4 / 5.0) * (3 / 4.0) * (2 / 3.0), 0.25);
        Assert.Equal(expected, Bleu.Of(["a b c d e x"], ["a b c d e f"]), 12);
    }

    [Fact]
    public void A_short_candidate_pays_for_its_brevity() =>
        Assert.Equal(Math.Exp(1 - (6 / 4.0)), Bleu.Of(["a b c d"], ["a b c d e f"]), 12);

    [Fact]
    public void A_word_said_more_often_than_the_reference_has_it_counts_as_often_as_there() =>
        Assert.Equal(0, Bleu.Of(["the the the the"], ["the cat is here"]));
}
