using System.Runtime.InteropServices;

namespace FedKim.Parameters.Strategies;

/// <summary>
/// What the updates so far come to, of a whole model, where they are too many to be open at once: the weighted sums of floating values, and
/// the greatest of the others. It takes eight bytes a value, two models of F32, however many the updates are.
/// </summary>
/// <param name="tiles">Tiles of the model.</param>
internal sealed class WholeSum(int tiles)
{
    private readonly double[]?[] _sums = new double[]?[tiles];

    /// <summary>The weighted sums of a tile that somebody votes on.</summary>
    internal double[] Of(Piece.Place tile) => _sums[tile.Number]!;

    /// <summary>The greatest values of a tile of another type, in it.</summary>
    internal Span<byte> Greatest(Piece.Place tile) => MemoryMarshal.AsBytes(Of(tile).AsSpan())[..tile.Length];

    /// <summary>Takes in an update's values of a tile, in client order.</summary>
    internal void Add(Piece.Place tile, DType type, double weight, ReadOnlySpan<byte> sent)
    {
        bool first = _sums[tile.Number] is null;
        int values = type.IsFloating() ? tile.Length / type.Width() : (tile.Length + sizeof(double) - 1) / sizeof(double);
        double[] sum = _sums[tile.Number] ??= GC.AllocateUninitializedArray<double>(values);
        if (type.IsFloating())
            TensorKernels.AddWeighted(type, sent, weight, sum, first);
        else
            TensorKernels.KeepGreatest(type, sent, Greatest(tile), first);
    }
}
