using CsCheck;
using FedKim.Rounds;
using static FedKim.Parameters.Tests.Given;

namespace FedKim.Parameters.Tests;

/// <summary>A mean in which nobody moves a part of the model farther than the median client.</summary>
public sealed class ClippedMeanTests
{
    private const string Image = "encoder.image.w", Xray = "decoder.xray.w", Ecg = "decoder.ecg.w";

    private static readonly Gen<float[]> Values = Gen.Float[-100, 100].Array[9];

    // More than are open at once, too.
    private static readonly Gen<int> Count = Gen.OneOf(Gen.Int[1, 9], Gen.Int[65, 70]);

    [Fact]
    public void It_is_that_of_a_naive_reference() => Count.SelectMany(n => Gen.Select(Values, Values, Gen.Long[1, 1000], Gen.Bool).Array[n]).Sample(clients =>
    {
        using var folder = new TemporaryFolder();
        float[] start = [.. Enumerable.Range(0, 9).Select(i => i - 4f)];
        // A part is two tensors here, and a third task is not everybody's.
        ClientUpdate[] updates = [.. clients.Select((c, i) => Sent(
            folder, $"c{i:00}", c.Item4 ? SampleCounts.Of(("xray", c.Item3), ("ecg", 1)) : SampleCounts.Of(("xray", c.Item3)),
            Tensors.Floats(Image, [9], c.Item1), Tensors.Floats("encoder.image.b", [9], c.Item2), Tensors.Floats(Ecg, [9], c.Item2)))];
        var global = Model(folder["global"], Tensors.Floats(Image, [9], start), Tensors.Floats("encoder.image.b", [9], start), Tensors.Floats(Ecg, [9], start));

        Aggregation.Run(Plan() with { Strategy = "clipped-mean" }, updates, global, folder["out"]);

        using var file = SafetensorsFile.Open(folder["out"]);
        var (image, ecg) = (clients, clients.Where(c => c.Item4).ToArray());
        double[] weights = [.. image.Select(c => (double)c.Item3)];
        double[] factors = Factors([.. image.Select(c => Length([.. c.Item1, .. c.Item2], [.. start, .. start]))]);
        Near(Mean([.. image.Select(c => c.Item1)], weights, factors, start), file.Values<float>(Image));
        Near(Mean([.. image.Select(c => c.Item2)], weights, factors, start), file.Values<float>("encoder.image.b"));
        if (ecg.Length > 0)
            Near(Mean([.. ecg.Select(c => c.Item2)], [.. ecg.Select(_ => 1.0)], Factors([.. ecg.Select(c => Length(c.Item2, start))]), start), file.Values<float>(Ecg));
        else
            Assert.Equal(start, file.Values<float>(Ecg).ToArray());
    }, iter: 60);

