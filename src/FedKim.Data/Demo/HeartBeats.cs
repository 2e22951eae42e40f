using FedKim.Rounds;

namespace FedKim.Data.Demo;

/// <summary>What is wrong with a heart.</summary>
internal enum HeartFault
{
    /// <summary>ST depression with flat or inverted T waves.</summary>
    Ischaemia,

    /// <summary>Wide QRS complexes with discordant T waves.</summary>
    BundleBranchBlock,

    /// <summary>Irregular beats without P waves.</summary>
    Fibrillation,
}

/// <summary>Draws 12-lead records of 10 s at 100 Hz: a sum of bell-shaped waves a beat (after McSharry et al. 2003), mixed into leads.</summary>
/// <param name="patient">Draws axis, amplitudes and rate.</param>
internal sealed class HeartBeats(SeededGenerator patient)
{
    public const int Leads = 12, Samples = 1000, Frequency = 100;

    // Index of each wave among the six that a beat is made of.
    private const int P = 0, Q = 1, R = 2, S = 3, St = 4, T = 5, Waves = 6;

    // Amplitudes of the six waves in V1 to V6, mV.
    private static readonly double[][] Chest =
    [
        [0.06, 0.00, 0.18, -0.90, -0.3, -0.05], [0.07, 0.00, 0.35, -1.10, -0.4, 0.25], [0.07, 0.00, 0.70, -0.70, -0.7, 0.35],
        [0.08, -0.03, 1.10, -0.40, -1.0, 0.38], [0.08, -0.06, 1.10, -0.20, -1.0, 0.32], [0.08, -0.06, 0.85, -0.10, -0.8, 0.25],
    ];

    // Frontal amplitude (mV) and direction (degrees) of the six waves; R's direction is the patient's axis.
    private static readonly (double Amplitude, double Angle)[] Frontal =
        [(0.12, 60), (-0.08, 30), (1.0, 0), (0.22, 210), (-0.9, 50), (0.28, 45)];

    private readonly double _axis = patient.Uniform(10, 80), _voltage = patient.Uniform(0.75, 1.3), _interval = patient.Uniform(0.65, 1.0);
    private readonly double _atrium = patient.Uniform(0.7, 1.2), _recovery = patient.Uniform(0.75, 1.25), _width = patient.Uniform(0.9, 1.1);

    /// <summary>One record.</summary>
    /// <param name="visit">Draws rhythm, noise and baseline.</param>
    /// <param name="fault">What is wrong, as far as <paramref name="severity"/> is above 0.</param>
    /// <param name="severity">0 to 1.</param>
    /// <param name="ectopic">How many premature wide beats it has.</param>
    /// <returns>[1000 samples, 12 leads], units of 1 µV, leads I, II, III, AVR, AVL, AVF, V1 … V6.</returns>
    public short[] Draw(SeededGenerator visit, HeartFault fault, double severity, int ectopic)
    {
        double[][] waves = [.. Enumerable.Range(0, Waves).Select(_ => new double[Samples])];
        double ischaemia = fault == HeartFault.Ischaemia ? severity : 0;
        double block = fault == HeartFault.BundleBranchBlock ? severity : 0;
        double fibrillation = fault == HeartFault.Fibrillation ? severity : 0;
        Beats(visit, waves, ischaemia, block, fibrillation, ectopic);

        short[] record = new short[Samples * Leads];
        for (int lead = 0; lead < Leads; lead++)
        {
            // The augmented leads and III follow from I and II (Einthoven, Goldberger): their angles say the same.
            double[] weights = lead < 6 ? Limb(lead) : Chest[lead - 6];
            double gain = lead is 3 or 4 or 5 ? _voltage * Math.Sqrt(3) / 2 : _voltage;
            double drift = visit.Uniform(0, 0.08), driftRate = visit.Uniform(0.15, 0.4), driftPhase = visit.NextDouble();
            for (int i = 0; i < Samples; i++)
            {
                double value = 0;
                for (int wave = 0; wave < Waves; wave++)
                    value += weights[wave] * waves[wave][i];
                double wander = drift * Math.Sin(2 * Math.PI * ((driftRate * i / Frequency) + driftPhase));
                record[(i * Leads) + lead] = (short)Math.Round(1000 * ((gain * value) + wander + (0.02 * visit.NextGaussian())));
            }
        }

        return record;
    }

    private void Beats(SeededGenerator visit, double[][] waves, double ischaemia, double block, double fibrillation, int ectopic)
    {
        double interval = _interval * visit.Uniform(0.93, 1.07) * (1 - (0.35 * fibrillation));
        double jitter = 0.03 + (0.22 * fibrillation);
        double width = _width * (1 + (1.3 * block));
        double tWave = _recovery * (1 - (1.3 * ischaemia) - (1.4 * block));
        int[] premature = Enumerable.Range(1, 8).ToArray();
        visit.Shuffle<int>(premature);
        double time = visit.Uniform(-0.2, interval);
        for (int beat = 0; time < ((double)Samples / Frequency) + 0.5; beat++)
        {
            bool early = premature.AsSpan(0, ectopic).Contains(beat);
            double at = early ? time - (0.35 * interval) : time;
            if (early)
            {
                // No P wave, a broad and tall complex, and a T wave against it.
                Add(waves[R], at, 0.055, 1.7);
                Add(waves[S], at + 0.1, 0.05, 0.8);
                Add(waves[T], at + 0.3, 0.07, -1.8);
            }
            else
            {
                Add(waves[P], at - 0.16, 0.025, _atrium * (1 - fibrillation));
                Add(waves[Q], at - (0.032 * width), 0.010 * width, 1);
                Add(waves[R], at, 0.014 * width, 1);
                Add(waves[S], at + (0.034 * width), 0.012 * width, 1);
                Add(waves[St], at + 0.14, 0.055, 0.38 * ischaemia);
                Add(waves[T], at + (0.27 * Math.Sqrt(interval / 0.8)), 0.048, tWave);
            }

            time += Math.Max(0.35, interval * (1 + (jitter * visit.NextGaussian())));
        }

        if (fibrillation <= 0)
            return;
        double rate = visit.Uniform(5, 7), phase = visit.NextDouble();
        for (int i = 0; i < Samples; i++)
            waves[P][i] += 0.6 * fibrillation * Math.Sin(2 * Math.PI * ((rate * i / Frequency) + phase));
    }

    private static void Add(double[] series, double centre, double width, double amplitude)
    {
        int from = Math.Max(0, (int)((centre - (4 * width)) * Frequency));
        int to = Math.Min(series.Length - 1, (int)((centre + (4 * width)) * Frequency));
        for (int i = from; i <= to; i++)
        {
            double distance = (((double)i / Frequency) - centre) / width;
            series[i] += amplitude * Math.Exp(-0.5 * distance * distance);
        }
    }

    private double[] Limb(int lead)
    {
        double[] directions = [0, 60, 120, -150, -30, 90];
        double[] weights = new double[Waves];
        for (int wave = 0; wave < Waves; wave++)
        {
            double angle = wave == R ? _axis : Frontal[wave].Angle;
            weights[wave] = Frontal[wave].Amplitude * Math.Cos((angle - directions[lead]) * Math.PI / 180);
        }

        return weights;
    }
}
