using System.Collections.Immutable;
using CsCheck;
using FedKim.Rounds;

namespace FedKim.Parameters.Tests;

public sealed class UpdateCheckTests : IDisposable
{
    private static readonly ImmutableSortedDictionary<string, ImmutableArray<string>> Parts = new Dictionary<string, ImmutableArray<string>>
    {
        ["decoder.ecg"] = ["ecg"],
        ["encoder.image"] = ["xray"],
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static readonly TensorData Ecg = Tensors.Floats("decoder.ecg.w", [2, 2], 1, 2, 3, 4);
    private static readonly TensorData Image = Tensors.Floats("encoder.image.w", [2], 1, 2);
    private static readonly TensorData Images = Tensors.Floats("encoder.images", [1], 1);
    private static readonly TensorData Steps = Tensors.Longs("steps", 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_update_of_the_trained_parts_and_the_shared_tensors_is_accepted() => Assert.Null(Refusal(Ecg, Images, Steps));

    [Fact]
    public void A_wrong_shape_is_named() => Assert.Equal("decoder.ecg.w is [4], expected [2, 2]", Refusal(Tensors.Floats("decoder.ecg.w", [4], 1, 2, 3, 4), Images, Steps));

    [Fact]
    public void A_wrong_type_is_named() => Assert.Equal("steps is F32, expected I64", Refusal(Ecg, Images, Tensors.Floats("steps", [1], 1)));

    [Fact]
    public void A_missing_tensor_is_named() => Assert.Equal("decoder.ecg.w is missing, expected F32 [2, 2]", Refusal(Images, Steps));

    [Fact]
    public void A_tensor_of_a_part_the_site_did_not_train_is_named() => Assert.StartsWith("encoder.image.w is not expected", Refusal(Ecg, Image, Images, Steps));

    [Fact]
    public void A_tensor_that_stays_at_the_sites_is_neither_missed_nor_taken()
    {
        var parts = Parts.Add("*.norm", []);
        var norm = Tensors.Floats("decoder.ecg.norm.w", [1], 1);
        var global = Model("global", Ecg, norm);

        Assert.Null(UpdateCheck.Refusal(global, Update(Ecg), SampleCounts.Of(("ecg", 1)), parts));
        Assert.Equal(
            "decoder.ecg.norm.w is not expected: it stays at the sites (local-tensors has *.norm)",
            UpdateCheck.Refusal(global, Update(Ecg, norm), SampleCounts.Of(("ecg", 1)), parts));
    }

    [Theory]
    [InlineData("*.norm", "encoder.image.norm.weight", true)]
    [InlineData("*.norm", "encoder.image.norm", true)]
    [InlineData("*.norm", "encoder.image.norm1.weight", false)]
    [InlineData("*.norm*", "encoder.image.norm1.weight", true)]
    [InlineData("encoder.image", "encoder.images.w", false)]
    [InlineData("encoder", "encoder.images.w", true)]
    [InlineData("image", "encoder.image.w", false)]
    [InlineData("*.weight", "encoder.image.norm.weight", true)]
    [InlineData("*", "steps", true)]
    public void A_part_owns_what_is_called_so_or_stands_below_it(string part, string tensor, bool owns)
    {
        Assert.Equal(owns, ModelParts.Covers(part, tensor));
        Assert.Equal(owns ? part : null, ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty.Add(part, []).PartOf(tensor));
    }

    [Fact]
    public void A_tensor_the_model_does_not_have_is_named() => Assert.StartsWith("extra is not expected", Refusal(Ecg, Images, Steps, Tensors.Floats("extra", [1], 1)));

    [Fact]
    public void A_task_that_trains_nothing_is_named() =>
        Assert.Contains("task sepsis", UpdateCheck.Refusal(Model("global", Ecg), Update(Ecg), SampleCounts.Of(("sepsis", 1)), Parts));

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(long.MaxValue)]
    public void A_count_no_hospital_has_is_refused(long count) =>
        Assert.Contains($"counts {count} samples", UpdateCheck.Refusal(Model("global", Ecg), Update(Ecg), SampleCounts.Of(("ecg", count)), Parts));

    [Fact]
    public void An_update_without_samples_is_refused() =>
        Assert.Contains("no samples", UpdateCheck.Refusal(Model("global", Ecg), Update(Ecg), SampleCounts.None, Parts));

    [Fact]
    public void A_file_that_is_none_is_refused_with_the_place()
    {
        var global = Model("global", Ecg, Images, Steps);
        File.WriteAllBytes(_folder["update"], File.ReadAllBytes(global.Path)[..^1]);
        Assert.Contains("tensor 'steps' at byte", UpdateCheck.Refusal(global, () => SafetensorsFile.Open(_folder["update"]), SampleCounts.Of(("ecg", 1)), Parts));
    }

    [Fact]
    public void The_first_number_that_is_none_is_found_anywhere() =>
        Gen.Select(Gen.Int[1, 200_000], Gen.Double[0, 1], Gen.OneOf(Gen.Const(float.NaN), Gen.Const(float.PositiveInfinity), Gen.Const(float.NegativeInfinity)))
            .Sample((length, share, value) =>
        {
            float[] values = new float[length];
            int first = (int)(share * (length - 1));
            var global = Model("global", Tensors.Floats("decoder.ecg.w", [length], values));
            values[first] = values[^1] = value;
            string? refusal = UpdateCheck.Refusal(global, Update(Tensors.Floats("decoder.ecg.w", [length], values)), SampleCounts.Of(("ecg", 1)), Parts);
            Assert.Equal($"decoder.ecg.w holds NaN or infinity, first at element {first} of [{length}]", refusal);
        }, iter: 20, threads: 1);

    [Theory]
    [InlineData(5.0, true)]
    [InlineData(4.999, false)]
    public void An_update_farther_from_the_start_than_the_bound_is_refused_with_norm_bound_and_tensor(double bound, bool allowed)
    {
        var global = Model("global", Tensors.Floats("a", [3], 1, 1, 1), Tensors.Floats("b", [1], 2), Tensors.Longs("steps", 1));
        var update = Update(Tensors.Floats("a", [3], 1, 1, 4), Tensors.Floats("b", [1], -2), Tensors.Longs("steps", 1000));

        string? refusal = UpdateCheck.Refusal(global, update, SampleCounts.Of(("ecg", 1)), Parts, bound);

        if (allowed)
            Assert.Null(refusal);
        else
            Assert.StartsWith("its distance from the round's start model is 5 (L2 norm), the federation allows 4.999 (update-checks.max-norm); the largest share, 64", refusal);
        if (!allowed)
            Assert.Contains("is b's", refusal);
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F32)]
    [InlineData(DType.F64)]
    public void The_norm_counts_every_floating_type(DType type)
    {
        byte[] zeros = new byte[type.Width()], ones = type switch
        {
            DType.F16 => BitConverter.GetBytes((Half)1),
            DType.BF16 => [0x80, 0x3f],
            DType.F32 => BitConverter.GetBytes(1f),
            _ => BitConverter.GetBytes(1.0),
        };
        var global = Model("global", TensorData.Of("a", type, [1], zeros));

        Assert.Null(UpdateCheck.Refusal(global, Update(TensorData.Of("a", type, [1], ones)), SampleCounts.Of(("ecg", 1)), Parts, 1));
        Assert.Contains("is 1 (L2 norm)", UpdateCheck.Refusal(global, Update(TensorData.Of("a", type, [1], ones)), SampleCounts.Of(("ecg", 1)), Parts, 0.5));
    }

    private string? Refusal(params TensorData[] update) =>
        UpdateCheck.Refusal(Model("global", Ecg, Image, Images, Steps), Update(update), SampleCounts.Of(("ecg", 3)), Parts);

    private Func<ITensorFile> Update(params TensorData[] tensors)
    {
        var file = Model("update", tensors);
        return () => SafetensorsReader.Open(file);
    }

    private WeightFile Model(string name, params TensorData[] tensors) => Given.Model(_folder[name], tensors);
}
