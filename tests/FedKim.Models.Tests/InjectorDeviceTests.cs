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
        if (cuda.is_available())
            Assert.Skip("There is a CUDA device here.");
        Assert.Equal(DeviceType.CPU, new InjectorDevice().Open().type);
        Assert.Null(new InjectorDevice().Problem());
    }

    // The meta device, on which tensors have shapes and no values, stands in for an accelerator.
    [Theory]
    [InlineData("deit")]
    [InlineData("deit-distilled")]
    [InlineData("signal-cnn")]
    [InlineData("clinical-transformer")]
    public void A_model_lives_on_its_device_with_all_it_has(string encoder)
    {
        using var model = new LocalModel(
            new LocalModelSpec(ImmutableSortedDictionary<string, EncoderSpec>.Empty.Add("m", new EncoderSpec(encoder, 3, 8, 8, 1, 2, 4, 2)), [new DecoderSpec("t", ["m"])]), META);

        Assert.All(model.State(), s => Assert.Equal(DeviceType.META, s.Tensor.device_type));
    }
}
