using System.Collections.Immutable;
using FedKim.Models.Encoders;
using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>
/// AdamW (Loshchilov and Hutter 2019; Adam where the decay is 0) over parameters laid out as one vector: a dozen tensor operations a step
/// however many parameters there are, and a state of three tensors to save.
/// </summary>
internal sealed class FlatAdam : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly ImmutableArray<Tensor> _parameters;
    private readonly long[] _sizes;
    private readonly double _decay;
    private readonly Tensor _mean;
    private readonly Tensor _square;
    private long _steps;

    /// <param name="parameters">Leaves that require a gradient; their owner keeps them.</param>
    /// <param name="decay">Weight decay, decoupled from the gradient.</param>
    internal FlatAdam(IEnumerable<Tensor> parameters, double decay)
    {
        _parameters = [.. parameters];
        _sizes = [.. _parameters.Select(p => p.numel())];
        _decay = decay;
        using var scope = NewDisposeScope();
        Values = cat([.. _parameters.Select(p => p.detach().flatten())]).DetachFromDisposeScope();
        _mean = zeros_like(Values).DetachFromDisposeScope();
        _square = zeros_like(Values).DetachFromDisposeScope();
    }

    /// <summary>The parameters as one vector.</summary>
    internal Tensor Values { get; }

    /// <summary>The gradients as one vector, 0 where the loss did not reach; forgets them.</summary>
    internal Tensor TakeGradient()
    {
        using var scope = NewDisposeScope();
        var gradients = _parameters.Select(p => p.grad?.flatten() ?? zeros(p.numel(), device: p.device)).ToArray();
        var flat = cat(gradients);
        foreach (var parameter in _parameters) parameter.grad = null;
        return flat.MoveToOuterDisposeScope();
    }

    /// <summary>One step along <paramref name="gradient"/>, already clipped.</summary>
    internal void Step(Tensor gradient, double rate)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        _steps++;
        _mean.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
        _square.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        var root = (_square / (1 - Math.Pow(Beta2, _steps))).sqrt_().add_(Epsilon);
        if (_decay > 0) Values.mul_(1 - (rate * _decay));
        Values.addcdiv_(_mean, root, -rate / (1 - Math.Pow(Beta1, _steps)));
        Scatter();
    }

    /// <summary>Everything a later process needs to go on, as tensors to be written under a prefix.</summary>
    internal IEnumerable<TensorData> State(string prefix) =>
    [
        TensorFiles.Of($"{prefix}.values", Values), TensorFiles.Of($"{prefix}.mean", _mean), TensorFiles.Of($"{prefix}.square", _square),
    ];

    /// <summary>Goes on from what <see cref="State"/> saved after <paramref name="steps"/> steps.</summary>
    internal void Restore(SafetensorsFile file, string prefix, long steps)
    {
        using var gradient = no_grad();
        TensorFiles.Fill(Values, file, $"{prefix}.values");
        TensorFiles.Fill(_mean, file, $"{prefix}.mean");
        TensorFiles.Fill(_square, file, $"{prefix}.square");
        _steps = steps;
        Scatter();
    }

    /// <summary>False once a parameter or a moment is NaN or infinite.</summary>
    internal bool IsFinite
    {
        get
        {
            using var scope = NewDisposeScope();
            using var gradient = no_grad();
            return stack([Values, _mean, _square]).isfinite().all().item<bool>();
        }
    }

    /// <summary>Steps made.</summary>
    internal long Steps => _steps;

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        _mean.Dispose();
        _square.Dispose();
    }

    private void Scatter()
    {
        using var scope = NewDisposeScope();
        var pieces = Values.split(_sizes);
        for (int i = 0; i < _parameters.Length; i++) _parameters[i].copy_(pieces[i].view(_parameters[i].shape));
    }
}
