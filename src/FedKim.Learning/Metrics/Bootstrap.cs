namespace FedKim.Learning.Metrics;

/// <summary>The percentile bootstrap (Efron 1979).</summary>
internal static class Bootstrap
{
    /// <summary>The 95 % interval of a figure.</summary>
    /// <param name="figure">The figure of a new resample; null for one that has none, which is drawn again.</param>
    /// <param name="resamples">How many.</param>
    internal static (double Low, double High) Interval(Func<double?> figure, int resamples)
    {
        double[] figures = new double[resamples];
        for (int i = 0; i < resamples;)
        {
            if (figure() is { } value)
                figures[i++] = value;
        }

        Array.Sort(figures);
        return (figures[(int)(0.025 * (resamples - 1))], figures[(int)Math.Ceiling(0.975 * (resamples - 1))]);
    }

    /// <inheritdoc cref="Interval(Func{double?}, int)"/>
    internal static (double Low, double High) Interval(Func<double> figure, int resamples) => Interval(() => (double?)figure(), resamples);
}
