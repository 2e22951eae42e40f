using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>
/// A square root that is the same on processors of all makers. torch's own is an estimate that is improved, and which each maker's hardware begins
/// elsewhere; its reciprocal square root and its reciprocal are rounded as IEEE 754 wants it.
/// </summary>
internal static class SquareRoot
{
    /// <summary>Takes the root of every value in place; of 0 it is 0.</summary>
    internal static Tensor InPlace(Tensor values) => values.rsqrt_().reciprocal_();
}
