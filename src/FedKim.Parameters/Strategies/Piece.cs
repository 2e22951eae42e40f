namespace FedKim.Parameters.Strategies;

/// <summary>A stretch of a model that is read, summed and written in one step: tiles that follow one another, small tensors together.</summary>
/// <param name="Tiles">In the model's order.</param>
/// <param name="Bytes">Of all of them together.</param>
internal sealed record Piece(IReadOnlyList<Piece.Place> Tiles, int Bytes)
{
    /// <summary>The pieces of a model, at least one.</summary>
    /// <param name="tensors">The model's.</param>
    /// <param name="elements">The most elements of a tile.</param>
    /// <param name="most">The bytes of a piece, which one tile alone may exceed.</param>
    internal static Piece[] Of(IReadOnlyList<TensorInfo> tensors, int elements, int most)
    {
        List<Piece> pieces = [];
        List<Place> tiles = [];
        int bytes = 0, number = 0;
        for (int t = 0; t < tensors.Count; t++)
        {
            int tile = elements * tensors[t].DType.Width();
            for (long start = 0; start < tensors[t].Length; start += tile)
            {
                int length = (int)Math.Min(tile, tensors[t].Length - start);
                if (tiles.Count > 0 && bytes + length > most)
                    Close();
                tiles.Add(new Place(t, start, length, bytes, number++));
                bytes += length;
            }
        }

        Close();
        return [.. pieces];

        void Close()
        {
            pieces.Add(new Piece([.. tiles], bytes));
            tiles.Clear();
            bytes = 0;
        }
    }

    /// <summary>Where a tile is.</summary>
    /// <param name="Tensor">The tensor's place among the model's.</param>
    /// <param name="Start">Its first byte in the tensor.</param>
    /// <param name="Length">Its bytes, at least 1.</param>
    /// <param name="At">Its first byte in the piece.</param>
    /// <param name="Number">Its place among all tiles of the model.</param>
    internal readonly record struct Place(int Tensor, long Start, int Length, int At, int Number)
    {
        /// <summary>The tile's bytes of a piece's.</summary>
        internal ReadOnlySpan<byte> Of(ReadOnlySpan<byte> piece) => piece.Slice(At, Length);
    }
}
