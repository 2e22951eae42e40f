namespace FedKim.Data.Tests;

/// <summary>A plain classifier on hand-made features: what a learning network must at least be able to find.</summary>
internal static class LogisticRegression
{
    /// <summary>AUROC on <paramref name="test"/> after training on <paramref name="train"/>.</summary>
    public static double Auroc(IReadOnlyList<(double[] X, int Y)> train, IReadOnlyList<(double[] X, int Y)> test)
    {
        int n = train[0].X.Length;
        double[] mean = [.. Enumerable.Range(0, n).Select(j => train.Average(s => s.X[j]))];
        double[] deviation = [.. Enumerable.Range(0, n).Select(j => Math.Sqrt(train.Average(s => Math.Pow(s.X[j] - mean[j], 2))) + 1e-9)];
        double[] Scale(double[] x) => [.. x.Select((value, j) => (value - mean[j]) / deviation[j])];
        var scaled = train.Select(s => (X: Scale(s.X), s.Y)).ToList();
        double[] weights = new double[n];
        double bias = 0;
        for (int step = 0; step < 300; step++)
        {
            double[] slope = [.. weights.Select(w => 0.01 * w)];
            double biasSlope = 0;
            foreach (var (x, y) in scaled)
            {
                double error = (1 / (1 + Math.Exp(-Score(weights, bias, x)))) - y;
                for (int j = 0; j < n; j++)
                    slope[j] += error * x[j] / scaled.Count;
                biasSlope += error / scaled.Count;
            }

            for (int j = 0; j < n; j++)
                weights[j] -= 0.3 * slope[j];
            bias -= 0.3 * biasSlope;
        }

        var scores = test.Select(s => (Score: Score(weights, bias, Scale(s.X)), s.Y)).ToList();
        var positive = scores.Where(s => s.Y == 1).ToList();
        var negative = scores.Where(s => s.Y == 0).ToList();
        return positive.Average(p => negative.Average(q => p.Score > q.Score ? 1 : p.Score < q.Score ? 0 : 0.5));
    }

    private static double Score(double[] weights, double bias, double[] x)
    {
        double sum = bias;
        for (int j = 0; j < x.Length; j++)
            sum += weights[j] * x[j];
        return sum;
    }
}
