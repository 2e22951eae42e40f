using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>One modality of several samples.</summary>
/// <param name="Values">image: [batch, channels, height, width]; signal: [batch, leads, time]; clinical: [batch, time, variables], 0 where missing.</param>
/// <param name="Measured">Clinical: [batch, time, variables], 1 where measured and 0 where missing; null where nothing can be missing.</param>
/// <param name="Present">Clinical: [batch, time], true for a sample's own steps and false for padding; null when all are of one length.</param>
public sealed record ModalityBatch(Tensor Values, Tensor? Measured = null, Tensor? Present = null)
{
    /// <summary>Samples.</summary>
    public long Count => Values.shape[0];

    /// <summary>Batches behind each other in one; null where their samples are not of one form. The caller's scope owns it.</summary>
    public static ModalityBatch? Join(IReadOnlyList<ModalityBatch> batches)
    {
        var first = batches[0];
        bool alike = batches.All(b => b.Values.shape.AsSpan(1).SequenceEqual(first.Values.shape.AsSpan(1))
            && b.Measured is null == first.Measured is null && b.Present is null == first.Present is null);
        return !alike ? null : new ModalityBatch(
            cat([.. batches.Select(b => b.Values)], 0),
            first.Measured is null ? null : cat([.. batches.Select(b => b.Measured!)], 0),
            first.Present is null ? null : cat([.. batches.Select(b => b.Present!)], 0));
    }
}
