using CsCheck;
using FedKim.Rounds;
using static FedKim.Parameters.Tests.Given;

namespace FedKim.Parameters.Tests;

/// <summary>FedAdam, FedYogi and FedAdagrad, against the formulas of the paper computed one element after another.</summary>
public sealed class AdaptiveStrategyTests
{
    private const string Weight = "encoder.image.w";

    private static readonly string[] Strategies = ["fedadam", "fedyogi", "fedadagrad"];

    private static readonly ServerOptimizer Constants = new(0.01, 0.9, 0.99, 0.001);

    // Longer than any vector and no multiple of one.
    private static readonly Gen<float[]> Values = Gen.Float[-10, 10].Array[37];

    private static readonly Gen<ServerOptimizer> AnyConstants =
        Gen.Select(Gen.Double[0.001, 10], Gen.Double[0, 0.999], Gen.Double[0, 0.999], Gen.Double[1e-6, 1], (rate, beta1, beta2, tau) =>
            new ServerOptimizer(rate, beta1, beta2, tau));

    private static readonly Gen<(float[] Start, (float[] Values, long Samples)[] Clients)> Round =
        Gen.Select(Values, Gen.Select(Values, Gen.Long[1, 1_000_000]).Array[1, 5]);

    [Fact]
    public void Three_rounds_of_every_rule_are_those_of_a_scalar_reference() => Gen.Select(Gen.OneOf<string>(Strategies), AnyConstants, Round.Array[3])
        .Sample((strategy, constants, rounds) =>
    {
        using var folder = new TemporaryFolder();
        float[] first = new float[37], second = [.. Enumerable.Repeat((float)(constants.Tau * constants.Tau), 37)];
        WeightFile? last = null;
        foreach (var (number, (start, clients)) in rounds.Index())
        {
            var global = Model(folder["global"], Tensors.Floats(Weight, [37], start));
            string output = folder[$"aggregate-{number}"];
            var aggregate = Aggregation.Run(
                Adaptive(strategy, constants), [.. clients.Select((c, i) => Sent(folder, $"hospital-{i}", SampleCounts.Of(("xray", c.Samples)), Tensors.Floats(Weight, [37], c.Values)))],
                global, output, last);

            double samples = clients.Sum(c => c.Samples);
            using var file = SafetensorsFile.Open(output);
            for (int i = 0; i < 37; i++)
            {
                double delta = clients.Sum(c => c.Samples * ((double)c.Values[i] - start[i])) / samples;
                var (m, v, step) = Reference(strategy, constants, delta, first[i], second[i]);
                Near(m, file.Values<float>($"server.m.{Weight}")[i], scale: Math.Abs(delta) + Math.Abs(first[i]));
                Near(v, file.Values<float>($"server.v.{Weight}")[i], scale: (delta * delta) + second[i]);
                Near(start[i] + step, file.Values<float>(Weight)[i], scale: Math.Abs(start[i]) + Math.Abs(step));
                Assert.True(file.Values<float>($"server.v.{Weight}")[i] >= 0);
            }

            (first, second) = (file.Values<float>($"server.m.{Weight}").ToArray(), file.Values<float>($"server.v.{Weight}").ToArray());
            last = new WeightFile(output, aggregate);
        }
    }, iter: 50);

