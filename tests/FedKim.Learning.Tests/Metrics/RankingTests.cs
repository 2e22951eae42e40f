using CsCheck;
using FedKim.Learning.Metrics;

namespace FedKim.Learning.Tests.Metrics;

public sealed class RankingTests
{
    private static readonly int[] Labels = [1, 0, 1, 0, 0];
    private static readonly double[] Scores = [0.9, 0.8, 0.7, 0.2, 0.1];

    // Labels, scores with many ties, and how often each is there.
    private static readonly Gen<(int Label, int Score, int Times)[]> Samples = Gen.Select(Gen.Int[0, 1], Gen.Int[-3, 3], Gen.Int[0, 3]).Array[1, 30];

    [Fact]
    public void Average_precision_is_that_counted_by_hand()
    {
        // Half of the recall at a precision of 1, the other half at 2 of 3.
        Assert.Equal(0.5 + (0.5 * 2 / 3), new Ranking(Labels, Scores).AveragePrecision(Once(5))!.Value, 1e-12);
        // One score for all finds all at once: the share of positive samples.
        Assert.Equal(0.4, new Ranking(Labels, new double[5]).AveragePrecision(Once(5)));
        Assert.Null(new Ranking([0, 0], [1, 2]).AveragePrecision(Once(2)));
    }

    [Fact]
    public void Sensitivity_is_what_is_found_while_the_specificity_lasts()
    {
        int[] labels = [.. Enumerable.Repeat(0, 10), 1, 1, 1, 1];
        // One of ten negatives above 0, two above -1: three of four positives are found at 0.9, all at 0.8.
        double[] scores = [.. Enumerable.Repeat(-5.0, 8), -0.5, 2, 3, 1, 1, -1];
        var ranking = new Ranking(labels, scores);

        Assert.Equal(0.75, ranking.SensitivityAt(0.9, Once(14)));
        Assert.Equal(1, ranking.SensitivityAt(0.8, Once(14)));
        Assert.Equal(0.25, ranking.SensitivityAt(1, Once(14)));
        Assert.Equal(0, new Ranking(labels, new double[14]).SensitivityAt(0.9, Once(14)));
        Assert.Null(new Ranking([1], [1]).SensitivityAt(0.9, [1]));
    }

    [Fact]
    public void A_sample_that_is_there_several_times_counts_as_so_many_samples() => Samples.Sample(samples =>
    {
        int[] labels = [.. samples.Select(s => s.Label)];
        double[] scores = [.. samples.Select(s => (double)s.Score)];
        int[] times = [.. samples.Select(s => s.Times)];
        var spread = samples.SelectMany(s => Enumerable.Repeat(s, s.Times)).ToArray();
        int[] spreadLabels = [.. spread.Select(s => s.Label)];
        double[] spreadScores = [.. spread.Select(s => (double)s.Score)];
        var (one, all, once) = (new Ranking(labels, scores), new Ranking(spreadLabels, spreadScores), Once(spread.Length));
        var (calibration, calibrationOfAll) = (new Calibration(labels, scores), new Calibration(spreadLabels, spreadScores));

        Same(all.Auroc(once), one.Auroc(times));
        Same(all.AveragePrecision(once), one.AveragePrecision(times));
        Same(all.SensitivityAt(0.9, once), one.SensitivityAt(0.9, times));
        Same(calibrationOfAll.Brier(once), calibration.Brier(times));
        Same(calibrationOfAll.Error(once), calibration.Error(times));
        if (spread.Length > 0)
            Assert.Equal(Classification.OfScores(spreadLabels, spreadScores), new Decisions(labels, [.. scores.Select(s => (int?)(s > 0 ? 1 : 0))]).Counted(times));
    });

    private static void Same(double? expected, double? actual)
    {
        Assert.Equal(expected is null, actual is null);
        Assert.Equal(expected ?? 0, actual ?? 0, 1e-12);
    }

    private static int[] Once(int samples) => [.. Enumerable.Repeat(1, samples)];
}
