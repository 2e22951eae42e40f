using System.Runtime.InteropServices;
using FedKim.Rounds;

namespace FedKim.Parameters.Strategies;

/// <summary>
/// Neighbouring values of one floating-point tensor, as doubles, with what the clients made of them. A model goes through a strategy tile by
/// tile, so that memory depends neither on its size nor on the number of clients. Valid while <see cref="IStrategy.Combine"/> runs.
/// </summary>
public sealed class Tile
{
    // Together, the values that all clients have of a tile: 4 MiB.
    private const int MostSeen = 512 * 1024;

    private readonly KeptTensors _kept;
    private readonly int _elements;
    private readonly double[] _start, _seen;
    private readonly byte[] _bytes;
    private readonly bool _seesUpdates;
    private double[] _values = [], _weights = [];
    private double _divisor;
    private bool _isMean;

    internal Tile(ServerOptimizer? constants, KeptTensors kept, int elements, int seen)
    {
        (Constants, _kept, _elements, _seesUpdates) = (constants, kept, elements, seen > 0);
        (_start, _seen, _bytes) = (new double[elements], new double[elements * seen], new byte[elements * sizeof(double)]);
    }

    /// <summary>The tensor.</summary>
    public TensorInfo Tensor { get; private set; } = null!;

    /// <summary>The place of the tile's first value in the tensor.</summary>
    public long First { get; private set; }

    /// <summary>How many values the tile has, at least 1.</summary>
    public int Count { get; private set; }

    /// <summary>The federation's constants; null where the strategy recommends none.</summary>
    public ServerOptimizer? Constants { get; }

    /// <summary>Whether gradients move the tensor. What normalisation layers count while they run is not learned, and has nothing kept beside it.</summary>
    public bool IsLearned { get; private set; }

    /// <summary>How many clients vote on the tensor, at least 1. They stand in the order of their names.</summary>
    public int Updates => _weights.Length;

    /// <summary>The clients' weighted mean, and what the strategy makes of it: finite values, which become the new model's.</summary>
    public Span<double> Values
    {
        get
        {
            _isMean = false;
            var values = _values.AsSpan(0, Count);
            if (_divisor != 1)
                TensorKernels.Divide(DType.F64, values, _divisor, MemoryMarshal.AsBytes(values));
            _divisor = 1;
            return values;
        }
    }

    /// <summary>The values of the model that the clients started from.</summary>
    public ReadOnlySpan<double> Start
    {
        get
        {
            TensorKernels.AddWeighted(Tensor.DType, StartBytes(), 1, _start.AsSpan(0, Count), first: true);
            return _start.AsSpan(0, Count);
        }
    }

    /// <summary>What a client's say weighs: its samples of the tasks that train the tensor; with plain weighting 1.</summary>
    /// <param name="update">0 to <see cref="Updates"/> − 1.</param>
    public double Weight(int update) => _weights[update];

    /// <summary>A client's values.</summary>
    /// <param name="update">0 to <see cref="Updates"/> − 1.</param>
    /// <exception cref="InvalidOperationException">The strategy does not say that it sees updates (<see cref="IStrategy.SeesUpdates"/>).</exception>
    public ReadOnlySpan<double> Update(int update)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)update, (uint)Updates, nameof(update));
        return _seesUpdates ? Seen(update) : throw new InvalidOperationException("a strategy that reads the clients' values says so: SeesUpdates.");
    }

    /// <summary>What the strategy keeps of the values, as the last round left it; what is left there the next round finds.</summary>
    /// <param name="index">Its place in <see cref="IStrategy.Keeps"/>.</param>
    /// <exception cref="InvalidOperationException">The tensor is not learned (<see cref="IsLearned"/>).</exception>
    public Span<double> Kept(int index) =>
        IsLearned ? _kept[index, Count] : throw new InvalidOperationException($"{Tensor.Name} is not learned, and nothing is kept beside it.");

    /// <summary>Turns the mean in <see cref="Values"/> into the mean change: less <see cref="Start"/>, and more exactly so than a subtraction.</summary>
    /// <returns><see cref="Values"/>.</returns>
    public Span<double> TakeChange()
    {
        TensorKernels.AddWeighted(Tensor.DType, StartBytes(), -_divisor, _values.AsSpan(0, Count), first: false);
        return Values;
    }

    /// <summary>Adds <see cref="Start"/> to <see cref="Values"/>.</summary>
    public void AddStart() => TensorKernels.AddWeighted(Tensor.DType, StartBytes(), 1, Values, first: false);

    /// <summary>The most values of a tile, where each of so many clients' is seen, or none's.</summary>
    internal static int Elements(int seen, int most) => seen == 0 ? most : Math.Clamp(MostSeen / seen, 1, most);

    /// <summary>Makes this another tile.</summary>
    /// <param name="tensor">Its tensor.</param>
    /// <param name="first">Its first value there.</param>
    /// <param name="start">Its bytes in the model that the clients started from.</param>
    /// <param name="weights">Of the clients that vote on it.</param>
    /// <param name="sum">The weighted sum of their values, in which the tile works.</param>
    internal void Begin(TensorInfo tensor, long first, ReadOnlySpan<byte> start, double[] weights, double[] sum)
    {
        (Tensor, First, Count) = (tensor, first, start.Length / tensor.DType.Width());
        (_values, _weights, _divisor) = (sum, weights, weights.Sum());
        (IsLearned, _isMean) = (ServerMoments.Has(tensor), true);
        start.CopyTo(_bytes);
    }

    /// <summary>Shows a client's values.</summary>
    internal void See(int update, ReadOnlySpan<byte> sent) => TensorKernels.AddWeighted(Tensor.DType, sent, 1, Seen(update), first: true);

    /// <summary>Writes the new values, in the tensor's type.</summary>
    /// <param name="target">As many bytes as they take.</param>
    /// <returns>Whether all of them are finite; a mean of finite values is.</returns>
    internal bool Write(Span<byte> target)
    {
        TensorKernels.Divide(Tensor.DType, _values.AsSpan(0, Count), _divisor, target);
        return _isMean || TensorKernels.IndexOfNonFinite(Tensor.DType, target) < 0;
    }

    private Span<double> Seen(int update) => _seen.AsSpan(update * _elements, Count);

    private ReadOnlySpan<byte> StartBytes() => _bytes.AsSpan(0, Count * Tensor.DType.Width());
}
