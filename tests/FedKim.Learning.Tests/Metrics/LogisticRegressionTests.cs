using CsCheck;
using FedKim.Learning.Metrics;
using FedKim.Rounds;

namespace FedKim.Learning.Tests.Metrics;

public sealed class LogisticRegressionTests
{
    [Fact]
    public void One_column_gives_the_weight_at_which_the_penalised_likelihood_is_greatest()
    {
        double[][] figures = [[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]];
        var regression = LogisticRegression.Of(figures, [0, 0, 1, 0, 1, 1]);

        // Where the gradient of the penalised likelihood is zero, found by bisection without any of this code.
        double deviation = Math.Sqrt(35.0 / 12), weight = Zero(w => figures.Select((f, i) => ((i is 2 or 4 or 5 ? 1 : 0) - (1 / (1 + Math.Exp(-w * (f[0] - 3.5) / deviation))))
            * (f[0] - 3.5) / deviation).Sum() - w);
        Assert.All(figures, f => Assert.Equal(weight * (f[0] - 3.5) / deviation, regression.LogOdds(f), 1e-8));
    }

    [Fact]
    public void The_likelihood_of_what_it_learned_from_cannot_be_raised() => Gen.Select(Gen.Long[0, 1000], Gen.Int[1, 6]).Sample((seed, columns) =>
    {
        var generator = SeededGenerator.Derive(seed, "figures");
        int[] labels = [.. Enumerable.Range(0, 40).Select(i => i % 3 == 0 ? 1 : 0)];
        double[][] figures = [.. labels.Select(label => Enumerable.Range(0, columns).Select(c => label + (5 * generator.NextDouble() * (c + 1))).ToArray())];

        var regression = LogisticRegression.Of(figures, labels);

        // The intercept carries no penalty: at the optimum the mean probability is the share of positives.
        Assert.Equal(labels.Average(), figures.Average(f => 1 / (1 + Math.Exp(-regression.LogOdds(f)))), 1e-8);
    });

    [Fact]
    public void Columns_that_part_the_labels_or_never_differ_keep_it_finite()
    {
        var regression = LogisticRegression.Of([[0, 7], [1, 7], [1000, 7], [1001, 7]], [0, 0, 1, 1]);

        Assert.InRange(regression.LogOdds([0, 7]), -10, -0.1);
        Assert.InRange(regression.LogOdds([1001, 7]), 0.1, 10);
        Assert.Equal(regression.LogOdds([500, 7]), regression.LogOdds([500, 8]));
    }

    [Fact]
    public void One_label_alone_teaches_nothing() => Assert.Throws<ArgumentException>(() => LogisticRegression.Of([[1.0], [2.0]], [1, 1]));

    private static double Zero(Func<double, double> falling)
    {
        var (low, high) = (-100.0, 100.0);
        for (int i = 0; i < 200; i++)
            (low, high) = falling((low + high) / 2) > 0 ? ((low + high) / 2, high) : (low, (low + high) / 2);
        return (low + high) / 2;
    }
}
