using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace FedKim.Parameters.Strategies;

/// <summary>What a strategy keeps, in one round, tile by tile: goes on from the last aggregate's and writes this one's.</summary>
internal sealed class KeptTensors : IDisposable
{
    private readonly SafetensorsReader? _last;
    private readonly (KeptTensor Tensor, double[] Values)[] _kept;
    private readonly float[] _stored;

    /// <param name="kept">What is kept.</param>
    /// <param name="last">The last aggregate; null in a first round.</param>
    /// <param name="elements">The most elements of a tile.</param>
    internal KeptTensors(IReadOnlyList<KeptTensor> kept, WeightFile? last, int elements)
    {
        _kept = [.. kept.Select(k => (k, new double[elements]))];
        _stored = new float[_kept.Length > 0 ? elements : 0];
        _last = last is null || _kept.Length == 0 ? null : SafetensorsReader.Open(last);
    }

    /// <summary>The values of one of them, of a tile of so many elements.</summary>
    internal Span<double> this[int index, int count] => _kept[index].Values.AsSpan(0, count);

    /// <summary>The tensors that stand in the aggregate beside one of the model's.</summary>
    internal IEnumerable<(string Name, DType Type, ImmutableArray<long> Shape)> Beside(TensorInfo tensor) =>
        ServerMoments.Has(tensor) ? _kept.Select(k => (ServerMoments.NameOf(k.Tensor, tensor), DType.F32, tensor.Shape)) : [];

    /// <summary>Reads what the last round left.</summary>
    /// <param name="tensor">One of the model's, learned.</param>
    /// <param name="first">The tile's first element.</param>
    /// <param name="count">The tile's elements.</param>
    internal void Read(TensorInfo tensor, long first, int count)
    {
        foreach (var (kept, values) in _kept)
        {
            if (_last is null)
            {
                values.AsSpan(0, count).Fill((float)kept.Start);
                continue;
            }

            var stored = _last.Matching(new TensorInfo(ServerMoments.NameOf(kept, tensor), DType.F32, tensor.Shape, 0, tensor.Count * sizeof(float)));
            var bytes = MemoryMarshal.AsBytes(_stored.AsSpan(0, count));
            _last.Read(stored, first * sizeof(float), bytes);
            TensorKernels.AddWeighted(DType.F32, bytes, 1, values.AsSpan(0, count), first: true);
        }
    }

    /// <summary>Writes what this round leaves.</summary>
    /// <param name="tensor">The same.</param>
    /// <param name="first">The same.</param>
    /// <param name="count">The same.</param>
    /// <param name="file">The aggregate.</param>
    /// <exception cref="ArithmeticException">A value left the range of its type.</exception>
    internal void Write(TensorInfo tensor, long first, int count, SafetensorsPieces file)
    {
        foreach (var (kept, values) in _kept)
        {
            string name = ServerMoments.NameOf(kept, tensor);
            var bytes = MemoryMarshal.AsBytes(_stored.AsSpan(0, count));
            TensorKernels.Divide(DType.F32, values.AsSpan(0, count), 1, bytes);
            // What is not finite would make every later round fail. What is kept knows nothing of a server's learning rate.
            if (TensorKernels.IndexOfNonFinite(DType.F32, bytes) >= 0)
                throw new ArithmeticException($"{name} left the range of F32: the clients' mean change is too large. Bound updates by update-checks.max-norm.");
            file.Write(name, first * sizeof(float), bytes);
        }
    }

    /// <summary>Compares the last aggregate with its digest.</summary>
    /// <exception cref="DamagedException">They differ.</exception>
    internal void Verify() => _last?.Verify();

    /// <inheritdoc/>
    public void Dispose() => _last?.Dispose();
}
