namespace FedKim.Data.Tests;

public sealed class DemoSignalTests(Demonstration demonstration)
{
    [Theory]
    [InlineData("pneumonia")]
    [InlineData("lung-opacity")]
    [InlineData("ecg-abnormal")]
    [InlineData("mortality")]
    public void A_plain_classifier_finds_the_signal_but_not_every_case(string task)
    {
        var places = demonstration.Read(task).ToList();
        var train = places.Where(p => p.Key.StartsWith("hospital-", StringComparison.Ordinal))
            .SelectMany(p => p.Value?.Samples ?? []).Select(Features).ToList();
        var test = places.Single(p => p.Key == "server/test").Value!.Samples.Select(Features).ToList();
        double auroc = LogisticRegression.Auroc(train, test);
        TestContext.Current.TestOutputHelper?.WriteLine($"{task}: AUROC {auroc:0.000} on {test.Count}");
        Assert.InRange(auroc, 0.7, 0.99);
    }

    private static (double[] X, int Y) Features(Sample sample) =>
        ([.. sample.Inputs.Values.SelectMany(values => (values.Shape.Length, values.Mask) switch
        {
            (3, _) => Blocks(values, 4),
            (_, null) => Leads(values),
            _ => Courses(values),
        })], sample.Label);

    // Mean of square blocks of pixels.
    private static IEnumerable<double> Blocks(Values image, int edge)
    {
        int size = image.Shape[1];
        for (int row = 0; row < size; row += edge)
        {
            for (int column = 0; column < size; column += edge)
            {
                var pixels = Enumerable.Range(0, edge * edge).Select(i => (double)image.Data[((row + (i / edge)) * size) + column + (i % edge)]);
                yield return pixels.Average();
            }
        }
    }

    // Extremes, mean and mean change of each lead.
    private static IEnumerable<double> Leads(Values signal)
    {
        int steps = signal.Shape[1];
        for (int lead = 0; lead < signal.Shape[0]; lead++)
        {
            float[] values = signal.Data.AsSpan(lead * steps, steps).ToArray();
            yield return values.Max();
            yield return values.Min();
            yield return values.Average();
            yield return values.Zip(values.Skip(1), (a, b) => Math.Abs(a - b)).Average();
            yield return values.Average(Math.Abs);
        }
    }

    // Mean of what was measured, and how much that was.
    private static IEnumerable<double> Courses(Values clinical)
    {
        int variables = clinical.Shape[1];
        for (int v = 0; v < variables; v++)
        {
            var hours = Enumerable.Range(0, clinical.Shape[0]).Select(h => (h * variables) + v).Where(i => clinical.Mask![i]).ToList();
            yield return hours.Select(i => (double)clinical.Data[i]).DefaultIfEmpty(0).Average();
            yield return hours.Count;
        }
    }
}
