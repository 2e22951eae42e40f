using FedKim.Models.Encoders;
using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019; Adam where the decay is 0) over <see cref="FlatParameters"/>: a dozen tensor operations a step
/// however many parameters there are, and a state of three tensors to save.
/// </summary>
public sealed class FlatAdam : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    // Elements that are worked on at once: what is needed on the way stays small beside the vectors.
    private const long Piece = 1 << 22;

    private readonly FlatParameters _parameters;
    private readonly double _decay;
    private readonly Tensor _mean;
    private readonly Tensor _square;
    private long _steps;

    /// <param name="parameters">Leaves of 32-bit floats that require a gradient, at least one, all on one device; their owner keeps them.</param>
    /// <param name="decay">Weight decay, decoupled from the gradient.</param>
    public FlatAdam(IEnumerable<Tensor> parameters, double decay)
    {
        (_parameters, _decay) = (new FlatParameters(parameters), decay);
        (_mean, _square) = (_parameters.Like(), _parameters.Like());
    }

    /// <summary>The parameters as one vector.</summary>
    public Tensor Values => _parameters.Values;

    /// <summary>What backward passes have added up since the last step, as one vector; 0 where no loss reached.</summary>
    public Tensor Gradient => _parameters.Gradient;

    /// <summary>Forgets the gradient.</summary>
    public void Forget() => _parameters.Forget();

    /// <summary>One step along <see cref="Gradient"/>, already clipped, which is then forgotten.</summary>
    public void Step(double rate)
    {
        using var noGradient = no_grad();
        _steps++;
        foreach (var (values, gradient, mean, square) in Pieces())
        {
            mean.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
            square.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
            var root = SquareRoot.InPlace(square / (1 - Math.Pow(Beta2, _steps))).add_(Epsilon);
            if (_decay > 0)
                values.mul_(1 - (rate * _decay));
            values.addcdiv_(mean, root, -rate / (1 - Math.Pow(Beta1, _steps)));
        }

        Gradient.zero_();
    }

    /// <summary>Everything a later process needs to go on, as tensors to be written under a prefix.</summary>
    public IEnumerable<TensorData> State(string prefix) =>
    [
        TensorFiles.Of($"{prefix}.values", Values), TensorFiles.Of($"{prefix}.mean", _mean), TensorFiles.Of($"{prefix}.square", _square),
    ];

    /// <summary>Goes on from what <see cref="State"/> saved after <paramref name="steps"/> steps.</summary>
    public void Restore(SafetensorsFile file, string prefix, long steps)
    {
        using var gradient = no_grad();
        TensorFiles.Fill(Values, file, $"{prefix}.values");
        TensorFiles.Fill(_mean, file, $"{prefix}.mean");
        TensorFiles.Fill(_square, file, $"{prefix}.square");
        _steps = steps;
    }

    /// <summary>False once a parameter or a moment is NaN or infinite.</summary>
    public bool IsFinite
    {
        get
        {
            using var noGradient = no_grad();
            return Pieces().All(p => stack([p.Values, p.Mean, p.Square]).isfinite().all().item<bool>());
        }
    }

    /// <summary>Steps made.</summary>
    public long Steps => _steps;

    /// <inheritdoc/>
    public void Dispose()
    {
        _parameters.Dispose();
        _mean.Dispose();
        _square.Dispose();
    }

    private IEnumerable<(Tensor Values, Tensor Gradient, Tensor Mean, Tensor Square)> Pieces()
    {
        for (long start = 0; start < Values.numel(); start += Piece)
        {
            using var scope = NewDisposeScope();
            long length = Math.Min(Piece, Values.numel() - start);
            Tensor Part(Tensor whole) => whole.narrow(0, start, length);
            yield return (Part(Values), Part(Gradient), Part(_mean), Part(_square));
        }
    }
}
