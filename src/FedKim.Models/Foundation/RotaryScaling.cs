using System.Text.Json;
using System.Text.Json.Nodes;

namespace FedKim.Models.Foundation;

/// <summary>
/// Llama 3's stretching of rotary positions (<c>rope_type</c> llama3): slow rotations are slowed by a factor, fast ones stay, and between
/// them it goes over smoothly. Computed as in Hugging Face's <c>_compute_llama3_parameters</c>.
/// </summary>
/// <param name="Factor">Slow rotations are slowed by it; from 1.</param>
/// <param name="LowFreqFactor">Rotations with a longer period than the original context divided by it are slow.</param>
/// <param name="HighFreqFactor">Rotations with a shorter period than the original context divided by it are fast; above <paramref name="LowFreqFactor"/>.</param>
/// <param name="OriginalMaxPositionEmbeddings">The context before it was stretched, tokens.</param>
internal sealed record RotaryScaling(double Factor, double LowFreqFactor, double HighFreqFactor, int OriginalMaxPositionEmbeddings)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Reads <c>rope_scaling</c>.</summary>
    /// <returns>Null where nothing is scaled: none, default, or dynamic, which scales beyond the longest sequence only.</returns>
    /// <exception cref="FormatException">The scaling is another one or lacks a number; the message says which.</exception>
    public static RotaryScaling? Of(JsonNode? node)
    {
        if (node is null)
            return null;
        RotaryScaling? scaling;
        try
        {
            string kind = (string?)(node["rope_type"] ?? node["type"]) ?? "";
            if (kind is "default" or "dynamic")
                return null;
            if (kind != "llama3")
                throw new FormatException($"of type '{kind}' is not understood; only default, dynamic and llama3 are");
            scaling = node.Deserialize<RotaryScaling>(Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"cannot be read: {e.Message}", e);
        }

        return scaling is { Factor: >= 1 and < double.PositiveInfinity, LowFreqFactor: > 0, OriginalMaxPositionEmbeddings: > 0 } && scaling.HighFreqFactor > scaling.LowFreqFactor
            ? scaling
            : throw new FormatException("of type llama3 needs factor from 1, low_freq_factor above 0, high_freq_factor above that, and original_max_position_embeddings above 0");
    }

    /// <summary>What becomes of a frequency, radians a token.</summary>
    public float Scale(float frequency)
    {
        double period = 2 * Math.PI / frequency;
        double share = Math.Clamp(((OriginalMaxPositionEmbeddings / period) - LowFreqFactor) / (HighFreqFactor - LowFreqFactor), 0, 1);
        return (float)((share * frequency) + ((1 - share) * frequency / Factor));
    }
}
