using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>The encoders a federation can name in its configuration.</summary>
public static class EncoderRegistry
{
    private static readonly SortedDictionary<string, Func<EncoderSpec, Device?, Encoder>> Known = new(StringComparer.Ordinal)
    {
        ["clinical-transformer"] = (spec, device) => new ClinicalTransformer(spec, device),
        ["deit"] = (spec, device) => new Deit(spec, device: device),
        ["deit-distilled"] = (spec, device) => new Deit(spec, distilled: true, device: device),
        ["signal-cnn"] = (spec, device) => new SignalCnn(spec, device),
    };

    /// <summary>The names there are, in ordinal order.</summary>
    public static IEnumerable<string> Names => Known.Keys;

    /// <summary>Builds the encoder that <paramref name="spec"/> names.</summary>
    /// <param name="spec">Its name and sizes.</param>
    /// <param name="device">Where it lives; null for the processor.</param>
    /// <exception cref="ArgumentException">No encoder has this name, or its sizes do not fit each other.</exception>
    public static Encoder Create(EncoderSpec spec, Device? device = null)
    {
        if (!Known.TryGetValue(spec.Name, out var create))
            throw new ArgumentException($"There is no encoder '{spec.Name}'. Known are: {string.Join(", ", Names)}.");
        if (spec.Channels <= 0 || spec.Width <= 0 || spec.Depth <= 0)
            throw new ArgumentException($"Encoder '{spec.Name}': channels {spec.Channels}, width {spec.Width} and depth {spec.Depth} must all be above zero.");
        return create(spec, device);
    }
}
