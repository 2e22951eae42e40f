using FedKim.Learning.Metrics;
using FedKim.Rounds;

namespace FedKim.Experiments;

/// <summary>
/// The bootstrap over patients (Efron 1979): who is drawn brings all of their samples, since those of one patient say less than as many of
/// several. All figures are of the same draws, so that two can be compared draw by draw.
/// </summary>
public static class PatientBootstrap
{
    /// <summary>The figures of so many draws.</summary>
    /// <param name="figures">What is asked of the samples.</param>
    /// <param name="draws">How often as many patients as there are, are drawn with replacement.</param>
    /// <param name="generator">Draws them.</param>
    /// <returns>[figure][draw]; NaN where a draw has no such figure.</returns>
    public static double[][] Draw(IReadOnlyList<Drawn> figures, int draws, SeededGenerator generator)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string patient in figures.SelectMany(figure => figure.Patients))
            places.TryAdd(patient, places.Count);
        int[][] whose = [.. figures.Select(figure => figure.Patients.Select(patient => places[patient]).ToArray())];
        int[][] times = [.. whose.Select(samples => new int[samples.Length])];
        double[][] drawn = [.. figures.Select(_ => new double[draws])];
        int[] often = new int[places.Count];
        for (int draw = 0; draw < draws; draw++)
        {
            Bootstrap.Draw(often, generator);
            for (int figure = 0; figure < figures.Count; figure++)
            {
                int[] samples = whose[figure], counts = times[figure];
                for (int i = 0; i < samples.Length; i++)
                    counts[i] = often[samples[i]];
                drawn[figure][draw] = figures[figure].Figure(counts) ?? double.NaN;
            }
        }
        return drawn;
    }
}

/// <summary>A figure of some patients' samples.</summary>
/// <param name="Patients">Whose each sample is.</param>
/// <param name="Figure">The figure when sample i is there as often as the i-th number says; null where it has none.</param>
public sealed record Drawn(string[] Patients, Func<int[], double?> Figure);
