using FedKim.Rounds;

namespace FedKim.Parameters.Strategies;

/// <summary>
/// Takes a round's updates through a strategy, piece by piece of the model. Every input is opened and read once, and compared with its digest in
/// that pass. While a piece is summed and written the next are read, deciphered and hashed on the other cores; sums are made in client order.
/// </summary>
/// <remarks>
/// Weights are whole numbers and sums are doubles: up to 2²⁹ samples in all every sum is exact, so the mean of equal updates is that update,
/// bit for bit.
/// <para>
/// Up to 64 updates are open at once, and so are all of them for a strategy that looks at each (<see cref="IStrategy.SeesUpdates"/>): memory is
/// some tiles, whatever the model's size. More are summed a few files at a time, in the same order and so to the same bits (<see cref="WholeSum"/>).
/// </para>
/// </remarks>
internal sealed class AggregateWriter : IDisposable
{
    private const int TileElements = 32 * 1024;
    private const int PieceBytes = 128 * 1024;

    // The most that all updates have of a piece, where a strategy sees any number of them.
    private const int SeenBytes = 8 * 1024 * 1024;

    // Values that stay in a core's first cache while all clients' are added to them.
    private const int BlockElements = 2 * 1024;

    private const int MostOpen = 64;
    private const int OpenOfMany = 8;

    private readonly IStrategy _strategy;
    private readonly IReadOnlyList<ClientUpdate> _contributions;
    private readonly WeightFile _global;
    private readonly SafetensorsReader _start;
    private readonly KeptTensors _kept;
    private readonly TensorInfo[] _tensors;
    private readonly Piece[] _pieces;
    private readonly Votes[] _votes;
    private readonly Tile _tile;
    private readonly double[] _sum;
    private readonly byte[] _result;

    private AggregateWriter(FederationPlan plan, IStrategy strategy, IReadOnlyList<ClientUpdate> contributions, WeightFile global, WeightFile? last)
    {
        (_strategy, _contributions, _global) = (strategy, contributions, global);
        int seen = strategy.SeesUpdates ? contributions.Count : 0;
        int elements = Tile.Elements(seen, TileElements);
        var constants = strategy.Recommended is null ? null : plan.ServerOptimizer;
        _start = SafetensorsReader.Open(global);
        try
        {
            _kept = new KeptTensors(constants is null ? [] : Asked("what it keeps", () => KeptTensor.Checked(strategy.Keeps(constants))), last, elements);
        }
        catch
        {
            _start.Dispose();
            throw;
        }

        _tensors = [.. _start.Tensors.Values];
        _pieces = Piece.Of(_tensors, elements, Math.Min(PieceBytes, SeenBytes / Math.Max(1, seen)));
        _votes = Votes.On(plan, contributions, _tensors);
        _tile = new Tile(constants, _kept, elements, seen);
        (_sum, _result) = (new double[elements], new byte[elements * sizeof(double)]);
    }

    /// <summary>
    /// Writes the aggregate. Floating-point tensors: what the strategy makes of the updates of the clients that vote on their part. Whole numbers
    /// and flags: the greatest of theirs. Where nobody votes: the bytes of the global model and of what the strategy keeps.
    /// </summary>
    /// <param name="plan">Says weighting, parts and constants.</param>
    /// <param name="strategy">The plan's strategy.</param>
    /// <param name="contributions">In client order.</param>
    /// <param name="global">The model the clients started from.</param>
    /// <param name="last">The last aggregate, with what the strategy kept; null in a first round.</param>
    /// <param name="output">Path of the aggregate.</param>
    internal static Digest Write(
        FederationPlan plan, IStrategy strategy, IReadOnlyList<ClientUpdate> contributions, WeightFile global, WeightFile? last, string output)
    {
        using var writer = new AggregateWriter(plan, strategy, contributions, global, last);
        return writer.Write(output);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _kept.Dispose();
        _start.Dispose();
    }

