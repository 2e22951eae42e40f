namespace FedKim.Learning.Metrics;

/// <summary>
/// Samples in the order of their scores, each of which may count several times, so that a resample needs no sorting. Samples of one score are one
/// step: nothing tells them apart.
/// </summary>
public sealed class Ranking
{
    private const double Rounding = 1e-9;

    private readonly int[] _order;
    private readonly bool[] _positive;

    // Whether the sample at a place has another score than the one before it.
    private readonly bool[] _steps;

    /// <param name="labels">0 or 1.</param>
    /// <param name="scores">As many; higher means rather positive.</param>
    public Ranking(IReadOnlyList<int> labels, IReadOnlyList<double> scores)
    {
        _order = [.. Enumerable.Range(0, labels.Count).OrderBy(i => scores[i])];
        _positive = [.. _order.Select(i => labels[i] == 1)];
        _steps = [.. _order.Select((sample, place) => place > 0 && !scores[sample].Equals(scores[_order[place - 1]]))];
    }

    /// <summary>Area under the receiver operating characteristic when sample i is there <paramref name="times"/>[i] times; null where one label is absent.</summary>
    public double? Auroc(int[] times)
    {
        double above = 0;
        long positives = 0, negatives = 0, tiedPositives = 0, tiedNegatives = 0;
        for (int place = 0; place < _order.Length; place++)
        {
            if (_steps[place])
                Step();
            if (_positive[place])
                tiedPositives += times[_order[place]];
            else
                tiedNegatives += times[_order[place]];
        }

        Step();
        return positives == 0 || negatives == 0 ? null : above / ((double)positives * negatives);

        void Step()
        {
            above += tiedPositives * (negatives + (tiedNegatives / 2.0));
            positives += tiedPositives;
            negatives += tiedNegatives;
            (tiedPositives, tiedNegatives) = (0, 0);
        }
    }

    /// <summary>
    /// Area under the precision-recall curve, as average precision: the precision at each score, weighed by the recall that it adds. Null where no
    /// sample is positive.
    /// </summary>
    /// <inheritdoc cref="Auroc"/>
    public double? AveragePrecision(int[] times)
    {
        double area = 0;
        var (positives, _) = Descend(times, (found, chosen, added) => area += added * ((double)found / chosen));
        return positives == 0 ? null : area / positives;
    }

    /// <summary>
    /// The largest share of the positive samples that some score finds while at least <paramref name="specificity"/> of the negative ones stay
    /// below it; 0 where none does. Null where one label is absent.
    /// </summary>
    /// <param name="specificity">0 to 1.</param>
    /// <param name="times">How often each sample is there.</param>
    public double? SensitivityAt(double specificity, int[] times)
    {
        long most = 0, negatives = Negatives(times);
        // 1 of 10 is allowed at 0.9, though 1 - 0.9 is a little less than 0.1.
        double allowed = ((1 - specificity) * negatives) + Rounding;
        var (positives, _) = Descend(times, (found, chosen, _) =>
        {
            if (chosen - found <= allowed)
                most = found;
        });
        return positives == 0 || negatives == 0 ? null : (double)most / positives;
    }

    private long Negatives(int[] times)
    {
        long negatives = 0;
        for (int place = 0; place < _order.Length; place++)
            negatives += _positive[place] ? 0 : times[_order[place]];
        return negatives;
    }

    // Told at every score, from the highest: the positive samples from there upwards, all samples from there upwards, and how many positive ones it adds.
    private (long Positives, long All) Descend(int[] times, Action<long, long, long> told)
    {
        long positives = 0, all = 0, before = 0, allBefore = 0;
        for (int place = _order.Length - 1; place >= 0; place--)
        {
            positives += _positive[place] ? times[_order[place]] : 0;
            all += times[_order[place]];
            if (place > 0 && !_steps[place])
                continue;
            if (all > allBefore)
                told(positives, all, positives - before);
            (before, allBefore) = (positives, all);
        }

        return (positives, all);
    }
}