    [Fact]
    public void Where_nobody_goes_farther_than_the_others_it_is_the_mean_to_the_bit() => Gen.Select(Values, Gen.Long[1, 1000].Array[1, 8]).Sample((values, samples) =>
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Xray, [9], new float[9]));
        // The same length in other directions.
        ClientUpdate[] updates = [.. samples.Select((n, i) => Sent(
            folder, $"c{i}", SampleCounts.Of(("xray", n)), Tensors.Floats(Xray, [9], [.. values.Select((v, at) => ((i >> (at % 3)) & 1) == 0 ? v : -v)])))];

        Assert.Equal(Aggregation.Run(Plan(), updates, global, folder["mean"]), Aggregation.Run(Plan() with { Strategy = "clipped-mean" }, updates, global, folder["clipped"]));
    }, iter: 30);

    [Theory]
    [InlineData("scaled", 5, 1e4)]
    [InlineData("turned", 0, 0.05)]
    [InlineData("drifting", 0, 0.1)]
    public void One_site_of_few_samples_moves_it_little_whatever_it_sends(string attack, double atLeast, double atMost)
    {
        const int Sites = 10, Values = 4000, Attacker = 3;
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Xray, [Values], new float[Values]));
        var random = SeededGenerator.Derive(1, "attack");
        float[] common = Drawn(1);
        float[][] honest = [.. Enumerable.Range(0, Sites).Select(_ => Drawn(0.5f).Zip(common, (own, shared) => own + shared).ToArray())];
        float[] drift = Drawn(1);
        double scale = 10 * Length(honest[Attacker], new float[Values]) / Length(drift, new float[Values]);
        float[] sent = attack switch
        {
            "scaled" => [.. honest[Attacker].Select(v => v * 1000)],
            "turned" => [.. honest[Attacker].Select(v => -v)],
            _ => [.. honest[Attacker].Zip(drift, (v, d) => v + ((float)scale * d))],
        };

        double plain = Moved("fedavg"), clipped = Moved("clipped-mean");

        TestContext.Current.TestOutputHelper?.WriteLine($"{attack}: fedavg {plain:0.000}, clipped-mean {clipped:0.000}");
        Assert.InRange(plain, atLeast, atMost);
        Assert.InRange(clipped, 0, 0.05);

        // How far the site moves the aggregate, in lengths of what the honest sites' mean moves the model.
        double Moved(string strategy)
        {
            float[] good = Aggregate(strategy, honest), bad = Aggregate(strategy, [.. honest.Select((update, i) => i == Attacker ? sent : update)]);
            return Length(bad, good) / Length(Aggregate("fedavg", honest), new float[Values]);
        }

        float[] Aggregate(string strategy, float[][] updates)
        {
            string output = folder[Guid.NewGuid().ToString()];
            Aggregation.Run(
                Plan() with { Strategy = strategy },
                [.. updates.Select((values, i) => Sent(folder, $"c{i}-{Guid.NewGuid()}", SampleCounts.Of(("xray", i == Attacker ? 54 : 994)), Tensors.Floats(Xray, [Values], values)))],
                global, output);
            using var file = SafetensorsFile.Open(output);
            return file.Values<float>(Xray).ToArray();
        }

        float[] Drawn(float deviation) => [.. Enumerable.Range(0, Values).Select(_ => (float)(deviation * ((2 * random.NextDouble()) - 1)))];
    }

    [Fact]
    public void Of_two_sites_neither_says_how_far_the_model_goes()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Xray, [1], 0));
        ClientUpdate[] updates = [.. new[] { 1, 1e6f }.Select((value, i) => Sent(folder, $"c{i}", SampleCounts.Of(("xray", 1)), Tensors.Floats(Xray, [1], value)))];

        Aggregation.Run(Plan() with { Strategy = "clipped-mean" }, updates, global, folder["out"]);

        using var file = SafetensorsFile.Open(folder["out"]);
        Assert.Equal(1, file.Values<float>(Xray)[0]);
    }

    [Fact]
    public void Without_updates_the_model_stays()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Xray, [2], 3, 4));

        Assert.Equal(global.Digest, Aggregation.Run(Plan() with { Strategy = "clipped-mean" }, [], global, folder["out"]));
    }

    private static double[] Factors(double[] lengths)
    {
        double median = lengths.Order().ElementAt((lengths.Length - 1) / 2);
        return [.. lengths.Select(length => length == 0 ? 1 : Math.Min(1, median / length))];
    }

    private static double[] Mean(float[][] values, double[] weights, double[] factors, float[] start) =>
        [.. start.Select((s, at) => s + (values.Select((v, i) => weights[i] * factors[i] * ((double)v[at] - s)).Sum() / weights.Sum()))];

    private static double Length(float[] to, float[] from) => Math.Sqrt(to.Zip(from, (a, b) => ((double)a - b) * ((double)a - b)).Sum());

    private static void Near(double[] expected, ReadOnlySpan<float> actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - 1e-4, expected[i] + 1e-4);
    }
}
