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
    public void A_tensor_the_model_does_not_have_is_named() => Assert.StartsWith("extra is not expected", Refusal(Ecg, Images, Steps, Tensors.Floats("extra", [1], 1)));

    [Fact]
    public void A_task_that_trains_nothing_is_named() =>
        Assert.Contains("task sepsis", UpdateCheck.Refusal(Model("global", Ecg), Model("update", Ecg), SampleCounts.Of(("sepsis", 1)), Parts));

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(long.MaxValue)]
    public void A_count_no_hospital_has_is_refused(long count) =>
        Assert.Contains($"counts {count} samples", UpdateCheck.Refusal(Model("global", Ecg), Model("update", Ecg), SampleCounts.Of(("ecg", count)), Parts));

    [Fact]
    public void An_update_without_samples_is_refused() =>
        Assert.Contains("no samples", UpdateCheck.Refusal(Model("global", Ecg), Model("update", Ecg), SampleCounts.None, Parts));

    [Fact]
    public void A_file_that_is_none_is_refused_with_the_place()
    {
        string global = Model("global", Ecg, Images, Steps);
        File.WriteAllBytes(_folder["update"], File.ReadAllBytes(global)[..^1]);
        Assert.Contains("tensor 'steps' at byte", UpdateCheck.Refusal(global, _folder["update"], SampleCounts.Of(("ecg", 1)), Parts));
    }

    [Fact]
    public void The_first_number_that_is_none_is_found_anywhere() =>
        Gen.Select(Gen.Int[1, 200_000], Gen.Double[0, 1], Gen.OneOf(Gen.Const(float.NaN), Gen.Const(float.PositiveInfinity), Gen.Const(float.NegativeInfinity))).Sample((length, share, value) =>
        {
            float[] values = new float[length];
            int first = (int)(share * (length - 1));
            string global = Model("global", Tensors.Floats("decoder.ecg.w", [length], values));
            values[first] = values[^1] = value;
            string? refusal = UpdateCheck.Refusal(global, Model("update", Tensors.Floats("decoder.ecg.w", [length], values)), SampleCounts.Of(("ecg", 1)), Parts);
            Assert.Equal($"decoder.ecg.w holds NaN or infinity, first at element {first} of [{length}]", refusal);
        }, iter: 20, threads: 1);

    private string? Refusal(params TensorData[] update) =>
        UpdateCheck.Refusal(Model("global", Ecg, Image, Images, Steps), Model("update", update), SampleCounts.Of(("ecg", 3)), Parts);

    private string Model(string name, params TensorData[] tensors)
    {
        SafetensorsWriter.Write(_folder[name], tensors);
        return _folder[name];
    }
}
