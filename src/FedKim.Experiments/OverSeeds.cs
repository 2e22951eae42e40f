namespace FedKim.Experiments;

/// <summary>A rate over the seeds that have it.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The sample's standard deviation (divisor: seeds − 1); null for one seed, which has none.</param>
/// <param name="Seeds">How many have it, from 1.</param>
public sealed record OverSeeds(double Mean, double? Deviation, int Seeds)
{
    /// <summary>The values of some seeds in one; null where there are none.</summary>
    public static OverSeeds? Of(IEnumerable<double> values)
    {
        double[] all = [.. values];
        if (all.Length == 0)
            return null;
        double mean = all.Average();
        return new OverSeeds(mean, all.Length == 1 ? null : Math.Sqrt(all.Sum(v => (v - mean) * (v - mean)) / (all.Length - 1)), all.Length);
    }

    /// <inheritdoc/>
    public override string ToString() => Deviation is { } deviation ? $"{Rate.Text(Mean)} ± {Rate.Text(deviation)}" : Rate.Text(Mean);
}
