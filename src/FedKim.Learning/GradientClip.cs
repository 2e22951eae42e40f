using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>Bounds the global norm of gradients before a step (method §2, §4).</summary>
public static class GradientClip
{
    /// <summary>Scales the gradients in place so that their common norm is at most <paramref name="bound"/>.</summary>
    public static void Apply(IReadOnlyList<Tensor> gradients, double bound)
    {
        using var scope = NewDisposeScope();
        var norm = SquareRoot.InPlace(stack([.. gradients.Select(g => g.dot(g))]).sum());
        var factor = (bound / (norm + 1e-6)).clamp(max: 1);
        foreach (var gradient in gradients)
            gradient.mul_(factor);
    }
}
