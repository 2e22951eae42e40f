using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FedKim.Parameters;

namespace FedKim.Models.Foundation;

/// <summary>An InternLM2's or Llama's sizes, as its <c>config.json</c> says them (Hugging Face layout, names of the published checkpoint).</summary>
public sealed record FoundationConfig
{
    internal const string GenerationFile = "generation_config.json";

    private const int MostLayers = 1024, MostHeads = 1024, LongestContext = 1 << 24, WidestHidden = 1 << 17, WidestFeedForward = 1 << 20, LargestVocabulary = 1 << 22;

    /// <summary>Decides what the checkpoint is; <c>model_type</c> is not relied on.</summary>
    public IReadOnlyList<string> Architectures { get; init; } = [FoundationLayout.Known[0].Architecture];

    public string ModelType { get; init; } = "internlm2";

    public required int VocabSize { get; init; }

    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int NumHiddenLayers { get; init; }

    public required int NumAttentionHeads { get; init; }

    /// <summary>As many as attention heads where the file does not say.</summary>
    public int? NumKeyValueHeads { get; init; }

    /// <summary>Width of an attention head; <see cref="HiddenSize"/> over <see cref="NumAttentionHeads"/> where the file does not say.</summary>
    public int? HeadDim { get; init; }

    public string HiddenAct { get; init; } = "silu";

    /// <summary>Longest sequence.</summary>
    public int MaxPositionEmbeddings { get; init; } = 2048;

    public double RmsNormEps { get; init; } = 1e-6;

    public double RopeTheta { get; init; } = 10000;

    /// <summary>Null, default, llama3, or dynamic: that scales beyond <see cref="MaxPositionEmbeddings"/> only, and such lengths are refused.</summary>
    public JsonNode? RopeScaling { get; init; }

    /// <summary>Newer files say here what others say in <see cref="RopeScaling"/> and <see cref="RopeTheta"/>.</summary>
    public JsonNode? RopeParameters { get; init; }

    /// <summary>InternLM2: whether the attention projections have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Llama: whether the attention projections have biases; not where the file does not say.</summary>
    public bool? AttentionBias { get; init; }

    /// <summary>Llama: whether the feed forward's projections have biases; not where the file does not say.</summary>
    public bool? MlpBias { get; init; }

    /// <summary>Whether the head is the token embeddings.</summary>
    public bool TieWordEmbeddings { get; init; }

    public int? BosTokenId { get; init; } = 1;

    /// <summary>Ids that end an answer, one or several; the first is the one that stands for them.</summary>
    [JsonConverter(typeof(OneOrSeveral))]
    [JsonPropertyName("eos_token_id")]
    public ImmutableArray<int> EosTokenIds { get; init; } = [2];

    public int? PadTokenId { get; init; }

    public string TorchDtype { get; init; } = "float32";

    /// <summary>Settings of the file that nothing here reads; none of them is known to change what the model computes.</summary>
    [JsonIgnore]
    public ImmutableArray<string> Unused { get; init; } = [];

    /// <summary>The architecture that is understood, e.g. <c>LlamaForCausalLM</c>.</summary>
    [JsonIgnore]
    public string Architecture => Layout.Architecture;

    /// <summary>Width of an attention head.</summary>
    [JsonIgnore]
    public int HeadSize => HeadDim ?? (HiddenSize / NumAttentionHeads);

    /// <summary>Key and value heads.</summary>
    [JsonIgnore]
    public int KeyValueHeads => NumKeyValueHeads ?? NumAttentionHeads;

    /// <summary>Id that fills short rows; never attended to.</summary>
    [JsonIgnore]
    public int PadId => PadTokenId is >= 0 and int pad ? pad : EosTokenIds[0];

    /// <summary>Base of the rotation's frequencies.</summary>
    internal double RotaryBase => (double?)RopeParameters?["rope_theta"] ?? RopeTheta;

    /// <summary>How rotary positions are stretched; null when they are not.</summary>
    internal RotaryScaling? Scaling => RotaryScaling.Of(RopeParameters ?? RopeScaling);

