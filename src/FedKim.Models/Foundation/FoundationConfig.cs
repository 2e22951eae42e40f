using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace FedKim.Models.Foundation;

/// <summary>An InternLM2 model's sizes, as its <c>config.json</c> says them (Hugging Face layout, names of the published checkpoint).</summary>
public sealed record FoundationConfig
{
    /// <summary>The architecture that is understood here.</summary>
    public const string Architecture = "InternLM2ForCausalLM";

    /// <summary>Decides what the checkpoint is; <c>model_type</c> is not relied on.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [Architecture];

    public string ModelType { get; init; } = "internlm2";

    public required int VocabSize { get; init; }

    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int NumHiddenLayers { get; init; }

    public required int NumAttentionHeads { get; init; }

    /// <summary>As many as attention heads where the file does not say.</summary>
    public int? NumKeyValueHeads { get; init; }

    public string HiddenAct { get; init; } = "silu";

    /// <summary>Longest sequence.</summary>
    public int MaxPositionEmbeddings { get; init; } = 2048;

    public double RmsNormEps { get; init; } = 1e-6;

    public double RopeTheta { get; init; } = 10000;

    /// <summary>Null, or dynamic: that scales beyond <see cref="MaxPositionEmbeddings"/> only, and such lengths are refused.</summary>
    public JsonNode? RopeScaling { get; init; }

    /// <summary>Whether the attention projections have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether the head is the token embeddings.</summary>
    public bool TieWordEmbeddings { get; init; }

    public int BosTokenId { get; init; } = 1;

    public int EosTokenId { get; init; } = 2;

    public int? PadTokenId { get; init; }

    public string TorchDtype { get; init; } = "float32";

    /// <summary>Width of an attention head.</summary>
    [JsonIgnore]
    public int HeadSize => HiddenSize / NumAttentionHeads;

    /// <summary>Key and value heads.</summary>
    [JsonIgnore]
    public int KeyValueHeads => NumKeyValueHeads ?? NumAttentionHeads;

    /// <summary>Id that fills short rows; never attended to.</summary>
    [JsonIgnore]
    public int PadId => PadTokenId ?? EosTokenId;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Reads <paramref name="path"/>.</summary>
    /// <exception cref="FoundationException">The file is missing, is no configuration, or describes a model that is not understood here.</exception>
    public static FoundationConfig Read(string path)
    {
        FoundationConfig config;
        try
        {
            config = JsonSerializer.Deserialize<FoundationConfig>(File.ReadAllText(path), Options) ?? throw new FoundationException($"{path} is empty.");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new FoundationException($"{path} cannot be read as a model's configuration: {e.Message}", e);
        }

        void Require(bool holds, string what)
        {
            if (!holds) throw new FoundationException($"{path}: {what}");
        }

        Require(config.Architectures.Contains(Architecture), $"architectures is [{string.Join(", ", config.Architectures)}]; only {Architecture} is understood.");
        Require(config.HiddenAct == "silu", $"hidden_act is '{config.HiddenAct}', expected 'silu'.");
        Require(config is { HiddenSize: > 0, VocabSize: > 0, IntermediateSize: > 0, NumHiddenLayers: > 0, NumAttentionHeads: > 0, KeyValueHeads: > 0 },
            "sizes must be positive.");
        Require(config.HiddenSize % config.NumAttentionHeads == 0 && config.HeadSize % 2 == 0,
            $"hidden_size {config.HiddenSize} does not split into {config.NumAttentionHeads} heads of even width.");
        Require(config.NumAttentionHeads % config.KeyValueHeads == 0,
            $"num_attention_heads {config.NumAttentionHeads} is no multiple of num_key_value_heads {config.KeyValueHeads}.");
        string? scaling = config.RopeScaling is JsonObject rope ? (string?)(rope["type"] ?? rope["rope_type"]) : null;
        Require(config.RopeScaling is null || scaling == "dynamic", $"rope_scaling {config.RopeScaling?.ToJsonString()} is not understood; only none and dynamic are.");
        return config;
    }

    /// <summary>The configuration as the text of a <c>config.json</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options) + "\n";

    /// <summary>Names and shapes of the checkpoint's tensors.</summary>
    public IEnumerable<(string Name, long[] Shape)> Tensors()
    {
        long hidden = HiddenSize, head = HeadSize;
        yield return ("model.tok_embeddings.weight", [VocabSize, hidden]);
        for (int i = 0; i < NumHiddenLayers; i++)
        {
            string layer = $"model.layers.{i}.";
            long wqkv = (NumAttentionHeads + (2L * KeyValueHeads)) * head;
            yield return (layer + "attention_norm.weight", [hidden]);
            yield return (layer + "attention.wqkv.weight", [wqkv, hidden]);
            yield return (layer + "attention.wo.weight", [hidden, hidden]);
            if (Bias)
            {
                yield return (layer + "attention.wqkv.bias", [wqkv]);
                yield return (layer + "attention.wo.bias", [hidden]);
            }

            yield return (layer + "ffn_norm.weight", [hidden]);
            yield return (layer + "feed_forward.w1.weight", [IntermediateSize, hidden]);
            yield return (layer + "feed_forward.w3.weight", [IntermediateSize, hidden]);
            yield return (layer + "feed_forward.w2.weight", [hidden, IntermediateSize]);
        }

        yield return ("model.norm.weight", [hidden]);
        if (!TieWordEmbeddings) yield return ("output.weight", [VocabSize, hidden]);
    }
}