    private Digest Write(string output)
    {
        if (_strategy.ClipsUpdates)
            Clip();
        using var file = SafetensorsPieces.Create(
            output, _tensors.SelectMany(t => _kept.Beside(t).Prepend((t.Name, t.DType, t.Shape))), _start.Metadata);
        InputLane start = new([new(() => _start, _ => true)], _tensors, _pieces);
        if (_strategy.SeesUpdates || _contributions.Count <= MostOpen)
        {
            Through([.. Enumerable.Range(0, _contributions.Count).Select(i => Lane([i])), start], 1, (lanes, _, tile) => Write(file, lanes, tile, null));
        }
        else
        {
            var sum = Sum();
            Through([start], 1, (lanes, _, tile) => Write(file, lanes, tile, sum));
        }

        _kept.Verify();
        return file.Commit(durable: false);
    }

    // The sum of more updates than may be open at once.
    private WholeSum Sum()
    {
        var sum = new WholeSum(_pieces.Sum(p => p.Tiles.Count));
        InGroups(besideStart: false, (tile, client, sent, _) =>
        {
            if (_votes[tile.Tensor].Of(client) is { } count)
                sum.Add(tile, _tensors[tile.Tensor].DType, count, sent);
        });
        return sum;
    }

    // How far each voter moves each part, and what of its vote counts for that. The votes of a part are one object.
    private void Clip()
    {
        var squares = new Dictionary<Votes, double[]>(ReferenceEqualityComparer.Instance);
        foreach (var votes in _votes)
            squares.TryAdd(votes, new double[_contributions.Count]);
        InGroups(besideStart: true, (tile, client, sent, start) =>
        {
            var (type, votes) = (_tensors[tile.Tensor].DType, _votes[tile.Tensor]);
            if (type.IsFloating() && votes.Of(client) is not null)
                squares[votes][client] += TensorKernels.SquaredDistance(type, sent, start);
        });
        var clipped = new Dictionary<Votes, Votes>(ReferenceEqualityComparer.Instance);
        foreach (var (votes, ofClients) in squares)
            clipped.Add(votes, votes.Clipped([.. votes.Voters.Select(client => Math.Sqrt(ofClients[client]))]));
        for (int tensor = 0; tensor < _votes.Length; tensor++)
            _votes[tensor] = clipped[_votes[tensor]];
    }

    private delegate void Seen(Piece.Place tile, int client, ReadOnlySpan<byte> sent, ReadOnlySpan<byte> start);

    // A few of the updates, neighbours in client order, go through the model together, then the next; beside them what they started from, if it is wanted.
    private void InGroups(bool besideStart, Seen take)
    {
        int[][] groups = [.. Enumerable.Range(0, _contributions.Count).Chunk(OpenOfMany)];
        List<InputLane> inputs = [.. Enumerable.Range(0, Math.Min(OpenOfMany, _contributions.Count)).Select(i => Lane(groups.Where(g => i < g.Length).Select(g => g[i])))];
        if (besideStart)
            inputs.Add(new InputLane([.. groups.Select(_ => new InputLane.Input(() => SafetensorsReader.Open(_global), _ => true))], _tensors, _pieces));
        Through([.. inputs], groups.Length, (lanes, group, tile) =>
        {
            for (int i = 0; i < groups[group].Length; i++)
                take(tile, groups[group][i], tile.Of(lanes[i]), besideStart ? tile.Of(lanes[^1]) : []);
        });
    }

    private InputLane Lane(IEnumerable<int> clients) =>
        new([.. clients.Select(c => new InputLane.Input(_contributions[c].Open, tensor => _votes[tensor].Of(c) is not null))], _tensors, _pieces);

    // Takes the inputs of the lanes through the whole model, one of each lane together, and then the next of each.
    private void Through(InputLane[] inputs, int times, Action<ReadAhead, int, Piece.Place> take)
    {
        try
        {
            using var lanes = new ReadAhead(inputs.Select<InputLane, ReadAhead.Fill>(i => i.Read), times * _pieces.Length, _pieces.Max(p => p.Bytes));
            for (int step = 0; step < times * _pieces.Length; step++)
            {
                lanes.Take();
                foreach (var tile in _pieces[step % _pieces.Length].Tiles)
                    take(lanes, step / _pieces.Length, tile);
            }
        }
        catch (Exception e) when (e is SafetensorsException or ArithmeticException or StrategyException)
        {
            // What looks wrong in damaged bytes is nobody's fault but the disk's.
            foreach (var input in inputs)
                input.Verify();
            _start.Verify();
            _kept.Verify();
            throw;
        }
        finally
        {
            foreach (var input in inputs)
                input.Dispose();
        }
    }

