using CsCheck;
using FedKim.Rounds;
using static FedKim.Parameters.Tests.Given;

namespace FedKim.Parameters.Tests;

/// <summary>What a disk does to a byte never reaches a result, and nobody is blamed for it.</summary>
public sealed class DamageTests
{
    private const string Weight = "encoder.image.w";

    // Where in a file, as a part of its length, and which bit.
    private static readonly Gen<(double At, int Bit)> Flips = Gen.Select(Gen.Double[0, 0.999999], Gen.Int[0, 7]);

    private static readonly FederationPlan Adaptive = Plan() with { Strategy = "fedadam", ServerOptimizer = Aggregation.Recommended("fedadam") };

    [Fact]
    public void A_byte_flipped_in_any_input_of_a_sum_names_that_input_and_leaves_no_aggregate() => Gen.Select(Flips, Gen.Int[0, 3], Gen.Bool).Sample((flip, which, adaptive) =>
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [3], 1, 2, 3), Tensors.Longs("decoder.xray.steps", 1));
        WeightFile one = Update("a", 4), two = Update("b", 5);
        var last = new WeightFile(folder["last"], Aggregation.Run(Adaptive, [Of("a", one)], global, folder["last"]));
        var damaged = which switch { 0 => global, 1 => one, 2 => two, _ => last };
        Flip(damaged, flip);
        if (which == 3 && !adaptive)
            return;

        var error = Assert.Throws<DamagedException>(() =>
            Aggregation.Run(adaptive ? Adaptive : Plan(), [Of("a", one), Of("b", two)], global, folder["out"], adaptive ? last : null));

        Assert.Equal(damaged.Digest, error.Digest);
        Assert.DoesNotContain(folder["out"], error.Message);
        Assert.DoesNotContain("out", folder.Names);
        Assert.DoesNotContain("out.tmp", folder.Names);

        WeightFile Update(string name, float value) => Model(folder[name], Tensors.Floats(Weight, [3], value, value, value), Tensors.Longs("decoder.xray.steps", 2));
    }, iter: 300);

    [Theory]
    [InlineData(1e9)]
    [InlineData(double.PositiveInfinity)]
    public void A_good_update_is_never_refused_for_a_byte_that_a_disk_flipped(double bound) => Gen.Select(Flips, Gen.Bool).Sample((flip, ofGlobal) =>
    {
        using var folder = new TemporaryFolder();
        var global = Model(folder["global"], Tensors.Floats(Weight, [2], 1, 2), Tensors.Floats("decoder.xray.w", [1], 3));
        var update = Model(folder["update"], Tensors.Floats(Weight, [2], 2, 3), Tensors.Floats("decoder.xray.w", [1], 4));
        Flip(ofGlobal ? global : update, flip);
        try
        {
            Assert.Null(UpdateCheck.Refusal(global, () => SafetensorsReader.Open(update), SampleCounts.Of(("xray", 1)), Plan().Parts, bound));
        }
        catch (DamagedException e)
        {
            Assert.Equal((ofGlobal ? global : update).Digest, e.Digest);
        }
    }, iter: 300);

    [Fact]
    public void A_file_opened_by_its_digest_is_that_file_or_is_not_opened() => Flips.Sample(flip =>
    {
        using var folder = new TemporaryFolder();
        var file = Model(folder["m"], Tensors.Floats("a", [3], 1, 2, 3));
        using (var whole = SafetensorsFile.Open(file))
            Assert.Equal([1, 2, 3], whole.Values<float>("a").ToArray());
        Flip(file, flip);
        Assert.Equal(file.Digest, Assert.Throws<DamagedException>(() => SafetensorsFile.Open(file)).Digest);
        File.Delete(file.Path);
        Assert.Contains("gone", Assert.Throws<DamagedException>(() => SafetensorsFile.Open(file)).Message);
    }, iter: 100);

    [Fact]
    public void Bytes_read_in_any_order_are_compared_all_of_them() => Gen.Select(Flips, Gen.Int[0, 100].Array[0, 5], Gen.Bool).Sample((flip, reads, onTheWay) =>
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["m"], [.. Enumerable.Range(0, 100).Select(i => (byte)i)]);
        var file = new WeightFile(folder["m"], Digests.OfFile(folder["m"]));
        Read().Verify();
        Flip(file, flip);
        Assert.Throws<DamagedException>(() => Read().Verify());

        VerifiedBytes Read()
        {
            var bytes = VerifiedBytes.Open(file, onTheWay);
            foreach (int at in reads)
                bytes.Read(new byte[30], at);
            return bytes;
        }
    }, iter: 200);

    private static ClientUpdate Of(string client, WeightFile file) => new(new ClientId(client), file, SampleCounts.Of(("xray", 1)));

    private static void Flip(WeightFile file, (double At, int Bit) flip)
    {
        byte[] bytes = File.ReadAllBytes(file.Path);
        bytes[(int)(flip.At * bytes.Length)] ^= (byte)(1 << flip.Bit);
        File.WriteAllBytes(file.Path, bytes);
    }
}
