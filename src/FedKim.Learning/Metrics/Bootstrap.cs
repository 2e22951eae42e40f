using FedKim.Rounds;

namespace FedKim.Learning.Metrics;

/// <summary>The percentile bootstrap (Efron 1979). A resample is told as how often each sample is in it.</summary>
public static class Bootstrap
{
    /// <summary>Every sample once, as they were measured.</summary>
    public static int[] Once(int samples)
    {
        int[] times = new int[samples];
        Array.Fill(times, 1);
        return times;
    }

    /// <summary>Draws as many as there are, with replacement.</summary>
    /// <param name="times">Becomes how often each was drawn.</param>
    /// <param name="generator">Draws them.</param>
    public static void Draw(int[] times, SeededGenerator generator)
    {
        Array.Clear(times);
        for (int draw = 0; draw < times.Length; draw++)
            times[generator.NextInt(times.Length)]++;
    }

    /// <summary>The ends between which all but a share of some values lie, half of it at either end.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="outside">The share, 0 to 1.</param>
    public static (double Low, double High) Middle(IEnumerable<double> values, double outside)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(int)(outside / 2 * (sorted.Length - 1))], sorted[(int)Math.Ceiling((1 - (outside / 2)) * (sorted.Length - 1))]);
    }

    /// <summary>The 95 % interval of a figure.</summary>
    /// <param name="samples">How many there are.</param>
    /// <param name="figure">The figure of a resample; null for one that has none, which is drawn again.</param>
    /// <param name="generator">Draws the resamples.</param>
    /// <param name="resamples">How many.</param>
    internal static (double Low, double High) Interval(int samples, Func<int[], double?> figure, SeededGenerator generator, int resamples)
    {
        int[] times = new int[samples];
        List<double> figures = [];
        while (figures.Count < resamples)
        {
            Draw(times, generator);
            if (figure(times) is { } value)
                figures.Add(value);
        }

        return Middle(figures, 0.05);
    }
}
