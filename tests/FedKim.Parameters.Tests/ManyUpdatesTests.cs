using CsCheck;
using FedKim.Rounds;
using static FedKim.Parameters.Tests.Given;

namespace FedKim.Parameters.Tests;

/// <summary>More updates than are open at once.</summary>
public sealed class ManyUpdatesTests
{
    private const string Weight = "encoder.image.w", Steps = "decoder.ecg.steps";

    // Two pieces and an odd rest, one piece of two tensors.
    private static readonly Gen<int> Lengths = Gen.OneOf(Gen.Const(70_001), Gen.Int[1, 100]);

    [Fact]
    public void Many_updates_are_summed_in_client_order_to_the_bit() => Gen.Select(Gen.Int[60, 85], Lengths, Gen.Int[1, 1000]).Sample((clients, length, factor) =>
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [length], new float[length]), Tensors.Longs(Steps, 1, 1), Tensors.Floats("decoder.ecg.w", [1], 7));
        float[][] sent = [.. Enumerable.Range(0, clients).Select(c => Enumerable.Range(0, length).Select(i => (float)Math.Sin(c * factor + i)).ToArray())];
        // Nobody has an ECG but every third.
        ClientUpdate[] updates =
        [
            .. sent.Select((values, c) => Sent(
                folder, $"c{c:000}", c % 3 == 0 ? SampleCounts.Of(("xray", c + 1), ("ecg", 1)) : SampleCounts.Of(("xray", c + 1)),
                Tensors.Floats(Weight, [length], values), Tensors.Longs(Steps, c, -c), Tensors.Floats("decoder.ecg.w", [1], c))),
        ];

        Aggregation.Run(Plan(), [.. updates.Reverse()], global, folder["out"]);

        using var file = SafetensorsFile.Open(folder["out"]);
        double total = Enumerable.Range(1, clients).Sum();
        float[] mean = [.. Enumerable.Range(0, length).Select(i => (float)(sent.Select((values, c) => (c + 1) * (double)values[i]).Aggregate(-0.0, (sum, v) => sum + v) / total))];
        Assert.Equal(mean, file.Values<float>(Weight).ToArray());
        Assert.Equal([(clients - 1) / 3 * 3, 0], file.Values<long>(Steps).ToArray());
        Assert.Equal((float)Enumerable.Range(0, clients).Where(c => c % 3 == 0).Average(), file.Values<float>("decoder.ecg.w")[0]);
    }, iter: 20);

    [Fact]
    public void Few_of_many_updates_are_open_at_once_and_each_once()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [1], 0));
        var file = Model(folder["update"], Tensors.Floats(Weight, [1], 3));
        int opened = 0, open = 0, most = 0;
        ClientUpdate[] updates = [.. Enumerable.Range(0, 1000).Select(c => new ClientUpdate(new ClientId($"c{c}"), () =>
        {
            Interlocked.Increment(ref opened);
            most = Math.Max(most, Interlocked.Increment(ref open));
            return SafetensorsReader.Open(new Counted(VerifiedBytes.Open(file), () => Interlocked.Decrement(ref open)));
        }, SampleCounts.Of(("xray", 1))))];

        Aggregation.Run(Plan(), updates, global, folder["out"]);

        Assert.Equal((1000, 0), (opened, open));
        Assert.InRange(most, 1, 8);
    }

    [Fact]
    public void A_damaged_one_of_many_updates_is_named_and_leaves_no_aggregate()
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [1], 0));
        WeightFile good = Model(folder["good"], Tensors.Floats(Weight, [1], 3)), bad = Model(folder["bad"], Tensors.Floats(Weight, [1], 4));
        byte[] bytes = File.ReadAllBytes(bad.Path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(bad.Path, bytes);
        ClientUpdate[] updates = [.. Enumerable.Range(0, 100).Select(c => new ClientUpdate(new ClientId($"c{c:000}"), c == 90 ? bad : good, SampleCounts.Of(("xray", 1))))];

        Assert.Equal(bad.Digest, Assert.Throws<DamagedException>(() => Aggregation.Run(Plan(), updates, global, folder["out"])).Digest);
        Assert.Equal(["bad", "global", "good"], folder.Names.Order());
    }

    private sealed class Counted(IByteSource bytes, Action closed) : IByteSource
    {
        public string FilePath => bytes.FilePath;

        public long Length => bytes.Length;

        public int Read(Span<byte> target, long offset) => bytes.Read(target, offset);

        public void Verify() => bytes.Verify();

        public void Dispose()
        {
            bytes.Dispose();
            closed();
        }
    }
}
