using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>
/// Published DeiT checkpoints, plain or distilled, as safetensors in fp32 or bf16: in timm's naming, or in Hugging Face's, whose tensors
/// begin with <c>deit.</c> or <c>vit.</c>. Sizes are read off the tensors; a classifier head is left out.
/// </summary>
public static class DeitCheckpoint
{
    // Of every published DeiT.
    private const int HeadWidth = 64;
    private const double TimmEpsilon = 1e-6;
    private const double HuggingFaceEpsilon = 1e-12;

    /// <summary>The encoder that a checkpoint holds; the caller owns it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the encoder lives; null for the processor.</param>
    /// <exception cref="SafetensorsException">The file is malformed, or lacks a tensor of a DeiT.</exception>
    public static Deit Load(string path, Device? device = null)
    {
        using var file = SafetensorsFile.Open(path);
        var names = Naming.Of(file);
        var model = new Deit(SpecOf(file, names), names.Distilled, names.Epsilon, device);
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            string[] sources = names.Sources(name);
            long elements = parameter.numel() / sources.Length;
            parameter.copy_(cat([.. sources.Select(source => Read(file, source, elements))]).view(parameter.shape));
        }

        model.eval();
        return model;
    }

    private static EncoderSpec SpecOf(SafetensorsFile file, Naming names)
    {
        var kernel = file.Info(names.Sources("patch_embed.proj.weight").Single());
        if (kernel.Shape is not [>= HeadWidth, > 0, > 0, > 0] || kernel.Shape[0] % HeadWidth != 0 || kernel.Shape[2] != kernel.Shape[3])
            throw new SafetensorsException($"it is {kernel.ShapeText}, expected [a multiple of {HeadWidth}, channels, patch, patch]", file.FilePath, kernel.Name, kernel.Offset);
        var positions = file.Info(names.Sources("pos_embed").Single());
        int extra = names.Distilled ? 2 : 1, width = (int)kernel.Shape[0], patch = (int)kernel.Shape[3];
        int edge = positions.Shape is [1, var tokens, _] ? (int)Math.Round(Math.Sqrt(Math.Max(0, tokens - extra))) : 0;
        if (edge == 0 || !positions.Shape.AsSpan().SequenceEqual([1, ((long)edge * edge) + extra, width]))
            throw new SafetensorsException($"it is {positions.ShapeText}, expected [1, {extra} and a square of patches, {width}]", file.FilePath, positions.Name, positions.Offset);
        int depth = 0;
        while (file.Tensors.ContainsKey(names.Sources($"blocks.{depth}.norm1.weight").Single()))
        {
            // What is built has about four times as many elements as this, so that the file must hold them before.
            string[] attention = names.Sources($"blocks.{depth}.attn.qkv.weight");
            foreach (string name in attention)
            {
                var info = file.Info(name);
                if (info.Count != 3L * width * width / attention.Length)
                    throw new SafetensorsException($"it is {info.ShapeText}, expected {3L * width * width / attention.Length} elements", file.FilePath, name, info.Offset);
            }

            depth++;
        }

        return new EncoderSpec(
            names.Distilled ? "deit-distilled" : "deit", (int)kernel.Shape[1], edge * patch, width, depth, width / HeadWidth, patch, Tokens: 0);
    }

    private static Tensor Read(SafetensorsFile file, string name, long elements)
    {
        var info = file.Info(name);
        if (info.Count != elements)
            throw new SafetensorsException($"it is {info.ShapeText}, expected {elements} elements", file.FilePath, name, info.Offset);
        var values = empty(info.Shape.ToArray(), info.DType switch
        {
            DType.F32 => ScalarType.Float32,
            DType.BF16 => ScalarType.BFloat16,
            _ => throw new SafetensorsException($"it is {info.DType.Name()}; a DeiT's weights are F32 or BF16", file.FilePath, name, info.Offset),
        });
        file.Read(info, 0, values.bytes);
        return values.to(ScalarType.Float32);
    }

    /// <summary>What a checkpoint calls the tensors of <see cref="Deit"/>, whose own names are timm's.</summary>
    /// <param name="Prefix">Before Hugging Face's names; empty for timm's.</param>
    /// <param name="Distilled">Whether there is a distillation token.</param>
    private sealed record Naming(string Prefix, bool Distilled)
    {
        internal double Epsilon => Prefix.Length == 0 ? TimmEpsilon : HuggingFaceEpsilon;

        internal static Naming Of(SafetensorsFile file)
        {
            string prefix = new[] { "deit.", "vit." }.FirstOrDefault(p => file.Tensors.ContainsKey($"{p}embeddings.cls_token"), "");
            return new Naming(prefix, file.Tensors.ContainsKey(prefix.Length == 0 ? "dist_token" : $"{prefix}embeddings.distillation_token"));
        }

        /// <summary>The checkpoint's tensors that make up this one, stacked along the first axis.</summary>
        internal string[] Sources(string name)
        {
            if (Prefix.Length == 0)
                return [name];
            string[] parts = name.Split('.');
            string leaf = parts[^1], layer = parts.Length > 1 ? $"{Prefix}encoder.layer.{parts[1]}." : "";
            return (parts[0], string.Join('.', parts.Skip(2).SkipLast(1))) switch
            {
                ("cls_token", _) => [$"{Prefix}embeddings.cls_token"],
                ("dist_token", _) => [$"{Prefix}embeddings.distillation_token"],
                ("pos_embed", _) => [$"{Prefix}embeddings.position_embeddings"],
                ("patch_embed", _) => [$"{Prefix}embeddings.patch_embeddings.projection.{leaf}"],
                ("norm", _) => [$"{Prefix}layernorm.{leaf}"],
                (_, "norm1") => [$"{layer}layernorm_before.{leaf}"],
                (_, "norm2") => [$"{layer}layernorm_after.{leaf}"],
                (_, "attn.qkv") => [.. new[] { "query", "key", "value" }.Select(p => $"{layer}attention.attention.{p}.{leaf}")],
                (_, "attn.proj") => [$"{layer}attention.output.dense.{leaf}"],
                (_, "mlp.fc1") => [$"{layer}intermediate.dense.{leaf}"],
                _ => [$"{layer}output.dense.{leaf}"],
            };
        }
    }
}
