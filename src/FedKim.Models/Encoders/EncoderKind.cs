using FedKim.Data;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>A kind of encoder that FedKim brings along.</summary>
/// <param name="Name">Its name in a federation file.</param>
/// <param name="Reads">What it reads.</param>
/// <param name="Make">Makes one.</param>
internal sealed record EncoderKind(string Name, Modality Reads, Func<EncoderSpec, Device?, Encoder> Make) : IEncoderKind
{
    /// <inheritdoc/>
    public Encoder Create(EncoderSpec spec, Device? device) => Make(spec, device);
}
