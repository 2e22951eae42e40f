using System.Runtime.InteropServices;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using TorchSharp;

namespace FedKim.Models.Tests.Encoders;

public sealed class DeitTests
{
    private const double Tolerance = 1e-4;

    private static readonly EncoderSpec Tiny = new("deit", Channels: 3, Size: 224, Width: 192, Depth: 2, Heads: 3, Patch: 16, Tokens: 0);

    [Fact]
    public void A_checkpoint_in_timms_naming_gives_timms_numbers()
    {
        using var scope = torch.NewDisposeScope();
        using var gradient = torch.no_grad();
        using var weights = SafetensorsFile.Open(Fixtures.Path("deit", "timm-deit_tiny_patch16_224.safetensors"));
        using var expected = SafetensorsFile.Open(Fixtures.Path("deit", "timm-expected.safetensors"));
        using var model = new Deit(Tiny);
        foreach (var (name, parameter) in model.named_parameters()) parameter.copy_(Read(weights, name));

        Compare(model, expected, "noise", Read(expected, "noise.pixels"));
        Compare(model, expected, "wave", Wave());
    }

    [Fact]
    public void A_distilled_checkpoint_in_bf16_gives_the_numbers_of_its_reference()
    {
        using var scope = torch.NewDisposeScope();
        using var gradient = torch.no_grad();
        using var weights = SafetensorsFile.Open(Fixtures.Path("deit", "hf-deit-tiny-distilled-bf16.safetensors"));
        using var expected = SafetensorsFile.Open(Fixtures.Path("deit", "hf-expected.safetensors"));
        using var pixels = SafetensorsFile.Open(Fixtures.Path("deit", "timm-expected.safetensors"));
        using var model = new Deit(Tiny, distilled: true, epsilon: 1e-12);
        foreach (var (name, parameter) in model.named_parameters()) parameter.copy_(Distilled(weights, name));

        Compare(model, expected, "noise", Read(pixels, "noise.pixels"));
        Compare(model, expected, "wave", Wave());
    }

    private static void Compare(Deit model, SafetensorsFile expected, string input, torch.Tensor pixels)
    {
        var embedded = model.Embed(pixels);
        AssertClose(Read(expected, $"{input}.embeddings"), embedded);
        AssertClose(Read(expected, $"{input}.block0"), model.FirstBlock(embedded));
        AssertClose(Read(expected, $"{input}.tokens"), model.forward(new ModalityBatch(pixels)));
    }

    private static void AssertClose(torch.Tensor expected, torch.Tensor actual) =>
        Assert.InRange((expected - actual).abs().max().item<float>(), 0, Tolerance);

    private static torch.Tensor Wave()
    {
        var channel = torch.arange(3, dtype: torch.ScalarType.Float32).view(3, 1, 1);
        var row = torch.arange(224, dtype: torch.ScalarType.Float32).view(1, 224, 1);
        var column = torch.arange(224, dtype: torch.ScalarType.Float32).view(1, 1, 224);
        return (((0.05 * row) + (0.9 * channel)).sin() * (0.07 * column).cos()).unsqueeze(0);
    }

    private static torch.Tensor Read(SafetensorsFile file, string name)
    {
        var info = file.Info(name);
        float[] values = info.DType == DType.BF16
            ? [.. file.Values<ushort>(name).ToArray().Select(half => BitConverter.Int32BitsToSingle(half << 16))]
            : MemoryMarshal.Cast<byte, float>(file.Bytes(name)).ToArray();
        return torch.tensor(values).view(info.Shape.ToArray());
    }

    // Hugging Face's names for timm's.
    private static torch.Tensor Distilled(SafetensorsFile file, string name)
    {
        const string Embeddings = "deit.embeddings.";
        string[] parts = name.Split('.');
        string leaf = parts[^1];
        return name switch
        {
            "cls_token" => Read(file, Embeddings + "cls_token"),
            "dist_token" => Read(file, Embeddings + "distillation_token"),
            "pos_embed" => Read(file, Embeddings + "position_embeddings"),
            _ when parts[0] == "patch_embed" => Read(file, Embeddings + "patch_embeddings.projection." + leaf),
            _ when parts[0] == "norm" => Read(file, "deit.layernorm." + leaf),
            _ => Block($"deit.encoder.layer.{parts[1]}.", string.Join('.', parts[2..^1])),
        };

        torch.Tensor Block(string layer, string module) => module switch
        {
            "norm1" => Read(file, $"{layer}layernorm_before.{leaf}"),
            "norm2" => Read(file, $"{layer}layernorm_after.{leaf}"),
            "attn.qkv" => torch.cat([.. new[] { "query", "key", "value" }.Select(p => Read(file, $"{layer}attention.attention.{p}.{leaf}"))]),
            "attn.proj" => Read(file, $"{layer}attention.output.dense.{leaf}"),
            "mlp.fc1" => Read(file, $"{layer}intermediate.dense.{leaf}"),
            _ => Read(file, $"{layer}output.dense.{leaf}"),
        };
    }
}
