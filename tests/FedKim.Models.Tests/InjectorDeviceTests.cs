using System.Collections.Immutable;
using FedKim.Models.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace FedKim.Models.Tests;

public sealed class InjectorDeviceTests
{
    [Theory]
    [InlineData("auto", true)]
    [InlineData("cpu", true)]
    [InlineData("cuda:0", true)]
    [InlineData("cuda:11", true)]
    [InlineData("cuda", false)]
    [InlineData("cuda:", false)]
    [InlineData("cuda:-1", false)]
    [InlineData("gpu", false)]
    public void A_device_is_named_as_torch_names_it(string name, bool known) => Assert.Equal(known, InjectorDevice.IsName(name));

    [Fact]
    public void A_device_that_is_not_there_is_told_with_what_is_allowed()
    {
        int found = cuda.is_available() ? cuda.device_count() : 0;
        string problem = new InjectorDevice($"cuda:{found}").Problem()!;
        Assert.Contains($"is \"cuda:{found}\"", problem);
        Assert.Contains("Allowed here are auto", problem);
        Assert.Contains(problem, Assert.Throws<TorchRuntimeException>(() => new InjectorDevice($"cuda:{found}").Open()).Message);
    }

    [Fact]
    public void Auto_is_the_processor_where_there_is_nothing_else()
    {
        if (cuda.is_available()) Assert.Skip("There is a CUDA device here.");
        Assert.Equal(DeviceType.CPU, new InjectorDevice().Open().type);
        Assert.Null(new InjectorDevice().Problem());
    }

    // Another element type stands in for another device: both replace every tensor, and one that a field still held would not fit the rest.
    [Theory]
    [InlineData("deit", 3, 8)]
    [InlineData("deit-distilled", 3, 8)]
    [InlineData("signal-cnn", 12, 0)]
    [InlineData("clinical-transformer", 5, 0)]
    public void A_model_that_is_moved_moves_whole(string encoder, int channels, int size)
    {
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        using var model = new LocalModel(new LocalModelSpec(
            ImmutableSortedDictionary<string, EncoderSpec>.Empty.Add("m", new EncoderSpec(encoder, channels, size, 8, 1, 2, 4, 2)), [new DecoderSpec("t", ["m"])]));
        model.Initialize(1);
        model.eval();
        long[] shape = size > 0 ? [2, channels, size, size] : encoder == "signal-cnn" ? [2, channels, 40] : [2, 6, channels];
        var values = randn(shape);
        var before = model.Predict("t", Input(values));

        model.to(ScalarType.Float64);
        var after = model.Predict("t", Input(values.to(ScalarType.Float64)));

        Assert.Equal(ScalarType.Float64, after.dtype);
        Assert.InRange((after - before).abs().max().item<double>(), 0, 1e-5);
        Assert.All(model.State(), s => Assert.Equal(ScalarType.Float64, s.Tensor.dtype));
    }

    private static Dictionary<string, ModalityBatch> Input(Tensor values) => new() { ["m"] = new ModalityBatch(values) };
}
