using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Injection;

/// <summary>LoRA-M3OE beside one projection, eq. 5 of arXiv 2408.10276: c = W_F h + s · Σ_p α_p · B_p A_p h, as two matrix products.</summary>
/// <param name="a">[experts, rank, in].</param>
/// <param name="b">[experts, out, rank]; zero at the start, so that the base model is unchanged.</param>
/// <param name="scale">s, LoRA's α/r; 1 where eq. 5 is taken as printed.</param>
/// <param name="products">Element type in which h, A and B enter products; what these add up to, and gradients of A and B, are of their own types.</param>
public sealed class LoraExperts(Parameter a, Parameter b, double scale = 1, ScalarType products = ScalarType.Float32)
{
    // Experts × rank: all experts' rows side by side.
    private long Rank => a.shape[0] * a.shape[1];

    private Tensor Down => a.view(Rank, -1);

    /// <summary>
    /// The projection together with its experts. One α for the whole batch makes one matrix of them all, W_F + s · Σ_p α_p · B_p A_p: where that
    /// costs fewer multiplications than going through the experts token by token, it is made.
    /// </summary>
    /// <param name="h">The projection's input, [batch, tokens, in].</param>
    /// <param name="weight">W_F, [out, in].</param>
    /// <param name="bias">[out]; null for none.</param>
    /// <param name="alpha">α, [batch, experts], or [1, experts] for one task in the whole batch.</param>
    /// <returns>[batch, tokens, out], in the type of <paramref name="h"/>.</returns>
    public Tensor Project(Tensor h, Tensor weight, Tensor? bias, Tensor alpha)
    {
        using var scope = NewDisposeScope();
        var whole = IsCheaperAsOne(h.shape[0] * h.shape[1], alpha) && weight.dtype == a.dtype
            ? nn.functional.linear(h, With(weight, Up().mul(Weights(alpha))), bias)
            : Add(h, nn.functional.linear(h, weight, bias), alpha);
        return whole.MoveToOuterDisposeScope();
    }

    /// <summary>Adds what the experts say, token by token, to what the base projection gives.</summary>
    /// <param name="h">The projection's input, [batch, tokens, in].</param>
    /// <param name="c">The projection's output, [batch, tokens, out].</param>
    /// <param name="alpha">α, [batch, experts], or [1, experts] for one task in the whole batch.</param>
    /// <returns>[batch, tokens, out], in the type of <paramref name="c"/>.</returns>
    public Tensor Add(Tensor h, Tensor c, Tensor alpha)
    {
        using var scope = NewDisposeScope();
        var low = nn.functional.linear(h.to(products), Down.to(products));
        low = low.mul(Weights(alpha).to(products).unsqueeze(1)).flatten(0, 1);
        var up = Up().to(products).t();
        var sum = c.dtype == products ? c.view(-1, b.shape[1]).addmm(low, up) : c.view(-1, b.shape[1]).add(low.matmul(up).to(c.dtype));
        return sum.view(c.shape).MoveToOuterDisposeScope();
    }

    // Multiplications of a training step besides those of W_F, each product counted forward and for either gradient. Of a projection much wider than
    // the experts' ranks together it never is, so that no large matrix is made.
    private bool IsCheaperAsOne(long tokens, Tensor alpha)
    {
        long input = a.shape[2], output = b.shape[1];
        return alpha.shape[0] == 1 && (tokens * input * output) + (3 * Rank * input * output) < 3 * tokens * Rank * (input + output);
    }

    // W_F and what the experts make of it together, [out, in].
    private Tensor With(Tensor weight, Tensor up) =>
        products == weight.dtype ? weight.addmm(up, Down) : weight.add(up.to(products).matmul(Down.to(products)).to(weight.dtype));

    // [1 or batch, experts × rank].
    private Tensor Weights(Tensor alpha) => alpha.mul(scale).repeat_interleave(a.shape[1], 1);

    // [out, experts × rank]. Experts lie side by side in a row of the output: runs of r stay together, and are copied fast.
    private Tensor Up() => b.permute(1, 0, 2).reshape(b.shape[1], Rank);
}