    [Fact]
    public void The_order_of_arrival_does_not_matter() => Gen.Select(Gen.OneOf<string>(Strategies), Round).Sample((strategy, round) =>
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [37], round.Start));
        ClientUpdate[] updates = [.. round.Clients.Select((c, i) => Sent(folder, $"hospital-{i}", SampleCounts.Of(("xray", c.Samples)), Tensors.Floats(Weight, [37], c.Values)))];
        var last = Aggregated(folder, Adaptive(strategy), updates, global, "last");
        var once = Aggregation.Run(Adaptive(strategy), updates, global, folder["a"], last);
        var again = Aggregation.Run(Adaptive(strategy), [.. updates.Reverse()], global, folder["b"], last);
        Assert.Equal(once, again);
        Assert.Equal(once, Digests.OfFile(folder["a"]));
    }, iter: 30);

    // So that a processor with wider vectors computes the same bits.
    [Fact]
    public void An_elements_step_depends_on_no_other_element() => Gen.Select(Gen.OneOf<string>(Strategies), Values, Values).Sample((strategy, start, sent) =>
    {
        using var folder = new TemporaryFolder();
        var whole = Aggregated(
            folder, Adaptive(strategy), [Sent(folder, "a", SampleCounts.Of(("xray", 3)), Tensors.Floats(Weight, [37], sent))],
            Model(folder["global"], Tensors.Floats(Weight, [37], start)), "whole");
        var apart = Aggregated(
            folder, Adaptive(strategy), [Sent(folder, "b", SampleCounts.Of(("xray", 3)), [.. sent.Select((x, i) => Tensors.Floats($"{Weight}.{i:00}", [1], x))])],
            Model(folder["apart"], [.. start.Select((x, i) => Tensors.Floats($"{Weight}.{i:00}", [1], x))]), "parts");
        using var one = SafetensorsFile.Open(whole);
        using var many = SafetensorsFile.Open(apart);
        foreach (string prefix in (string[])["", "server.m.", "server.v."])
            Assert.Equal(one.Values<float>(prefix + Weight).ToArray(), Enumerable.Range(0, 37).Select(i => many.Values<float>($"{prefix}{Weight}.{i:00}")[0]));
    }, iter: 30);

    [Fact]
    public void Where_nothing_changed_the_model_stays_the_same() => Gen.Select(Gen.OneOf<string>(Strategies), Values).Sample((strategy, start) =>
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [37], start));
        var output = Aggregated(folder, Adaptive(strategy), [new ClientUpdate(new ClientId("a"), global, SampleCounts.Of(("xray", 5)))], global, "out");
        using var file = SafetensorsFile.Open(output);
        Assert.Equal(start, file.Values<float>(Weight).ToArray());
        Assert.All(file.Values<float>($"server.m.{Weight}").ToArray(), m => Assert.Equal(0, m));
    }, iter: 30);

    // v starts at τ² and stays near it, so that the step is η Δ / 2τ.
    [Fact]
    public void With_a_tau_beyond_all_changes_and_a_rate_of_twice_that_fedadagrad_is_fedavg() => Round.Sample(round =>
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [37], round.Start));
        ClientUpdate[] updates = [.. round.Clients.Select((c, i) => Sent(folder, $"hospital-{i}", SampleCounts.Of(("xray", c.Samples)), Tensors.Floats(Weight, [37], c.Values)))];
        using var mean = SafetensorsFile.Open(Aggregated(folder, Plan(), updates, global, "mean"));
        using var stepped = SafetensorsFile.Open(Aggregated(folder, Adaptive("fedadagrad", new ServerOptimizer(2e6, 0, 0, 1e6)), updates, global, "stepped"));
        for (int i = 0; i < 37; i++)
            Near(mean.Values<float>(Weight)[i], stepped.Values<float>(Weight)[i], scale: 20);
    }, iter: 30);

    [Theory]
    [InlineData("fedadam")]
    [InlineData("fedyogi")]
    [InlineData("fedadagrad")]
    public void Moments_that_are_lost_are_missed(string strategy)
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [2], 1, 2));
        ClientUpdate[] updates = [Sent(folder, "a", SampleCounts.Of(("xray", 1)), Tensors.Floats(Weight, [2], 1.5f, 1))];
        var last = Aggregated(folder, Adaptive(strategy), updates, global, "last");
        Assert.NotEqual(
            Aggregation.Run(Adaptive(strategy), updates, global, folder["kept"], last),
            Aggregation.Run(Adaptive(strategy), updates, global, folder["lost"]));
    }

    [Fact]
    public void A_part_that_nobody_votes_on_keeps_its_model_and_moments()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats("decoder.ecg.w", [1], 9), Tensors.Floats(Weight, [1], 9));
        var both = Sent(folder, "a", SampleCounts.Of(("ecg", 1), ("xray", 1)), Tensors.Floats("decoder.ecg.w", [1], 7), Tensors.Floats(Weight, [1], 7));
        var one = Sent(folder, "b", SampleCounts.Of(("xray", 1)), Tensors.Floats(Weight, [1], 7));

        using var fresh = SafetensorsFile.Open(Aggregated(folder, Adaptive("fedadam"), [one], global, "fresh"));
        Assert.Equal((9f, 0f, 1e-6f), Of(fresh, "decoder.ecg.w"));

        var last = Aggregated(folder, Adaptive("fedadam"), [both], global, "last");
        using var before = SafetensorsFile.Open(last);
        using var after = SafetensorsFile.Open(Aggregated(folder, Adaptive("fedadam"), [one], global, "after", last));
        var (_, first, second) = Of(before, "decoder.ecg.w");
        Assert.True(first < 0 && second > 1e-6f);
        Assert.Equal((9f, first, second), Of(after, "decoder.ecg.w"));
        Assert.NotEqual(Of(before, Weight), Of(after, Weight));
    }

    [Fact]
    public void Statistics_of_normalisation_layers_and_counters_are_no_steps_and_have_no_moments()
    {
        using var folder = new TemporaryFolder();
        TensorData[] Norm(float mean, float variance, long batches) =>
        [
            Tensors.Floats("encoder.image.norm.running_mean", [1], mean), Tensors.Floats("encoder.image.norm.running_var", [1], variance),
            Tensors.Longs("encoder.image.norm.num_batches_tracked", batches), Tensors.Floats("encoder.image.norm.weight", [1], mean),
        ];
        var global = Model(folder["global"], Norm(0, 0.5f, 1));
        using var file = SafetensorsFile.Open(Aggregated(folder, Adaptive("fedadam", Constants with { LearningRate = 100 }), [
            Sent(folder, "a", SampleCounts.Of(("xray", 1)), Norm(4, 0.25f, 7)), Sent(folder, "b", SampleCounts.Of(("xray", 3)), Norm(8, 0.25f, 5)),
        ], global, "out"));
        Assert.Equal(7f, file.Values<float>("encoder.image.norm.running_mean")[0]);
        Assert.Equal(0.25f, file.Values<float>("encoder.image.norm.running_var")[0]);
        Assert.Equal(7L, file.Values<long>("encoder.image.norm.num_batches_tracked")[0]);
        Assert.NotEqual(7f, file.Values<float>("encoder.image.norm.weight")[0]);
        Assert.Equal(["server.m.encoder.image.norm.weight", "server.v.encoder.image.norm.weight"], file.Tensors.Keys.Where(ServerMoments.Is));
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F64)]
    public void Every_floating_type_is_stepped_with_moments_of_32_bits(DType type)
    {
        using var folder = new TemporaryFolder();
        byte[] Of(double value) => type switch
        {
            DType.F16 => BitConverter.GetBytes((Half)value),
            DType.BF16 => BitConverter.GetBytes((float)value)[2..],
            _ => BitConverter.GetBytes(value),
        };
        // Sorts behind the moments, which are written at the same time.
        var global = Model(folder["global"], TensorData.Of("shared", type, [], Of(1)));
        using var file = SafetensorsFile.Open(Aggregated(
            folder, Adaptive("fedadam", new ServerOptimizer(4, 0, 0, 1)), [Sent(folder, "a", SampleCounts.Of(("ecg", 1)), TensorData.Of("shared", type, [], Of(4)))], global, "out"));
        // Δ = 3, √v + τ = 4.
        Assert.Equal(Of(4), file.Bytes("shared").ToArray());
        Assert.Equal((3f, 9f), (file.Values<float>("server.m.shared")[0], file.Values<float>("server.v.shared")[0]));
    }

    [Fact]
    public void A_model_of_many_tiles_is_stepped_to_its_last_element_from_moments_of_as_many()
    {
        using var folder = new TemporaryFolder();
        float[] ramp = [.. Enumerable.Range(0, 100_003).Select(i => i / 1000f)];
        var plan = Adaptive("fedadam", new ServerOptimizer(1, 0.5, 0.5, 1));
        var global = Model(folder["global"], Tensors.Floats(Weight, [100_003], new float[100_003]));
        ClientUpdate[] updates = [Sent(folder, "a", SampleCounts.Of(("xray", 1)), Tensors.Floats(Weight, [100_003], ramp))];
        var last = Aggregated(folder, plan, updates, global, "last");
        using var file = SafetensorsFile.Open(Aggregated(folder, plan, updates, global, "out", last));
        float[] first = file.Values<float>($"server.m.{Weight}").ToArray();
        for (int i = 0; i < ramp.Length; i++)
            Near(0.75 * ramp[i], first[i], scale: ramp[i]);
    }

    [Theory]
    [InlineData("server.v.encoder.image.w", "the file holds no such tensor")]
    [InlineData("server.m.encoder.image.w", "expected F32 [1]")]
    public void A_last_aggregate_without_a_fitting_moment_is_named(string tensor, string problem)
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [1], 1));
        var last = tensor.StartsWith("server.v", StringComparison.Ordinal)
            ? Model(folder["last"], Tensors.Floats("server.m.encoder.image.w", [1], 0))
            : Model(folder["last"], Tensors.Floats("server.m.encoder.image.w", [2], 0, 0), Tensors.Floats("server.v.encoder.image.w", [1], 1));
        var update = Sent(folder, "a", SampleCounts.Of(("xray", 1)), Tensors.Floats(Weight, [1], 2));
        var error = Assert.Throws<SafetensorsException>(() => Aggregation.Run(Adaptive("fedadam"), [update], global, folder["out"], last));
        Assert.Equal((last.Path, tensor), (error.File, error.Tensor));
        Assert.Contains(problem, error.Message);
        Assert.DoesNotContain("out", folder.Names);
        Assert.DoesNotContain("out.tmp", folder.Names);
    }

    [Theory]
    [InlineData(1e30f, "server.v.encoder.image.w")]
    [InlineData(3f, "encoder.image.w")]
    public void A_step_out_of_all_bounds_is_told_with_its_remedy_and_leaves_no_aggregate(float sent, string tensor)
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [1], 1));
        var update = Sent(folder, "a", SampleCounts.Of(("xray", 1)), Tensors.Floats(Weight, [1], sent));
        var error = Assert.Throws<ArithmeticException>(() => Aggregation.Run(Adaptive("fedadam", Constants with { LearningRate = 1e40 }), [update], global, folder["out"]));
        Assert.StartsWith($"{tensor} left the range of F32", error.Message);
        Assert.Contains("update-checks.max-norm", error.Message);
        Assert.Equal(tensor == "encoder.image.w", error.Message.Contains("server-optimizer.learning-rate", StringComparison.Ordinal));
        Assert.DoesNotContain("out", folder.Names);
        Assert.DoesNotContain("out.tmp", folder.Names);
    }

    [Fact]
    public void An_adaptive_plan_without_constants_is_refused()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [1], 1));
        Assert.Contains("fedadam needs", Assert.Throws<ArgumentException>(() =>
            Aggregation.Run(Adaptive("fedadam") with { ServerOptimizer = null }, [], global, folder["out"])).Message);
    }

    [Fact]
    public void Recommended_are_the_constants_of_the_adaptive_strategies_alone() =>
        Assert.Equal(Strategies, Aggregation.Strategies.All.Where(s => s.Recommended is not null).Select(s => s.Name).Take(Strategies.Length));

    private static FederationPlan Adaptive(string strategy, ServerOptimizer? constants = null) =>
        Plan() with { Strategy = strategy, ServerOptimizer = constants ?? Constants };

    private static WeightFile Aggregated(
        TemporaryFolder folder, FederationPlan plan, IReadOnlyList<ClientUpdate> updates, WeightFile global, string name, WeightFile? last = null)
    {
        return new WeightFile(folder[name], Aggregation.Run(plan, updates, global, folder[name], last));
    }

    private static (float Model, float First, float Second) Of(SafetensorsFile file, string tensor) =>
        (file.Values<float>(tensor)[0], file.Values<float>($"server.m.{tensor}")[0], file.Values<float>($"server.v.{tensor}")[0]);

    private static (double First, double Second, double Step) Reference(string strategy, ServerOptimizer o, double delta, double m, double v)
    {
        double square = delta * delta;
        m = (o.Beta1 * m) + ((1 - o.Beta1) * delta);
        v = strategy switch
        {
            "fedadagrad" => v + square,
            "fedyogi" => v - ((1 - o.Beta2) * square * Math.Sign(v - square)),
            _ => (o.Beta2 * v) + ((1 - o.Beta2) * square),
        };
        return (m, v, o.LearningRate * m / (Math.Sqrt(v) + o.Tau));
    }

    // What is smaller than any float may be nothing.
    private static void Near(double expected, double actual, double scale) =>
        Assert.Equal(expected, actual, (1e-6 * scale) + float.Epsilon);
}
