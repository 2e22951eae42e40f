using FedKim.Learning.Metrics;

namespace FedKim.Learning.Tests.Metrics;

public sealed class CalibrationTests
{
    private static readonly int[] Labels = [1, 0, 1, 0];

    // Odds of 3 to 1, 1 to 3, even, even.
    private static readonly double[] Scores = [Math.Log(3), -Math.Log(3), 0, 0];

    [Fact]
    public void The_Brier_score_is_that_counted_by_hand() =>
        Assert.Equal(((0.25 * 0.25) + (0.25 * 0.25) + 0.25 + 0.25) / 4, new Calibration(Labels, Scores).Brier([1, 1, 1, 1])!.Value, 1e-12);

    [Fact]
    public void The_calibration_error_is_the_mean_of_what_the_bins_are_off() =>
        // 0.75 where all are positive, 0.25 where none is, 0.5 where half are.
        Assert.Equal((0.25 + 0.25 + 0) / 4, new Calibration(Labels, Scores).Error([1, 1, 1, 1])!.Value, 1e-12);

    [Fact]
    public void Who_is_certain_and_right_has_none_and_who_is_certain_and_wrong_has_all_of_it()
    {
        double[] certain = [double.PositiveInfinity, double.NegativeInfinity];
        Assert.Equal((0, 0), (new Calibration([1, 0], certain).Brier([1, 1]), new Calibration([1, 0], certain).Error([1, 1])));
        Assert.Equal((1, 1), (new Calibration([0, 1], certain).Brier([1, 1]), new Calibration([0, 1], certain).Error([1, 1])));
    }
}
