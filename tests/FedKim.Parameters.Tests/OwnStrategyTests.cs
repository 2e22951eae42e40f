using CsCheck;
using FedKim.Parameters.Strategies;
using FedKim.Rounds;
using OwnPackage;
using static FedKim.Parameters.Tests.Given;

namespace FedKim.Parameters.Tests;

/// <summary>Strategies that no part of FedKim knows: the sample's, one that keeps something, and some that break.</summary>
public sealed class OwnStrategyTests
{
    private const string Weight = "encoder.image.w";

    private static readonly ServerOptimizer Constants = new(1, 0, 0, 1);

    static OwnStrategyTests()
    {
        foreach (var own in (IStrategy[])[new TrimmedMean(), new Momentum(), new Breaks(), new Overflows(), new Peeks(), new Lacks(), new Keeping("dotted", "m.1"), new Keeping("doubled", "m", "m")])
            Aggregation.Strategies.Add(own);
    }

    [Fact]
    public void The_trimmed_mean_is_the_mean_of_what_is_left_of_each_value() => Gen.Select(Gen.Float[-1e6f, 1e6f].Array[37].Array[1, 12], Gen.Long[1, 1000])
        .Sample((sent, samples) =>
    {
        using var folder = new TemporaryFolder();
        float[] values = Aggregated(folder, "trimmed-mean", sent, samples);

        int cut = sent.Length / 5;
        for (int i = 0; i < 37; i++)
        {
            double[] left = [.. sent.Select(update => (double)update[i]).Order().Skip(cut).SkipLast(cut)];
            Assert.Equal((float)(left.Aggregate((sum, value) => sum + value) / left.Length), values[i]);
        }
    }, iter: 50);

