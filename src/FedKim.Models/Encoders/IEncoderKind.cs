using FedKim.Data;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>
/// A kind of encoder: the <c>name</c> under <c>encoders</c> in a federation file. FedKim's own are nothing else, and a package adds one by a
/// public class with a constructor without parameters.
/// </summary>
public interface IEncoderKind
{
    /// <summary>Its name in a federation file: lower-case letters, digits and hyphens.</summary>
    string Name { get; }

    /// <summary>What it reads.</summary>
    Modality Reads { get; }

    /// <summary>Makes one. The same spec makes the same tensors, by name and shape, at every site; their values are drawn or loaded afterwards.</summary>
    /// <param name="spec">Its sizes, above zero.</param>
    /// <param name="device">Where it lives; null for the processor.</param>
    /// <exception cref="ArgumentException">The sizes do not fit each other.</exception>
    Encoder Create(EncoderSpec spec, Device? device);
}
