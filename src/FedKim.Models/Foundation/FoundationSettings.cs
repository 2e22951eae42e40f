using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace FedKim.Models.Foundation;

/// <summary>
/// The settings in a <c>config.json</c> that <see cref="FoundationConfig"/> does not have. Those that are known to make a model compute something
/// else are refused unless they are off; those that say nothing of what is computed pass; any other is told.
/// </summary>
internal static class FoundationSettings
{
    private static readonly HashSet<string> Read =
    [
        .. typeof(FoundationConfig).GetProperties().Where(p => p.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .Select(p => p.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name)),
    ];

    // How it was trained, stored and named, and what the library does around it.
    private static readonly HashSet<string> Telling =
    [
        "_attn_implementation", "_name_or_path", "attention_dropout", "attn_implementation", "auto_map", "chunk_size_feed_forward", "dtype", "embd_pdrop",
        "finetuning_task", "gradient_checkpointing", "hidden_dropout", "id2label", "initializer_range", "label2id", "output_attentions", "output_hidden_states",
        "pretraining_tp", "problem_type", "resid_pdrop", "return_dict", "task_specific_params", "tokenizer_class", "transformers_version", "unsloth_version",
        "use_cache",
    ];

    // Setting → the value with which it changes nothing; null, false and an empty list or object never do.
    private static readonly Dictionary<string, double?> Changing = new(StringComparer.Ordinal)
    {
        ["alibi"] = null,
        ["attention_multiplier"] = null,
        ["attn_logit_softcapping"] = null,
        ["clip_qkv"] = null,
        ["cross_attention_layers"] = null,
        ["dim_model_base"] = null,
        ["embedding_multiplier"] = 1,
        ["final_logit_softcapping"] = null,
        ["is_encoder_decoder"] = null,
        ["logit_scale"] = 1,
        ["logits_scaling"] = 1,
        ["no_rope_layer_interval"] = null,
        ["no_rope_layers"] = null,
        ["num_experts"] = 1,
        ["num_local_experts"] = 1,
        ["parallel_attn"] = null,
        ["partial_rotary_factor"] = 1,
        ["position_embedding_type"] = null,
        ["qk_norm"] = null,
        ["quantization_config"] = null,
        ["query_pre_attn_scalar"] = null,
        ["residual_multiplier"] = 1,
        ["rotary_pct"] = 1,
        ["scale_depth"] = null,
        ["scale_emb"] = 1,
        ["use_alibi"] = null,
        ["use_bidirectional_attention"] = null,
        ["use_parallel_residual"] = null,
        ["use_qk_norm"] = null,
    };

    /// <summary>The settings that nothing here reads, in the file's order.</summary>
    /// <exception cref="FoundationException">One of them makes the model compute something else than is computed here.</exception>
    public static ImmutableArray<string> Unused(string path, JsonObject settings, FoundationConfig config)
    {
        foreach (var (key, value) in settings)
        {
            if (Changes(key, value, settings, config))
                throw new FoundationException($"{path}: {key} is {value!.ToJsonString()}, with which the model computes something else than is computed here. Import a checkpoint without it.");
        }

        return [.. settings.Select(setting => setting.Key).Where(key => !Read.Contains(key) && !Telling.Contains(key) && !Changing.ContainsKey(key)
            && !IsWindow(key) && key != "layer_types")];
    }

    private static bool Changes(string key, JsonNode? value, JsonObject settings, FoundationConfig config) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.Number when key == "sliding_window" =>
            settings["use_sliding_window"]?.GetValueKind() != JsonValueKind.False && (double)value < config.MaxPositionEmbeddings,
        JsonValueKind.Array when key == "layer_types" => value.AsArray().Any(type => type?.ToString() != "full_attention"),
        JsonValueKind.Array when value.AsArray().Count == 0 => false,
        JsonValueKind.Object when value.AsObject().Count == 0 => false,
        JsonValueKind.String when key == "position_embedding_type" => value.ToString() is not ("rope" or "rotary"),
        var kind => Changing.TryGetValue(key, out double? neutral) && !(kind == JsonValueKind.Number && (double)value == neutral),
    };

    private static bool IsWindow(string key) => key is "sliding_window" or "use_sliding_window" or "max_window_layers";
}
