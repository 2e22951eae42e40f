using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>One modality of several samples.</summary>
/// <param name="Values">image: [batch, channels, height, width]; signal: [batch, leads, time]; clinical: [batch, time, variables], 0 where missing.</param>
/// <param name="Measured">Clinical: [batch, time, variables], 1 where measured and 0 where missing; null where nothing can be missing.</param>
/// <param name="Present">Clinical: [batch, time], true for a sample's own steps and false for padding; null when all are of one length.</param>
public sealed record ModalityBatch(Tensor Values, Tensor? Measured = null, Tensor? Present = null);
