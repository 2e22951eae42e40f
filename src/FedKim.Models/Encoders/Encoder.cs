using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>Turns one modality into feature tokens, [batch, tokens, <see cref="Width"/>].</summary>
public abstract class Encoder(EncoderSpec spec) : nn.Module<ModalityBatch, Tensor>(spec.Name)
{
    /// <summary>What it was built from.</summary>
    public EncoderSpec Spec { get; } = spec;

    /// <summary>Width of the feature tokens.</summary>
    public int Width => Spec.Width;

    /// <summary>
    /// Whether a sample's tokens do not depend on what else is in its batch, in training either: then samples of several tasks may go through
    /// together.
    /// </summary>
    public virtual bool TreatsEachAlone => false;
}