    /// <summary>How its checkpoint names its tensors.</summary>
    internal FoundationLayout Layout => FoundationLayout.Known.First(layout => Architectures.Contains(layout.Architecture));

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowDuplicateProperties = false,
    };

    /// <summary>Reads <paramref name="path"/>, and the further tokens that end a text from the <c>generation_config.json</c> beside it.</summary>
    /// <exception cref="FoundationException">The file is missing, is no configuration, or describes a model that is not understood here.</exception>
    public static FoundationConfig Read(string path)
    {
        FoundationConfig config;
        try
        {
            string text = File.ReadAllText(path);
            if (StandIn.Of(Encoding.UTF8.GetBytes(text[..Math.Min(text.Length, StandIn.Length)])) is { } standIn)
                throw new FoundationException($"{path}: {standIn}.");
            config = JsonSerializer.Deserialize<FoundationConfig>(text, Options) ?? throw new FoundationException($"{path} is empty.");
            config.Check(path);
            config = config with { Unused = FoundationSettings.Unused(path, JsonNode.Parse(text)!.AsObject(), config) };
        }
        // A decoder fed with garbage fails in many ways; all of them mean the same to the reader of the message.
        catch (Exception e) when (e is not FoundationException and not OutOfMemoryException)
        {
            throw new FoundationException($"{path} cannot be read as a model's configuration: {e.Message}", e);
        }

        string generation = Path.Combine(Path.GetDirectoryName(path) ?? "", GenerationFile);
        return File.Exists(generation) ? config with { EosTokenIds = [.. config.EosTokenIds.Union(Ends(generation, config.VocabSize))] } : config;
    }

    // Chat models end their turns by other tokens than their texts, and say so here only.
    private static ImmutableArray<int> Ends(string path, int vocabulary)
    {
        try
        {
            var ends = JsonSerializer.Deserialize<GenerationSettings>(File.ReadAllText(path), Options)?.EosTokenIds ?? [];
            return ends.All(id => id >= 0 && id < vocabulary)
                ? ends
                : throw new FoundationException($"{path}: eos_token_id is {string.Join(", ", ends)}; each must be among the {vocabulary} tokens of config.json.");
        }
        catch (Exception e) when (e is not FoundationException and not OutOfMemoryException)
        {
            throw new FoundationException($"{path} cannot be read as a model's settings for generation: {e.Message}", e);
        }
    }

    /// <summary>Checks that the sizes are those of a model that is understood here.</summary>
    /// <param name="place">Where they come from, for the message.</param>
    /// <exception cref="FoundationException">They are not.</exception>
    internal void Check(string place)
    {
        void Require(bool holds, string what)
        {
            if (!holds)
                throw new FoundationException($"{place}: {what}");
        }

        void InRange(string field, double value, double from, double to) =>
            Require(value >= from && value <= to, string.Create(CultureInfo.InvariantCulture, $"{field} is {value}, allowed are {from} to {to}."));

        Require(FoundationLayout.Known.Any(layout => Architectures?.Contains(layout.Architecture) == true),
            $"architectures is [{string.Join(", ", Architectures ?? [])}]; only {string.Join(" and ", FoundationLayout.Known.Select(layout => layout.Architecture))} are understood.");
        Require(HiddenAct == "silu", $"hidden_act is '{HiddenAct}', expected 'silu'.");
        InRange("vocab_size", VocabSize, 1, LargestVocabulary);
        InRange("hidden_size", HiddenSize, 1, WidestHidden);
        InRange("intermediate_size", IntermediateSize, 1, WidestFeedForward);
        InRange("num_hidden_layers", NumHiddenLayers, 1, MostLayers);
        InRange("num_attention_heads", NumAttentionHeads, 1, MostHeads);
        InRange("num_key_value_heads", KeyValueHeads, 1, NumAttentionHeads);
        InRange("head_dim", HeadSize, 1, WidestHidden);
        InRange("max_position_embeddings", MaxPositionEmbeddings, 1, LongestContext);
        InRange("rms_norm_eps", RmsNormEps, 0, 1);
        Require((HeadDim is not null || HiddenSize % NumAttentionHeads == 0) && HeadSize % 2 == 0,
            $"hidden_size {HiddenSize} does not split into {NumAttentionHeads} heads of even width.");
        Require(NumAttentionHeads % KeyValueHeads == 0,
            $"num_attention_heads {NumAttentionHeads} is no multiple of num_key_value_heads {KeyValueHeads}.");
        Require(!EosTokenIds.IsDefaultOrEmpty && EosTokenIds.Append(PadId).All(id => id >= 0 && id < VocabSize),
            $"eos_token_id and pad_token_id must be among the {VocabSize} tokens.");
        try
        {
            InRange("rope_theta", RotaryBase, double.Epsilon, double.MaxValue);
            _ = Scaling;
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            throw new FoundationException($"{place}: rope_scaling {(RopeParameters ?? RopeScaling)?.ToJsonString()} {e.Message}.", e);
        }
    }

    /// <summary>The configuration as the text of a <c>config.json</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options) + "\n";

    /// <summary>Names and shapes of the checkpoint's tensors.</summary>
    public IEnumerable<(string Name, long[] Shape)> Tensors()
    {
        var layout = Layout;
        long hidden = HiddenSize, queries = (long)NumAttentionHeads * HeadSize, keys = (long)KeyValueHeads * HeadSize;
        bool together = layout.Attention.Length == 1;
        bool attentionBias = together ? Bias : AttentionBias ?? false;
        bool feedForwardBias = MlpBias ?? false;
        long[] attentionRows = together ? [queries + (2 * keys)] : [queries, keys, keys];
        (string Projection, long Rows, long Columns, bool Bias)[] projections =
        [
            .. layout.Attention.Zip(attentionRows, (projection, rows) => (projection, rows, hidden, attentionBias)),
            (layout.Output, hidden, queries, attentionBias),
            (layout.Gate, IntermediateSize, hidden, feedForwardBias),
            (layout.Up, IntermediateSize, hidden, feedForwardBias),
            (layout.Down, hidden, IntermediateSize, feedForwardBias),
        ];
        yield return ($"{layout.Embeddings}.weight", [VocabSize, hidden]);
        for (int i = 0; i < NumHiddenLayers; i++)
        {
            string layer = $"{FoundationLayout.Layers}{i}.";
            foreach (string norm in (string[])[layout.AttentionNorm, layout.FeedForwardNorm])
                yield return ($"{layer}{norm}.weight", [hidden]);
            foreach (var (projection, rows, columns, bias) in projections)
            {
                yield return ($"{layer}{projection}.weight", [rows, columns]);
                if (bias)
                    yield return ($"{layer}{projection}.bias", [rows]);
            }
        }

        yield return ($"{FoundationLayout.Norm}.weight", [hidden]);
        if (!TieWordEmbeddings)
            yield return ($"{layout.Head}.weight", [VocabSize, hidden]);
    }

    /// <summary>The projections of every layer, beside which adapters stand: the layer from 0, its name there (<c>wqkv</c>, <c>q_proj</c>), its
    /// place in the model, and its shape.</summary>
    public IEnumerable<(int Layer, string Name, string Module, long[] Shape)> Projections() =>
        from tensor in Tensors()
        where tensor.Name.StartsWith(FoundationLayout.Layers, StringComparison.Ordinal) && tensor.Shape.Length == 2
        let module = tensor.Name[..^".weight".Length]
        let parts = module[FoundationLayout.Layers.Length..].Split('.')
        select (int.Parse(parts[0], CultureInfo.InvariantCulture), parts[^1], module, tensor.Shape);

    // All else in the file says how tokens are drawn, and here the caller does.
    private sealed record GenerationSettings
    {
        [JsonConverter(typeof(OneOrSeveral))]
        [JsonPropertyName("eos_token_id")]
        public ImmutableArray<int> EosTokenIds { get; init; } = [];
    }

    // Llama 3 names several tokens that end a text; others name one.
    private sealed class OneOrSeveral : JsonConverter<ImmutableArray<int>>
    {
        public override ImmutableArray<int> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.StartArray => [.. JsonSerializer.Deserialize<int[]>(ref reader, options)!],
            JsonTokenType.Null => [],
            JsonTokenType.Number when reader.TryGetInt32(out int id) => [id],
            _ => throw new JsonException("it is no token's number, nor several"),
        };

        public override bool HandleNull => true;

        public override void Write(Utf8JsonWriter writer, ImmutableArray<int> ids, JsonSerializerOptions options)
        {
            if (ids is [int one])
                writer.WriteNumberValue(one);
            else
                JsonSerializer.Serialize(writer, ids.ToArray(), options);
        }
    }
}
