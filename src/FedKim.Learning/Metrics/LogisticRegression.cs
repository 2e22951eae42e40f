namespace FedKim.Learning.Metrics;

/// <summary>
/// Logistic regression by Newton's method (iteratively reweighted least squares), on standardised columns with a ridge penalty of 1/2 on their weights: a
/// single penalty is little beside hundreds of samples, and keeps the weights finite where a column parts the labels.
/// </summary>
public sealed class LogisticRegression
{
    private const int Iterations = 50;
    private const double Ridge = 1, Enough = 1e-10;

    private readonly double[] _means, _deviations, _weights;

    private LogisticRegression(double[] means, double[] deviations, double[] weights) => (_means, _deviations, _weights) = (means, deviations, weights);

    /// <summary>Learns from samples.</summary>
    /// <param name="figures">[sample][column], finite.</param>
    /// <param name="labels">0 or 1; both must be there.</param>
    /// <exception cref="ArgumentException">There are not as many labels as samples, or one label is absent.</exception>
    public static LogisticRegression Of(IReadOnlyList<double[]> figures, IReadOnlyList<int> labels)
    {
        if (labels.Count != figures.Count || labels.Distinct().Count() < 2)
            throw new ArgumentException($"{labels.Count} labels of {labels.Distinct().Count()} kinds do not suit {figures.Count} samples; both labels are needed.", nameof(labels));
        int columns = figures[0].Length;
        double[] means = [.. Enumerable.Range(0, columns).Select(c => figures.Average(f => f[c]))];
        double[] deviations = [.. Enumerable.Range(0, columns).Select(c => Math.Sqrt(figures.Average(f => (f[c] - means[c]) * (f[c] - means[c]))))];
        var regression = new LogisticRegression(means, deviations, new double[columns + 1]);
        double[][] rows = [.. figures.Select(regression.Row)];
        for (int i = 0; i < Iterations && regression.Step(rows, labels) > Enough; i++)
            continue;
        return regression;
    }

    /// <summary>The logarithm of the odds that a sample's label is 1.</summary>
    /// <param name="figures">The sample's columns.</param>
    public double LogOdds(double[] figures) => Product(Row(figures));

    // 1 for the intercept, then the columns, each about 0 with a deviation of 1; a column that is the same everywhere says nothing.
    private double[] Row(double[] figures) => [1, .. figures.Select((f, c) => _deviations[c] > 0 ? (f - _means[c]) / _deviations[c] : 0)];

    private double Product(double[] row)
    {
        double sum = 0;
        for (int i = 0; i < row.Length; i++)
            sum += row[i] * _weights[i];
        return sum;
    }

    // One step of Newton's; how far it went.
    private double Step(double[][] rows, IReadOnlyList<int> labels)
    {
        int size = _weights.Length;
        double[,] system = new double[size, size + 1];
        for (int i = 1; i < size; i++)
            (system[i, i], system[i, size]) = (Ridge, -Ridge * _weights[i]);
        for (int sample = 0; sample < rows.Length; sample++)
        {
            double[] row = rows[sample];
            double probability = 1 / (1 + Math.Exp(-Product(row))), weight = Math.Max(probability * (1 - probability), Enough);
            for (int i = 0; i < size; i++)
            {
                system[i, size] += row[i] * (labels[sample] - probability);
                for (int j = 0; j < size; j++)
                    system[i, j] += weight * row[i] * row[j];
            }
        }

        double[] step = Solve(system);
        for (int i = 0; i < size; i++)
            _weights[i] += step[i];
        return step.Max(Math.Abs);
    }

    // Gauss's elimination without pivots: the matrix is symmetric and positive.
    private static double[] Solve(double[,] system)
    {
        int size = system.GetLength(0);
        for (int i = 0; i < size; i++)
        {
            for (int row = i + 1; row < size; row++)
            {
                double factor = system[row, i] / system[i, i];
                for (int column = i; column <= size; column++)
                    system[row, column] -= factor * system[i, column];
            }
        }

        double[] solution = new double[size];
        for (int i = size - 1; i >= 0; i--)
        {
            double sum = system[i, size];
            for (int column = i + 1; column < size; column++)
                sum -= system[i, column] * solution[column];
            solution[i] = sum / system[i, i];
        }

        return solution;
    }
}
