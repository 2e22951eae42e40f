using CsCheck;
using FedKim.Learning.Metrics;
using FedKim.Rounds;

namespace FedKim.Learning.Tests.Metrics;

public sealed class ClassificationTests
{
    [Fact]
    public void Rates_are_those_counted_by_hand()
    {
        // 2 true positives, 1 false positive, 1 false negative, 2 true negatives.
        var result = Classification.Of([1, 1, 1, 0, 0, 0], [1, 1, 0, 1, 0, 0]);
        Assert.Equal(new Classification(4 / 6.0, 2 / 3.0, 2 / 3.0, 2 / 3.0), result);
    }

    [Fact]
    public void An_output_that_is_neither_answer_is_wrong_whatever_the_label()
    {
        var result = Classification.Of([1, 1, 0, 0], [1, null, null, 0]);
        Assert.Equal(new Classification(0.5, 1, 0.5, 2 / 3.0), result);
    }

    [Fact]
    public void A_rate_over_nothing_is_none_and_not_zero()
    {
        Assert.Equal(new Classification(1, null, null, null), Classification.Of([0, 0], [0, 0]));
        Assert.Equal(new Classification(0.5, null, 0, 0), Classification.Of([1, 0], [0, 0]));
        Assert.Equal(new Classification(0.5, 0, null, 0), Classification.Of([0, 0], [1, 0]));
    }

    [Fact]
    public void Trivial_answers_are_scored_on_the_same_samples()
    {
        var trivial = Classification.Trivial([1, 0, 0, 0]);
        Assert.Equal(new TrivialBaseline(0.25, 0.25, 1, 0.4), trivial["always-yes"]);
        Assert.Equal(new TrivialBaseline(0.75, null, 0, 0), trivial["always-no"]);
        Assert.Equal(trivial["always-no"], trivial["majority"]);
        Assert.Equal(Classification.Trivial([1, 1, 0])["always-yes"], Classification.Trivial([1, 1, 0])["majority"]);
    }

    [Fact]
    public void Auroc_is_the_share_of_pairs_in_the_right_order_with_ties_half()
    {
        Assert.Equal(1, Classification.Auroc([0, 0, 1, 1], [1, 2, 3, 4]));
        Assert.Equal(0, Classification.Auroc([1, 0], [1, 2]));
        // Pairs of (positive, negative): 0.8 over 0.5 and 0.1 right; 0.5 tied with 0.5 and over 0.1.
        Assert.Equal(3.5 / 4, Classification.Auroc([1, 0, 1, 0], [0.8, 0.5, 0.5, 0.1]));
    }

    [Fact]
    public void There_is_no_auroc_without_both_labels()
    {
        Assert.Null(Classification.Auroc([1, 1], [0.1, 0.2]));
        Assert.Null(Classification.AurocInterval([0, 0], [0.1, 0.2], SeededGenerator.Derive(1, "test")));
    }

    [Fact]
    public void Auroc_equals_the_count_over_all_pairs() =>
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 5]).Array[2, 40].Where(s => s.Any(x => x.Item1 == 0) && s.Any(x => x.Item1 == 1)).Sample(samples =>
        {
            var pairs = from p in samples where p.Item1 == 1 from n in samples where n.Item1 == 0 select Math.Sign(p.Item2 - n.Item2);
            double expected = pairs.Average(sign => (sign + 1) / 2.0);
            double? area = Classification.Auroc([.. samples.Select(s => s.Item1)], [.. samples.Select(s => (double)s.Item2)]);
            Assert.Equal(expected, area!.Value, 12);
        });

    [Fact]
    public void The_interval_is_seeded_and_holds_the_value()
    {
        int[] labels = [.. Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? 1 : 0)];
        double[] scores = [.. Enumerable.Range(0, 60).Select(i => ((i * 37) % 60) + (i % 3 == 0 ? 20.0 : 0))];
        var interval = Classification.AurocInterval(labels, scores, SeededGenerator.Derive(1, "test"));
        Assert.Equal(interval, Classification.AurocInterval(labels, scores, SeededGenerator.Derive(1, "test")));
        Assert.NotEqual(interval, Classification.AurocInterval(labels, scores, SeededGenerator.Derive(2, "test")));
        Assert.InRange(Classification.Auroc(labels, scores)!.Value, interval!.Value.Low, interval.Value.High);
        Assert.True(interval.Value.High - interval.Value.Low is > 0.05 and < 0.5);
    }
}
