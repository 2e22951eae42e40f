namespace FedKim.Parameters.Strategies;

/// <summary>
/// Inputs of a sum that are read one after another: each is opened once, read from end to end, piece by piece, and compared with its digest
/// before its last piece counts as read. One file is open at a time.
/// </summary>
/// <param name="inputs">The files, in their order.</param>
/// <param name="tensors">The model's tensors.</param>
/// <param name="pieces">The model's pieces.</param>
/// <remarks>One reader at a time.</remarks>
internal sealed class InputLane(IReadOnlyList<InputLane.Input> inputs, IReadOnlyList<TensorInfo> tensors, Piece[] pieces) : IDisposable
{
    private readonly TensorInfo?[] _wanted = new TensorInfo?[tensors.Count];
    private ITensorFile? _file;

    /// <summary>Reads a piece of an input: of the first in the first steps, as many as the model has pieces. Past the last there is nothing.</summary>
    /// <param name="step">Counts up from 0.</param>
    /// <param name="target">What is not wanted of the piece is left as it is.</param>
    internal void Read(int step, Span<byte> target)
    {
        var (input, piece) = Math.DivRem(step, pieces.Length);
        if (input >= inputs.Count)
            return;
        if (piece == 0)
            Open(inputs[input]);
        foreach (var tile in pieces[piece].Tiles)
        {
            if (_wanted[tile.Tensor] is { } tensor)
                _file!.Read(tensor, tile.Start, target.Slice(tile.At, tile.Length));
        }

        if (piece == pieces.Length - 1)
            Verify();
    }

    /// <summary>Compares the file that is open with its digest; those before it were.</summary>
    internal void Verify() => _file?.Verify();

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void Open(Input input)
    {
        _file?.Dispose();
        _file = null;
        _file = input.Open();
        for (int t = 0; t < tensors.Count; t++)
            _wanted[t] = input.Wants(t) ? _file.Matching(tensors[t]) : null;
    }

    /// <param name="Open">Opens it.</param>
    /// <param name="Wants">Whether a tensor of the model is read, by its place.</param>
    internal sealed record Input(Func<ITensorFile> Open, Func<int, bool> Wants);
}
