using TorchSharp.Modules;
using static TorchSharp.torch;

namespace FedKim.Models.Encoders;

/// <summary>
/// A Transformer over the time steps of a clinical table. Each step enters as its values beside the mask of what was measured, with a
/// sinusoidal position (Vaswani et al. 2017); learned queries then gather the steps into a fixed number of feature tokens. Padded steps
/// are neither attended to nor gathered, so padding changes nothing.
/// </summary>
public sealed class ClinicalTransformer : Encoder
{
    private const double LongestPeriod = 10_000;

    private readonly int _width;
    private readonly Linear _input;
    private readonly ModuleList<TransformerBlock> _blocks = [];
    private readonly LayerNorm _norm;
    private readonly Parameter _queries;
    private Tensor? _positions;

    /// <param name="spec">Sizes; the width must be even.</param>
    /// <exception cref="ArgumentException">The sizes do not fit each other.</exception>
    public ClinicalTransformer(EncoderSpec spec, Device? device = null) : base(spec)
    {
        if (spec.Tokens <= 0)
            throw new ArgumentException($"Encoder '{spec.Name}': tokens must be above zero.");
        if (spec.Width % 2 != 0)
            throw new ArgumentException($"Encoder '{spec.Name}': the width {spec.Width} must be even.");
        _width = spec.Width;
        _input = nn.Linear(2 * spec.Channels, spec.Width, device: device);
        for (int block = 0; block < spec.Depth; block++)
            _blocks.Add(new TransformerBlock(spec.Width, spec.Heads, epsilon: 1e-6, device));
        _norm = nn.LayerNorm(spec.Width, 1e-6, device: device);
        _queries = new Parameter(zeros(spec.Tokens, spec.Width, device: device));
        register_module("input", _input);
        register_module("blocks", _blocks);
        register_module("norm", _norm);
        register_parameter("queries", _queries);
    }

    /// <inheritdoc/>
    public override bool TreatsEachAlone => true;

    /// <returns>[batch, tokens, width], one token a learned query.</returns>
    public override Tensor forward(ModalityBatch input)
    {
        using var scope = NewDisposeScope();
        var measured = input.Measured ?? ones_like(input.Values);
        var mask = input.Present is null ? null : Masked(input.Present);
        var x = _input.forward(cat([input.Values, measured], -1)) + Positions(input.Values.shape[1], input.Values);
        foreach (var block in _blocks)
            x = block.forward(x, mask?.unsqueeze(1));
        x = _norm.forward(x);

        var scores = matmul(_queries, x.transpose(1, 2)) / Math.Sqrt(_width);
        return matmul(nn.functional.softmax(mask is null ? scores : scores + mask, -1), x).MoveToOuterDisposeScope();
    }

    // The least float instead of minus infinity: a sample without a single step then averages its padding instead of turning into NaN.
    private static Tensor Masked(Tensor present) =>
        zeros_like(present, dtype: ScalarType.Float32).masked_fill(present.logical_not(), float.MinValue / 2).unsqueeze(1);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _positions?.Dispose();
        base.Dispose(disposing);
    }

    // The same for every batch of a task, and kept.
    private Tensor Positions(long steps, Tensor like)
    {
        if (_positions is not null && _positions.shape[0] == steps && _positions.device == like.device)
            return _positions;
        _positions?.Dispose();
        var time = arange(steps, dtype: ScalarType.Float32, device: like.device).unsqueeze(1);
        var rate = (arange(0, _width, 2, dtype: ScalarType.Float32, device: like.device) * (-Math.Log(LongestPeriod) / _width)).exp();
        var angle = time * rate;
        return _positions = cat([angle.sin(), angle.cos()], -1).DetachFromDisposeScope();
    }
}
