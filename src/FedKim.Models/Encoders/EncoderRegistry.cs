using FedKim.Data;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>The encoders a federation can name in its configuration.</summary>
public static class EncoderRegistry
{
    /// <summary>All of them; a package's own are added at the start of a process.</summary>
    public static NameTable<IEncoderKind> Known { get; } = new(
        "encoder",
        kind => kind.Name,
        new EncoderKind("clinical-transformer", Modality.Table, (spec, device) => new ClinicalTransformer(spec, device)),
        new EncoderKind("deit", Modality.Image, (spec, device) => new Deit(spec, device: device)),
        new EncoderKind("deit-distilled", Modality.Image, (spec, device) => new Deit(spec, distilled: true, device: device)),
        new EncoderKind("signal-cnn", Modality.Signal, (spec, device) => new SignalCnn(spec, device)));

    /// <summary>Builds the encoder that <paramref name="spec"/> names.</summary>
    /// <param name="spec">Its name and sizes.</param>
    /// <param name="device">Where it lives; null for the processor.</param>
    /// <exception cref="ArgumentException">No encoder has this name, or its sizes do not fit each other.</exception>
    public static Encoder Create(EncoderSpec spec, Device? device = null)
    {
        if (Known.Find(spec.Name) is not { } kind)
        {
            throw new ArgumentException(
                $"There is no encoder '{spec.Name}'. Known are: {string.Join(", ", Known.Names)}. If a package of your own adds it, name its file in fedkim.extensions of this node's file.");
        }

        if (spec.Channels <= 0 || spec.Width <= 0 || spec.Depth <= 0)
            throw new ArgumentException($"Encoder '{spec.Name}': channels {spec.Channels}, width {spec.Width} and depth {spec.Depth} must all be above zero.");
        return kind.Create(spec, device);
    }
}
