namespace FedKim.Learning.Metrics;

/// <summary>How far the probabilities that scores stand for are from what came true. A score is the logarithm of the odds of a positive label.</summary>
public sealed class Calibration
{
    /// <summary>Bins of equal width that probabilities are sorted into; the last has both its ends.</summary>
    public const int Bins = 10;

    private readonly double[] _probabilities;
    private readonly bool[] _positive;

    /// <param name="labels">0 or 1.</param>
    /// <param name="scores">As many; infinite ones are certain.</param>
    public Calibration(IReadOnlyList<int> labels, IReadOnlyList<double> scores)
    {
        _probabilities = [.. scores.Select(score => 1 / (1 + Math.Exp(-score)))];
        _positive = [.. labels.Select(label => label == 1)];
    }

    /// <summary>
    /// Brier score: the mean square of what lies between probability and outcome, 0 (certain and right) to 1, when sample i is there
    /// <paramref name="times"/>[i] times. Null without samples.
    /// </summary>
    public double? Brier(int[] times)
    {
        double sum = 0;
        long all = 0;
        for (int i = 0; i < _probabilities.Length; i++)
        {
            double apart = _probabilities[i] - (_positive[i] ? 1 : 0);
            sum += times[i] * apart * apart;
            all += times[i];
        }

        return all == 0 ? null : sum / all;
    }

    /// <summary>
    /// Expected calibration error: how far a bin's mean probability is from its share of positive samples, the mean over samples, 0 to 1.
    /// Null without samples.
    /// </summary>
    /// <inheritdoc cref="Brier"/>
    public double? Error(int[] times)
    {
        Span<double> expected = stackalloc double[Bins];
        Span<long> positives = stackalloc long[Bins];
        expected.Clear();
        positives.Clear();
        long all = 0;
        for (int i = 0; i < _probabilities.Length; i++)
        {
            int bin = Math.Min((int)(_probabilities[i] * Bins), Bins - 1);
            expected[bin] += times[i] * _probabilities[i];
            positives[bin] += _positive[i] ? times[i] : 0;
            all += times[i];
        }

        double apart = 0;
        for (int bin = 0; bin < Bins; bin++)
            apart += Math.Abs(expected[bin] - positives[bin]);
        return all == 0 ? null : apart / all;
    }
}