    private void Write(SafetensorsPieces file, ReadAhead lanes, Piece.Place place, WholeSum? sum)
    {
        var (tensor, votes) = (_tensors[place.Tensor], _votes[place.Tensor]);
        int width = tensor.DType.Width();
        var (first, count) = (place.Start / width, place.Length / width);
        // The model that the clients started from goes last.
        var start = place.Of(lanes[^1]);
        bool keeps = ServerMoments.Has(tensor);
        if (keeps)
            _kept.Read(tensor, first, count);
        var result = _result.AsSpan(0, place.Length);
        bool finite = true;
        if (votes.Voters.Length == 0)
        {
            start.CopyTo(result);
        }
        else if (!tensor.DType.IsFloating())
        {
            KeepGreatest(lanes, place, sum, result);
        }
        else
        {
            double[] counted = sum?.Of(place) ?? Sum(lanes, place);
            if (votes.StartCounts > 0)
                TensorKernels.AddWeighted(tensor.DType, start, votes.StartCounts, counted.AsSpan(0, count), first: false);
            _tile.Begin(tensor, first, start, votes.Weights, counted);
            if (_strategy.SeesUpdates)
                See(lanes, place);
            Combine(tensor);
            finite = _tile.Write(result);
        }

        if (keeps)
            _kept.Write(tensor, first, count, file);
        if (!finite)
            throw OutOfRange(tensor);
        file.Write(tensor.Name, place.Start, result);
    }

    private double[] Sum(ReadAhead lanes, Piece.Place place)
    {
        var (type, votes) = (_tensors[place.Tensor].DType, _votes[place.Tensor]);
        int width = type.Width(), count = place.Length / width;
        for (int at = 0; at < count; at += BlockElements)
        {
            int length = Math.Min(BlockElements, count - at);
            for (int i = 0; i < votes.Voters.Length; i++)
                TensorKernels.AddWeighted(type, place.Of(lanes[votes.Voters[i]]).Slice(at * width, length * width), votes.Counts[i], _sum.AsSpan(at, length), first: i == 0);
        }

        return _sum;
    }

    private void KeepGreatest(ReadAhead lanes, Piece.Place place, WholeSum? sum, Span<byte> greatest)
    {
        if (sum is not null)
        {
            sum.Greatest(place).CopyTo(greatest);
            return;
        }

        int[] voters = _votes[place.Tensor].Voters;
        for (int i = 0; i < voters.Length; i++)
            TensorKernels.KeepGreatest(_tensors[place.Tensor].DType, place.Of(lanes[voters[i]]), greatest, first: i == 0);
    }

    private void See(ReadAhead lanes, Piece.Place place)
    {
        int[] voters = _votes[place.Tensor].Voters;
        for (int i = 0; i < voters.Length; i++)
            _tile.See(i, place.Of(lanes[voters[i]]));
    }

    private void Combine(TensorInfo tensor) => Asked(tensor.Name, () =>
    {
        _strategy.Combine(_tile);
        return true;
    });

    // A fault of its own is told from one of the files it read from. Those are open; what is not found is of its package.
    private T Asked<T>(string what, Func<T> strategy)
    {
        try
        {
            return strategy();
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException
            || e is not (SafetensorsException or DamagedException or IOException or ArithmeticException or OutOfMemoryException))
        {
            throw new StrategyException(_strategy.Name, what, e);
        }
    }

    // A mean of finite updates is finite; what a strategy makes of it need not be, and what is not would make every later round fail.
    private ArithmeticException OutOfRange(TensorInfo tensor) => new($"{tensor.Name} left the range of {tensor.DType.Name()}: " + (_tile.Constants is null
        ? $"strategy {_strategy.Name} gave a value that is no number, or too large. Bound updates by update-checks.max-norm, or mend the strategy."
        : "the server's step is too large. Lower server-optimizer.learning-rate, or bound updates by update-checks.max-norm."));
}
