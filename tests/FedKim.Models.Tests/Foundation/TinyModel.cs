using System.Runtime.InteropServices;
using FedKim.Models.Foundation;
using FedKim.Models.Pretraining;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Models.Tests.Foundation;

/// <summary>Tiny random models, written as published checkpoints are.</summary>
internal static class TinyModel
{
    public static readonly FoundationConfig Llama = new()
    {
        Architectures = ["LlamaForCausalLM"],
        ModelType = "llama",
        VocabSize = 320,
        HiddenSize = 32,
        IntermediateSize = 48,
        NumHiddenLayers = 2,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        MaxPositionEmbeddings = 64,
        RmsNormEps = 1e-5,
    };

    public static readonly FoundationConfig InternLM2 = Llama with { Architectures = ["InternLM2ForCausalLM"], ModelType = "internlm2" };

    public static IEnumerable<FoundationConfig> Both => [Llama, InternLM2];

    /// <summary>Weights by name, large enough that tokens differ clearly.</summary>
    public static SortedDictionary<string, float[]> Weights(FoundationConfig config, long seed = 1)
    {
        var weights = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var (name, shape) in config.Tensors())
        {
            var random = SeededGenerator.Derive(seed, name);
            double middle = name.Contains("norm", StringComparison.Ordinal) ? 1 : 0;
            weights.Add(name, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(_ => (float)(middle + (0.3 * random.NextGaussian())))]);
        }

        return weights;
    }

    /// <summary>Writes <c>config.json</c>, <c>model.safetensors</c> and <c>tokenizer.model</c>.</summary>
    public static string Write(string folder, FoundationConfig config, IReadOnlyDictionary<string, float[]>? weights = null)
    {
        Directory.CreateDirectory(folder);
        weights ??= Weights(config);
        var shapes = config.Tensors().ToDictionary(t => t.Name, t => t.Shape);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), weights.Select(w => Tensor(w.Key, shapes.GetValueOrDefault(w.Key, [w.Value.Length]), w.Value)));
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJson());
        File.WriteAllBytes(Path.Combine(folder, "tokenizer.model"), PieceTrainer.Train(["the patient has a cough", "the heart and the lungs"], 300));
        return folder;
    }

    public static FoundationModel Load(FoundationConfig config, IReadOnlyDictionary<string, float[]>? weights = null)
    {
        var folder = Directory.CreateTempSubdirectory("fedkim-");
        try
        {
            return FoundationModel.Load(Write(folder.FullName, config, weights));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static TensorData Tensor(string name, long[] shape, float[] values) => TensorData.Of(name, DType.F32, [.. shape], MemoryMarshal.AsBytes<float>(values).ToArray());

    /// <summary>The weights of a Llama as those of an InternLM2: other names, and queries, keys and values together, grouped by key-value head.</summary>
    public static SortedDictionary<string, float[]> AsInternLM2(FoundationConfig llama, IReadOnlyDictionary<string, float[]> weights)
    {
        int head = llama.HeadSize, queries = llama.NumAttentionHeads / llama.KeyValueHeads;
        var renamed = new SortedDictionary<string, float[]>(StringComparer.Ordinal);
        foreach (var (name, values) in weights)
        {
            string other = name
                .Replace("embed_tokens", "tok_embeddings", StringComparison.Ordinal).Replace("lm_head", "output", StringComparison.Ordinal)
                .Replace("input_layernorm", "attention_norm", StringComparison.Ordinal).Replace("post_attention_layernorm", "ffn_norm", StringComparison.Ordinal)
                .Replace("mlp.gate_proj", "feed_forward.w1", StringComparison.Ordinal).Replace("mlp.up_proj", "feed_forward.w3", StringComparison.Ordinal)
                .Replace("mlp.down_proj", "feed_forward.w2", StringComparison.Ordinal).Replace("self_attn.o_proj", "attention.wo", StringComparison.Ordinal);
            if (name.Contains("q_proj", StringComparison.Ordinal))
            {
                float[] k = weights[name.Replace("q_proj", "k_proj", StringComparison.Ordinal)], v = weights[name.Replace("q_proj", "v_proj", StringComparison.Ordinal)];
                int rowLength = values.Length / (llama.NumAttentionHeads * head), block = head * rowLength;
                renamed.Add(
                    name.Replace("self_attn.q_proj", "attention.wqkv", StringComparison.Ordinal),
                    [.. Enumerable.Range(0, llama.KeyValueHeads).SelectMany(g => (float[])
                        [.. values.AsSpan(g * queries * block, queries * block), .. k.AsSpan(g * block, block), .. v.AsSpan(g * block, block)])]);
            }
            else if (!name.Contains("k_proj", StringComparison.Ordinal) && !name.Contains("v_proj", StringComparison.Ordinal))
            {
                renamed.Add(other, values);
            }
        }

        return renamed;
    }
}
