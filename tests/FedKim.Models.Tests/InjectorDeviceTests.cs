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
    public void A_device_is_named_as_torch_names_it(string name, bool known) => Assert.Equal(known, TorchDevice.IsName(name));

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

    [Theory]
    [InlineData("auto")]
    [InlineData("cpu")]
    public void The_processor_makes_no_products_in_tf32_and_says_what_it_makes(string device)
    {
        if (cuda.is_available() && device == "auto")
            Assert.Skip("There is a CUDA device here, which makes them.");
        var tf32 = new InjectorDevice(device) { Products = TorchProducts.Tf32 };
        Assert.Contains("is tf32, which a CUDA device alone can do", tf32.ProductsProblem());
        Assert.Contains("Say float32 or bf16", Assert.Throws<TorchRuntimeException>(tf32.Open).Message);
        Assert.All([TorchProducts.Float32, TorchProducts.Bf16], products => Assert.Null(new InjectorDevice(device) { Products = products }.ProductsProblem()));
    }

    [Fact]
    public void Opened_for_full_precision_a_device_leaves_out_no_bits()
    {
        backends.cuda.matmul.allow_tf32 = true;

        _ = new TorchDevice("cpu").Open();

        Assert.False(backends.cuda.matmul.allow_tf32);
        Assert.False(backends.cudnn.allow_tf32);
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
