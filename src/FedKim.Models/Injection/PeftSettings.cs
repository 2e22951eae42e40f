using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Models.Foundation;

namespace FedKim.Models.Injection;

/// <summary>
/// PEFT's <c>adapter_config.json</c>. An expert here is lora_B · lora_A beside its projection, unscaled: whatever setting makes PEFT compute
/// something else is refused with what to do, and so is every setting that is not known.
/// </summary>
internal static class PeftSettings
{
    // Say where an adapter is from and how it was trained, not what it computes. Where adapters stand, their tensors say.
    private static readonly HashSet<string> Telling =
    [
        "auto_mapping", "base_model_name_or_path", "exclude_modules", "inference_mode", "layers_pattern", "layers_to_transform", "lora_dropout",
        "megatron_core", "peft_type", "peft_version", "qalora_group_size", "revision", "runtime_config", "target_modules", "task_type",
        "r", "lora_alpha", "use_rslora",
    ];

    // Change what is computed unless they are off: null, false, or empty.
    private static readonly HashSet<string> Off =
    [
        "alora_invocation_tokens", "alpha_pattern", "arrow_config", "corda_config", "ensure_weight_tying", "eva_config", "fan_in_fan_out", "layer_replication",
        "loftq_config", "lora_bias", "megatron_config", "modules_to_save", "rank_pattern", "target_parameters", "trainable_token_indices", "use_dora", "use_qalora",
    ];

    // Others (pissa, olora, loftq, corda) change the foundation model's own weights, so that the adapter belongs to another one.
    private static readonly string[] Starts = ["gaussian", "orthogonal", "eva"];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a file.</summary>
    /// <returns>The rank of its factors.</returns>
    /// <exception cref="FoundationException">It cannot be read, or a setting is not understood or changes what an expert here computes.</exception>
    public static int ReadRank(string path)
    {
        try
        {
            return Rank(path, JsonNode.Parse(File.ReadAllText(path), documentOptions: Strict) as JsonObject ?? throw new FormatException("it is no object"));
        }
        // A decoder fed with garbage fails in many ways; all of them mean the same to the reader of the message.
        catch (Exception e) when (e is not FoundationException and not OutOfMemoryException)
        {
            throw new FoundationException($"{path} cannot be read as a PEFT configuration: {e.Message}", e);
        }
    }

    private static int Rank(string path, JsonObject settings)
    {
        FoundationException Refused(string problem) => new($"{path}: {problem}");

        if ((string?)settings["peft_type"] != "LORA")
            throw Refused($"peft_type is '{settings["peft_type"]}', expected 'LORA'.");
        foreach (var (key, value) in settings)
        {
            if (Telling.Contains(key) || IsOff(value))
                continue;
            bool known = key switch
            {
                "bias" => (string?)value == "none",
                "init_lora_weights" => value is JsonValue start && (start.TryGetValue(out bool _) || (start.TryGetValue(out string? name) && Starts.Contains(name))),
                _ => false,
            };
            if (known)
                continue;
            throw Refused(key is "bias" or "init_lora_weights" || Off.Contains(key)
                ? $"{key} is {value!.ToJsonString()}, with which PEFT computes something else than a plain LoRA. Merge the adapter into plain lora_A and lora_B and set {key} to {(key == "bias" ? "\"none\"" : "null")}."
                : $"{key} is {value!.ToJsonString()}; this setting is not known here, and may change what is computed. Remove it where it does not.");
        }

        if ((int?)settings["r"] is not (>= 1 and var rank))
            throw Refused($"r is {settings["r"]?.ToJsonString() ?? "missing"}; it must be a whole number from 1.");
        double alpha = (double?)settings["lora_alpha"] ?? throw Refused("lora_alpha is missing.");
        bool byRoot = !IsOff(settings["use_rslora"]);
        double scale = alpha / (byRoot ? Math.Sqrt(rank) : rank);
        if (scale == 1)
            return rank;
        string scaled = string.Create(CultureInfo.InvariantCulture, $"lora_alpha is {alpha} and r is {rank}{(byRoot ? ", and use_rslora divides by the root of r" : "")}");
        throw Refused(string.Create(CultureInfo.InvariantCulture,
            $"{scaled}; experts here are not scaled. Multiply lora_B by {scale} and set lora_alpha = r{(byRoot ? " and use_rslora = false" : "")}."));
    }

    private static bool IsOff(JsonNode? value) => value switch
    {
        null => true,
        JsonObject o => o.Count == 0,
        JsonArray a => a.Count == 0,
        _ => value.GetValueKind() == JsonValueKind.False,
    };
}
