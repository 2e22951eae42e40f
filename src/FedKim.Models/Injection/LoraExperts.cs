using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Injection;

/// <summary>LoRA-M3OE beside one projection, eq. 5 of arXiv 2408.10276: c = W_F h + s · Σ_p α_p · B_p A_p h, as two matrix products.</summary>
/// <param name="a">[experts, rank, in].</param>
/// <param name="b">[experts, out, rank]; zero at the start, so that the base model is unchanged.</param>
/// <param name="scale">s, LoRA's α/r; 1 where eq. 5 is taken as printed.</param>
public sealed class LoraExperts(Parameter a, Parameter b, double scale = 1)
{
    /// <summary>Adds what the experts say to what the base projection gives.</summary>
    /// <param name="h">The projection's input, [batch, tokens, in].</param>
    /// <param name="c">The projection's output, [batch, tokens, out].</param>
    /// <param name="alpha">α, [batch, experts], or [1, experts] for one task in the whole batch.</param>
    /// <returns>[batch, tokens, out], in the type of <paramref name="c"/>.</returns>
    public Tensor Add(Tensor h, Tensor c, Tensor alpha)
    {
        using var scope = NewDisposeScope();
        long experts = a.shape[0], rank = a.shape[1], size = b.shape[1];
        var weights = alpha.mul(scale).repeat_interleave(rank, 1).unsqueeze(1);
        var low = nn.functional.linear(h.to(a.dtype), a.view(experts * rank, -1)).mul(weights).flatten(0, 1);
        // Experts lie side by side in a row of the output: runs of r stay together, and are copied fast.
        var up = b.permute(1, 0, 2).reshape(size, experts * rank).t();
        var sum = c.dtype == a.dtype ? c.view(-1, size).addmm(low, up) : c.view(-1, size).add(low.matmul(up).to(c.dtype));
        return sum.view(c.shape).MoveToOuterDisposeScope();
    }
}
