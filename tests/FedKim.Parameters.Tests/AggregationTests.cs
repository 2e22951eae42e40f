using CsCheck;
using FedKim.Rounds;
using static FedKim.Parameters.Tests.Given;

namespace FedKim.Parameters.Tests;

public sealed class AggregationTests
{
    // Longer than a tile would make the test slow; longer than any vector and no multiple of one is what matters here.
    private static readonly Gen<float[]> Values = Gen.Float[-1e6f, 1e6f].Array[37];

    private static readonly Gen<(float[] Values, long Samples)[]> Clients = Gen.Select(Values, Gen.Long[1, 1_000_000]).Array[1, 8];

    [Fact]
    public void The_order_of_arrival_does_not_matter() => Clients.SelectMany(c => Gen.Shuffle(Enumerable.Range(0, c.Length).ToArray()).Select(order => (c, order))).Sample(x =>
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats("decoder.xray.w", [37], new float[37]));
        var contributions = x.c.Select((client, i) => Sent(folder, $"hospital-{i}", SampleCounts.Of(("xray", client.Samples)), Tensors.Floats("decoder.xray.w", [37], client.Values))).ToArray();
        var first = Aggregation.Run(Plan(), contributions, global, folder["a"]);
        var second = Aggregation.Run(Plan(), [.. x.order.Select(i => contributions[i])], global, folder["b"]);
        Assert.Equal(first, second);
        Assert.Equal(first, Digests.OfFile(folder["a"]));
    }, iter: 30);

    [Fact]
    public void The_mean_is_that_of_a_naive_reference() => Gen.Select(Clients, Gen.Bool).Sample((clients, plain) =>
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats("decoder.xray.w", [37], new float[37]));
        var contributions = clients.Select((client, i) => Sent(folder, $"hospital-{i}", SampleCounts.Of(("xray", client.Samples)), Tensors.Floats("decoder.xray.w", [37], client.Values)));
        Aggregation.Run(Plan(plain ? "plain" : "samples"), [.. contributions], global, folder["out"]);
        double total = clients.Sum(c => plain ? 1 : c.Samples);
        using var file = SafetensorsFile.Open(folder["out"]);
        var actual = file.Values<float>("decoder.xray.w");
        for (int i = 0; i < actual.Length; i++)
        {
            double expected = clients.Sum(c => (plain ? 1 : c.Samples) / total * c.Values[i]);
            // Below the smallest normal float the steps between floats are all the same, however small the values.
            double tolerance = (clients.Max(c => Math.Abs((double)c.Values[i])) * 1e-6) + float.Epsilon;
            Assert.InRange(actual[i], expected - tolerance, expected + tolerance);
        }
    }, iter: 30);

    [Fact]
    public void The_mean_of_equal_updates_is_that_update_bit_for_bit() =>
        Gen.Select(Gen.Float.Where(float.IsFinite).Array[37], Gen.Long[1, 1 << 26].Array[1, 8]).Sample((values, samples) =>
    {
        using var folder = new TemporaryFolder();
        values[0] = -0f;
        var global = Model(folder["global"], Tensors.Floats("decoder.xray.w", [37], values));
        // 24 bits of a float times 29 bits of all samples together still fit the 53 of a double.
        var contributions = samples.Select((n, i) => new ClientUpdate(new ClientId($"hospital-{i}"), global, SampleCounts.Of(("xray", n))));
        Assert.Equal(global.Digest, Aggregation.Run(Plan(), [.. contributions], global, folder["out"]));
    }, iter: 50);

    [Fact]
    public void A_model_of_many_tiles_is_averaged_to_its_last_element()
    {
        using var folder = new TemporaryFolder();
        float[] ramp = [.. Enumerable.Range(0, 100_003).Select(i => (float)i)];
        var global = Model(folder["global"], Tensors.Floats("encoder.image.w", [100_003], new float[100_003]));
        Aggregation.Run(Plan(), [
            Sent(folder, "a", SampleCounts.Of(("xray", 1)), Tensors.Floats("encoder.image.w", [100_003], ramp)),
            Sent(folder, "b", SampleCounts.Of(("opacity", 3)), Tensors.Floats("encoder.image.w", [100_003], new float[100_003])),
        ], global, folder["out"]);
        using var file = SafetensorsFile.Open(folder["out"]);
        Assert.Equal(ramp.Select(v => v / 4), file.Values<float>("encoder.image.w").ToArray());
    }

    [Fact]
    public void A_client_votes_only_on_the_parts_its_tasks_train()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Whole(9, 9, 9, 9));
        Aggregation.Run(Plan(), [
            Sent(folder, "a", SampleCounts.Of(("xray", 1), ("opacity", 2)), Tensors.Floats("encoder.image.w", [1], 2), Tensors.Floats("decoder.xray.w", [1], 4), Tensors.Floats("shared", [1], 8)),
            Sent(folder, "b", SampleCounts.Of(("opacity", 1)), Tensors.Floats("encoder.image.w", [1], 6), Tensors.Floats("shared", [1], 0)),
        ], global, folder["out"]);
        using var file = SafetensorsFile.Open(folder["out"]);
        Assert.Equal(3f, file.Values<float>("encoder.image.w")[0]);
        Assert.Equal(4f, file.Values<float>("decoder.xray.w")[0]);
        Assert.Equal(9f, file.Values<float>("decoder.ecg.w")[0]);
        Assert.Equal(6f, file.Values<float>("shared")[0]);
    }

    [Fact]
    public void Counters_take_the_greatest_value()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Longs("decoder.ecg.steps", 0, long.MaxValue));
        Aggregation.Run(Plan(), [
            Sent(folder, "a", SampleCounts.Of(("ecg", 1)), Tensors.Longs("decoder.ecg.steps", 7, (1L << 60) + 1)),
            Sent(folder, "b", SampleCounts.Of(("ecg", 100)), Tensors.Longs("decoder.ecg.steps", 3, 1L << 60)),
        ], global, folder["out"]);
        using var file = SafetensorsFile.Open(folder["out"]);
        Assert.Equal([7, (1L << 60) + 1], file.Values<long>("decoder.ecg.steps").ToArray());
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F64)]
    public void Every_floating_type_is_averaged(DType type)
    {
        using var folder = new TemporaryFolder();
        byte[] Of(double value) => type switch
        {
            DType.F16 => BitConverter.GetBytes((Half)value),
            DType.BF16 => BitConverter.GetBytes((float)value)[2..],
            _ => BitConverter.GetBytes(value),
        };
        var global = Model(folder["global"], TensorData.Of("shared", type, [], Of(0)));
        Aggregation.Run(Plan(), [
            Sent(folder, "a", SampleCounts.Of(("ecg", 1)), TensorData.Of("shared", type, [], Of(1))),
            Sent(folder, "b", SampleCounts.Of(("ecg", 3)), TensorData.Of("shared", type, [], Of(-3))),
        ], global, folder["out"]);
        using var file = SafetensorsFile.Open(folder["out"]);
        Assert.Equal(Of(-2), file.Bytes("shared").ToArray());
    }

    // The mean lies above the middle of two neighbours by less than a 32-bit float can tell.
    [Fact]
    public void A_mean_is_rounded_to_bfloat16_once()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], TensorData.Of("shared", DType.BF16, [], new byte[] { 0, 0 }));
        Aggregation.Run(Plan(), [
            Sent(folder, "a", SampleCounts.Of(("ecg", 40_000)), TensorData.Of("shared", DType.BF16, [], new byte[] { 0x80, 0x3F })),
            Sent(folder, "b", SampleCounts.Of(("ecg", 40_001)), TensorData.Of("shared", DType.BF16, [], new byte[] { 0x81, 0x3F })),
        ], global, folder["out"]);
        using var file = SafetensorsFile.Open(folder["out"]);
        Assert.Equal([0x81, 0x3F], file.Bytes("shared").ToArray());
    }

    [Fact]
    public void A_contribution_without_a_tensor_it_votes_on_is_named()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats("decoder.ecg.w", [1], 1));
        var lacking = Sent(folder, "a", SampleCounts.Of(("ecg", 1)), Tensors.Floats("other", [1], 1));
        var error = Assert.Throws<SafetensorsException>(() => Aggregation.Run(Plan(), [lacking], global, folder["out"]));
        using var file = lacking.Open();
        Assert.Equal((file.FilePath, "decoder.ecg.w"), (error.File, error.Tensor));
        Assert.DoesNotContain("out", folder.Names);
    }

    [Fact]
    public void An_unknown_strategy_is_answered_with_the_known_ones()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats("shared", [1], 1));
        var error = Assert.Throws<UnknownNameException>(() => Aggregation.Run(Plan() with { Strategy = "fedmagic" }, [], global, folder["out"]));
        Assert.Contains("'fedmagic'; known are fedavg, fedprox, fedadam, fedyogi, fedadagrad, clipped-mean", error.Message);
    }

    private static TensorData[] Whole(params float[] values) =>
    [
        Tensors.Floats("encoder.image.w", [1], values[0]), Tensors.Floats("decoder.xray.w", [1], values[1]),
        Tensors.Floats("decoder.ecg.w", [1], values[2]), Tensors.Floats("shared", [1], values[3]),
    ];
}