    [Fact]
    public void A_site_that_errs_by_far_moves_the_trimmed_mean_nowhere()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal([3f], Aggregated(folder, "trimmed-mean", [[1], [2], [3], [4], [1e30f]], 1));
    }

    // So many clients' values are not held at once of a whole tile.
    [Fact]
    public void A_large_model_of_many_clients_goes_through_to_its_last_value()
    {
        using var folder = new TemporaryFolder();
        float[][] sent = [.. Enumerable.Range(0, 40).Select(client => Enumerable.Range(0, 50_003).Select(i => (float)(i + client)).ToArray())];
        Assert.Equal([.. Enumerable.Range(0, 50_003).Select(i => i + 19.5f)], Aggregated(folder, "trimmed-mean", sent, 1));
    }

    [Fact]
    public void The_order_of_arrival_does_not_matter() =>
        Gen.Float[-10, 10].Array[37].Array[2, 7].SelectMany(sent => Gen.Shuffle(Enumerable.Range(0, sent.Length).ToArray()).Select(order => (sent, order))).Sample(x =>
        {
            using var folder = new TemporaryFolder();
            var global = Model(folder["global"], Tensors.Floats(Weight, [37], new float[37]));
            var updates = Updates(folder, x.sent, 3);
            var plan = Plan() with { Strategy = "trimmed-mean" };
            Assert.Equal(
                Aggregation.Run(plan, updates, global, folder["a"]),
                Aggregation.Run(plan, [.. x.order.Select(i => updates[i])], global, folder["b"]));
        }, iter: 30);

    [Fact]
    public void What_a_strategy_keeps_is_there_in_the_next_round_and_nowhere_else()
    {
        using var folder = new TemporaryFolder();
        var plan = Plan() with { Strategy = "momentum", ServerOptimizer = Constants };
        var global = Model(folder["global"], Tensors.Floats(Weight, [2], 0, 0));
        var updates = Updates(folder, [[2, 4]], 1);
        var first = new WeightFile(folder["first"], Aggregation.Run(plan, updates, global, folder["first"]));
        Aggregation.Run(plan, updates, global, folder["second"], first);

        using var second = SafetensorsFile.Open(folder["second"]);
        Assert.Equal([4f, 8f], second.Values<float>(Weight).ToArray());
        Assert.Equal([4f, 8f], second.Values<float>($"server.velocity.{Weight}").ToArray());
        Assert.Equal([$"server.velocity.{Weight}"], second.Tensors.Keys.Where(ServerMoments.Is));
    }

    [Fact]
    public void A_strategy_that_breaks_is_named_with_the_tensor_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<StrategyException>(() => Aggregated(folder, "breaks", [[1]], 1));
        Assert.StartsWith($"strategy breaks broke at {Weight} (InvalidCastException).", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("out", folder.Names);
    }

    // A file that is missing in the server's folder is waited for; one of a package never comes.
    [Theory]
    [InlineData("lacks", Weight, "FileNotFoundException")]
    [InlineData("dotted", "what it keeps", "ArgumentException")]
    [InlineData("doubled", "what it keeps", "ArgumentException")]
    public void What_a_strategy_lacks_or_names_wrongly_is_its_own_fault(string strategy, string at, string fault)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<StrategyException>(() => Aggregated(folder, strategy, [[1]], 1));
        Assert.StartsWith($"strategy {strategy} broke at {at} ({fault}).", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_is_none_is_refused()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<ArithmeticException>(() => Aggregated(folder, "overflows", [[1]], 1));
        Assert.StartsWith($"{Weight} left the range of F32: strategy overflows gave a value", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("out", folder.Names);
    }

    [Fact]
    public void Who_reads_updates_says_so() => Assert.Contains(
        "SeesUpdates", Assert.Throws<StrategyException>(() =>
        {
            using var folder = new TemporaryFolder();
            Aggregated(folder, "peeks", [[1]], 1);
        }).InnerException!.Message);

    [Theory]
    [InlineData("fedavg", "adds the strategy fedavg, and there is one of this name already.")]
    [InlineData("trimmed-mean", "adds the strategy trimmed-mean, and there is one of this name already.")]
    [InlineData("Trimmed Mean", "adds the strategy \"Trimmed Mean\"; a name has")]
    [InlineData("", "adds the strategy \"\"; a name has")]
    public void A_name_is_taken_once_and_keeps_the_rule(string name, string problem) =>
        Assert.StartsWith(problem, Assert.Throws<ArgumentException>(() => Aggregation.Strategies.Add(new Named(name))).Message, StringComparison.Ordinal);

    private static float[] Aggregated(TemporaryFolder folder, string strategy, float[][] sent, long samples)
    {
        var global = Model(folder["global"], Tensors.Floats(Weight, [sent[0].Length], new float[sent[0].Length]));
        Aggregation.Run(Plan() with { Strategy = strategy, ServerOptimizer = Constants }, Updates(folder, sent, samples), global, folder["out"]);
        using var file = SafetensorsFile.Open(folder["out"]);
        return file.Values<float>(Weight).ToArray();
    }

    private static ClientUpdate[] Updates(TemporaryFolder folder, float[][] sent, long samples) =>
        [.. sent.Select((values, i) => Sent(folder, $"hospital-{i}", SampleCounts.Of(("xray", samples)), Tensors.Floats(Weight, [values.Length], values)))];

    private sealed class Momentum : IStrategy
    {
        public string Name => "momentum";

        public ServerOptimizer? Recommended => Constants;

        public IReadOnlyList<KeptTensor> Keeps(ServerOptimizer constants) => [new("velocity", 0)];

        public void Combine(Tile tile)
        {
            var change = tile.TakeChange();
            var velocity = tile.Kept(0);
            for (int i = 0; i < change.Length; i++)
                change[i] = velocity[i] += change[i];
            tile.AddStart();
        }
    }

    private sealed class Breaks : IStrategy
    {
        public string Name => "breaks";

        public void Combine(Tile tile) => throw new InvalidCastException("of its own");
    }

    private sealed class Lacks : IStrategy
    {
        public string Name => "lacks";

        public void Combine(Tile tile) => throw new FileNotFoundException("Could not load file or assembly 'Helper'.");
    }

    private sealed class Keeping(string name, params string[] kept) : IStrategy
    {
        public string Name => name;

        public ServerOptimizer? Recommended => Constants;

        public IReadOnlyList<KeptTensor> Keeps(ServerOptimizer constants) => [.. kept.Select(k => new KeptTensor(k, 0))];

        public void Combine(Tile tile) => tile.TakeChange();
    }

    private sealed class Overflows : IStrategy
    {
        public string Name => "overflows";

        public void Combine(Tile tile) => tile.Values[0] = 1e300;
    }

    private sealed class Peeks : IStrategy
    {
        public string Name => "peeks";

        public void Combine(Tile tile) => _ = tile.Update(0);
    }

    private sealed class Named(string name) : IStrategy
    {
        public string Name => name;

        public void Combine(Tile tile)
        {
        }
    }
}
