using System.Collections.Immutable;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>
/// Parameters laid out as one vector: a step takes a few tensor operations however many there are. The parameters and their gradients are
/// parts of the vectors, so that nothing is held twice.
/// </summary>
internal sealed class FlatParameters : IDisposable
{
    // A part begins where a cache line does, as a tensor of its own would.
    private const long Line = 16;

    private readonly ImmutableArray<Tensor> _parameters;

    /// <param name="parameters">Leaves of 32-bit floats that require a gradient, at least one, all on one device; their owner keeps them.</param>
    internal FlatParameters(IEnumerable<Tensor> parameters)
    {
        _parameters = [.. parameters];
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        (Values, Gradient) = (Like(), Like());
        long start = 0;
        foreach (var parameter in _parameters)
        {
            long[] shape = parameter.shape;
            Tensor Part(Tensor whole) => whole.narrow(0, start, parameter.numel()).view(shape);
            var part = Part(Values);
            part.copy_(parameter);
            parameter.set_(part);
            parameter.grad = Part(Gradient);
            start += Lines(parameter.numel());
        }
    }

    /// <summary>The parameters as one vector.</summary>
    internal Tensor Values { get; }

    /// <summary>What backward passes have added up since it was forgotten last, as one vector; 0 where no loss reached.</summary>
    internal Tensor Gradient { get; }

    /// <summary>A vector of as many zeros, which whoever asked for it disposes.</summary>
    internal Tensor Like() => zeros(_parameters.Sum(p => Lines(p.numel())), device: _parameters[0].device).DetachFromDisposeScope();

    /// <summary>Forgets the gradient.</summary>
    internal void Forget()
    {
        using var noGradient = no_grad();
        Gradient.zero_();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in _parameters)
            parameter.grad = null;
        Values.Dispose();
        Gradient.Dispose();
    }

    private static long Lines(long elements) => (elements + Line - 1) / Line * Line;
}
