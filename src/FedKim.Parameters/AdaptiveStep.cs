using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace FedKim.Parameters;

/// <summary>One round's step of an adaptive server, tile by tile: goes on from the last aggregate's moments and writes this one's.</summary>
internal sealed class AdaptiveStep : IDisposable
{
    private readonly AdaptiveRule _rule;
    private readonly SafetensorsReader? _last;
    private readonly Moment _first;
    private readonly Moment _second;

    /// <param name="rule">How a step is made.</param>
    /// <param name="last">The last aggregate; null in a first round.</param>
    /// <param name="tileElements">The most elements of a tile.</param>
    internal AdaptiveStep(AdaptiveRule rule, WeightFile? last, int tileElements)
    {
        (_rule, _last) = (rule, last is null ? null : SafetensorsReader.Open(last));
        _first = new Moment(ServerMoments.First, 0, tileElements);
        _second = new Moment(ServerMoments.Second, rule.Constants.Tau * rule.Constants.Tau, tileElements);
    }

    /// <summary>The tensors that stand in the aggregate beside one of the model's.</summary>
    internal static IEnumerable<(string Name, DType Type, ImmutableArray<long> Shape)> Beside(TensorInfo tensor) => ServerMoments.Has(tensor)
        ? [(ServerMoments.First(tensor.Name), DType.F32, tensor.Shape), (ServerMoments.Second(tensor.Name), DType.F32, tensor.Shape)]
        : [];

    /// <summary>Turns the clients' mean change into the server's step, in place, and writes the moments it leaves.</summary>
    /// <param name="tensor">A model's tensor with moments.</param>
    /// <param name="start">The tile's first element.</param>
    /// <param name="delta">Δ of the tile's elements.</param>
    /// <param name="file">The aggregate.</param>
    internal void Take(TensorInfo tensor, long start, Span<double> delta, SafetensorsPieces file)
    {
        var first = _first.Read(_last, tensor, start, delta.Length);
        var second = _second.Read(_last, tensor, start, delta.Length);
        _rule.Apply(delta, first, second);
        _first.Write(file, tensor, start, first);
        _second.Write(file, tensor, start, second);
    }

    /// <summary>Leaves the moments as they are, where no client says anything.</summary>
    /// <param name="tensor">A model's tensor with moments.</param>
    /// <param name="start">The tile's first element.</param>
    /// <param name="count">The tile's elements.</param>
    /// <param name="file">The aggregate.</param>
    internal void Keep(TensorInfo tensor, long start, int count, SafetensorsPieces file)
    {
        _first.Write(file, tensor, start, _first.Read(_last, tensor, start, count));
        _second.Write(file, tensor, start, _second.Read(_last, tensor, start, count));
    }

    /// <summary>A mean of finite updates is finite; a step along it need not be, and what is not would make every later round fail.</summary>
    /// <exception cref="ArithmeticException">A value left the range of its type.</exception>
    internal static void RequireFinite(DType type, ReadOnlySpan<byte> values, string tensor)
    {
        if (TensorKernels.IndexOfNonFinite(type, values) >= 0)
        {
            // The moments know nothing of the rate.
            string remedy = ServerMoments.Is(tensor)
                ? "the clients' mean change is too large. Bound updates by update-checks.max-norm."
                : "the server's step is too large. Lower server-optimizer.learning-rate, or bound updates by update-checks.max-norm.";
            throw new ArithmeticException($"{tensor} left the range of {type.Name()}: {remedy}");
        }
    }

    /// <summary>Compares the last aggregate with its digest.</summary>
    /// <exception cref="DamagedException">They differ.</exception>
    internal void Verify() => _last?.Verify();

    /// <inheritdoc/>
    public void Dispose() => _last?.Dispose();

    // One of the two moments: how it is called, what it is before the first round, and room for a tile of it.
    private sealed class Moment(Func<string, string> name, double start, int tileElements)
    {
        private readonly double[] _values = new double[tileElements];
        private readonly float[] _stored = new float[tileElements];

        internal Span<double> Read(ITensorFile? last, TensorInfo tensor, long at, int count)
        {
            var values = _values.AsSpan(0, count);
            if (last is null)
            {
                values.Fill((float)start);
                return values;
            }

            var moment = last.Matching(new TensorInfo(name(tensor.Name), DType.F32, tensor.Shape, 0, tensor.Count * sizeof(float)));
            var bytes = MemoryMarshal.AsBytes(_stored.AsSpan(0, count));
            last.Read(moment, at * sizeof(float), bytes);
            TensorKernels.AddWeighted(DType.F32, bytes, 1, values, first: true);
            return values;
        }

        internal void Write(SafetensorsPieces file, TensorInfo tensor, long at, ReadOnlySpan<double> values)
        {
            var bytes = MemoryMarshal.AsBytes(_stored.AsSpan(0, values.Length));
            TensorKernels.Divide(DType.F32, values, 1, bytes);
            RequireFinite(DType.F32, bytes, name(tensor.Name));
            file.Write(name(tensor.Name), at * sizeof(float), bytes);
        }
    }
}
