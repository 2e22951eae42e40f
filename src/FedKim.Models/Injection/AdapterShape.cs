using System.Collections.Immutable;
using static TorchSharp.torch;

namespace FedKim.Models.Injection;

/// <summary>What stands around the frozen F.</summary>
/// <param name="Features">Modality → width of its encoder's feature tokens.</param>
/// <param name="Experts">P; 1 is one plain LoRA a projection without a router, 0 is none (encoders and feature maps alone).</param>
/// <param name="Rank">r of every expert.</param>
/// <param name="Scale">s, LoRA's α/r.</param>
/// <param name="RouterSoftmax">Whether a softmax stands around the router's attention scores.</param>
/// <param name="Mlp">The router's layers behind the pooling.</param>
/// <param name="RouterNormalised">Whether the router's tokens enter at a root mean square of 1.</param>
/// <param name="Routed">Whether a router weighs the experts; if not, all count alike, 1/P each, which is one LoRA of their ranks together.</param>
/// <param name="Products">
/// Element type in which feature maps and experts enter products: 32-bit floats, or bf16. The router, which sees a few words a step and whose weights count
/// everywhere, has 32-bit floats in either case.
/// </param>
public sealed record AdapterShape(
    ImmutableSortedDictionary<string, int> Features, int Experts = 12, int Rank = 8, double Scale = 1, bool RouterSoftmax = true, RouterMlp Mlp = RouterMlp.Relu,
    bool RouterNormalised = false, bool Routed = true, ScalarType Products = ScalarType.Float32);
