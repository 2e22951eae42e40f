using FedKim.Models.Encoders;
using static TorchSharp.torch;

namespace FedKim.Models.Verification;

/// <summary>DeiT checkpoints in timm's and in Hugging Face's naming, on an image of noise and on one of waves.</summary>
internal static class DeitFixture
{
    private const double Tolerance = 1e-4;
    private static readonly string[] Kinds = ["timm", "hf"];

    /// <summary>Whether the folder holds a checkpoint with its expected tokens.</summary>
    public static bool Is(string folder) => Kinds.Any(kind => Weights(folder, kind).Any());

    public static List<VerifiedOutput> Verify(string folder, Device device)
    {
        List<VerifiedOutput> outputs = [];
        foreach (string kind in Kinds)
        {
            foreach (string weights in Weights(folder, kind))
                outputs.AddRange(Verify(folder, kind, weights, device));
        }

        return outputs;
    }

    private static List<VerifiedOutput> Verify(string folder, string kind, string weights, Device device)
    {
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        using var references = new References(Expected(folder, kind), Tolerance, device);
        // The noise stands in timm's file and serves both.
        using var inputs = new References(Expected(folder, File.Exists(Expected(folder, "timm")) ? "timm" : kind), Tolerance, device);
        using var model = DeitCheckpoint.Load(weights, device);
        foreach (var (name, pixels) in new[] { ("noise", inputs.Read("noise.pixels")), ("wave", Wave(model.Spec.Channels, model.Spec.Size).to(device)) })
        {
            references.Compare($"{name}.embeddings", () => model.Embed(pixels), shownAs: $"{kind}.{name}.embeddings");
            references.Compare($"{name}.block0", () => model.FirstBlock(model.Embed(pixels)), shownAs: $"{kind}.{name}.block0");
            references.Compare($"{name}.tokens", () => model.forward(new ModalityBatch(pixels)), shownAs: $"{kind}.{name}.tokens");
        }

        return references.Outputs;
    }

    private static string Expected(string folder, string kind) => Path.Combine(folder, $"{kind}-expected.safetensors");

    private static IEnumerable<string> Weights(string folder, string kind) => File.Exists(Expected(folder, kind))
        ? Directory.EnumerateFiles(folder, $"{kind}-*.safetensors").Where(file => file != Expected(folder, kind)).Order(StringComparer.Ordinal)
        : [];

    private static Tensor Wave(int channels, int size)
    {
        var channel = arange(channels, dtype: ScalarType.Float32).view(channels, 1, 1);
        var row = arange(size, dtype: ScalarType.Float32).view(1, size, 1);
        var column = arange(size, dtype: ScalarType.Float32).view(1, 1, size);
        return (((0.05 * row) + (0.9 * channel)).sin() * (0.07 * column).cos()).unsqueeze(0);
    }
}
