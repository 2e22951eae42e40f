using System.Buffers;
using System.Runtime.ExceptionServices;
using FedKim.Rounds;

namespace FedKim.Parameters.Strategies;

/// <summary>
/// Takes a round's updates through a strategy, tensor by tensor. Each input is read once, in tiles that fit the processor's cache, so memory
/// depends neither on the model's size nor on the number of clients. Several clients' tiles are read, deciphered and hashed at once; they are
/// taken in one after another, in client order.
/// </summary>
/// <remarks>
/// Weights are whole numbers and sums are doubles: up to 2²⁹ samples in all every sum is exact, so the mean of equal updates is that update,
/// bit for bit.
/// </remarks>
internal sealed class AggregateWriter : IDisposable
{
    private const int TileElements = 32 * 1024;

    // So many clients' tiles are read at once: enough for the cores that a sum is worth, few enough to stay in their caches.
    private const int Lanes = 4;

    // Below this, handing the work to another core costs more than it takes.
    private const int LeastShared = 32 * 1024;

    private readonly FederationPlan _plan;
    private readonly IStrategy _strategy;
    private readonly IReadOnlyList<ClientUpdate> _contributions;
    private readonly SafetensorsReader _start;
    private readonly KeptTensors _kept;
    private readonly Tile _tile;
    private readonly int _elements;
    private readonly List<ITensorFile> _updates = [];
    private readonly byte[][] _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => ArrayPool<byte>.Shared.Rent(TileElements * sizeof(double)))];
    private readonly byte[] _result = ArrayPool<byte>.Shared.Rent(TileElements * sizeof(double));

    private AggregateWriter(FederationPlan plan, IStrategy strategy, IReadOnlyList<ClientUpdate> contributions, WeightFile global, WeightFile? last)
    {
        (_plan, _strategy, _contributions) = (plan, strategy, contributions);
        int seen = strategy.SeesUpdates ? contributions.Count : 0;
        _elements = Tile.Elements(seen, TileElements);
        var constants = strategy.Recommended is null ? null : plan.ServerOptimizer;
        _start = SafetensorsReader.Open(global);
        try
        {
            _kept = new KeptTensors(constants is null ? [] : Asked("what it keeps", () => KeptTensor.Checked(strategy.Keeps(constants))), last, _elements);
        }
        catch
        {
            _start.Dispose();
            throw;
        }

        _tile = new Tile(constants, _kept, _elements, seen);
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
        foreach (var update in _updates)
            update.Dispose();
        foreach (byte[] lane in _lanes)
            ArrayPool<byte>.Shared.Return(lane);
        ArrayPool<byte>.Shared.Return(_result);
        _kept.Dispose();
        _start.Dispose();
    }

    private Digest Write(string output)
    {
        using var file = SafetensorsPieces.Create(
            output, _start.Tensors.Values.SelectMany(t => _kept.Beside(t).Prepend((t.Name, t.DType, t.Shape))), _start.Metadata);
        try
        {
            foreach (var contribution in _contributions)
                _updates.Add(contribution.Open());
            foreach (var tensor in _start.Tensors.Values)
                Write(file, tensor, Voters(tensor));
            Verify();
            return file.Commit();
        }
        catch (Exception e) when (e is SafetensorsException or ArithmeticException or StrategyException)
        {
            // What looks wrong in damaged bytes is nobody's fault but the disk's.
            Verify();
            throw;
        }
    }

    private void Verify()
    {
        foreach (var update in _updates)
            update.Verify();
        _start.Verify();
        _kept.Verify();
    }

    private Voter[] Voters(TensorInfo tensor)
    {
        string? part = _plan.Parts.PartOf(tensor.Name);
        return
        [
            .. _contributions.Zip(_updates, (c, update) => (Votes: _plan.Parts.VotesOn(part, c.Samples), File: update))
                .Where(v => v.Votes > 0).Select(v => new Voter(v.File, v.File.Matching(tensor), _plan.Weighting == Aggregation.Plain ? 1 : v.Votes)),
        ];
    }

    private void Write(SafetensorsPieces file, TensorInfo tensor, Voter[] voters)
    {
        int width = tensor.DType.Width();
        double[] weights = [.. voters.Select(v => v.Weight)];
        for (long at = 0; at < tensor.Length; at += _elements * width)
        {
            var bytes = _result.AsSpan(0, (int)Math.Min(tensor.Length - at, _elements * width));
            var (first, count) = (at / width, bytes.Length / width);
            bool keeps = ServerMoments.Has(tensor);
            if (keeps)
                _kept.Read(tensor, first, count);
            if (voters.Length == 0)
            {
                _start.Read(tensor, at, bytes);
            }
            else if (!tensor.DType.IsFloating())
            {
                KeepGreatest(voters, at, tensor.DType, bytes);
            }
            else
            {
                _tile.Begin(_start, tensor, first, count, weights);
                Each(voters, at, bytes.Length, (i, sent) => _tile.Add(i, sent));
                Combine(tensor);
            }

            if (keeps)
                _kept.Write(tensor, first, count, file);
            if (voters.Length > 0 && tensor.DType.IsFloating() && !_tile.Write(bytes))
                throw OutOfRange(tensor);
            file.Write(tensor.Name, at, bytes);
        }
    }

    private void KeepGreatest(Voter[] voters, long at, DType type, Span<byte> greatest)
    {
        byte[] result = _result;
        int length = greatest.Length;
        Each(voters, at, length, (i, sent) => TensorKernels.KeepGreatest(type, sent, result.AsSpan(0, length), first: i == 0));
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

    private void Each(Voter[] voters, long at, int length, TakeIn take)
    {
        for (int i = 0; i < voters.Length; i++)
        {
            if (i % Lanes == 0)
                Read(new ArraySegment<Voter>(voters, i, Math.Min(Lanes, voters.Length - i)), at, length);
            take(i, _lanes[i % Lanes].AsSpan(0, length));
        }
    }

    private void Read(ArraySegment<Voter> voters, long at, int length)
    {
        if (length < LeastShared || voters.Count == 1)
        {
            for (int i = 0; i < voters.Count; i++)
                ReadOne(i);
            return;
        }

        try
        {
            Parallel.For(0, voters.Count, ReadOne);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        void ReadOne(int i) => voters[i].File.Read(voters[i].Tensor, at, _lanes[i].AsSpan(0, length));
    }

    private delegate void TakeIn(int update, ReadOnlySpan<byte> sent);

    private readonly record struct Voter(ITensorFile File, TensorInfo Tensor, double Weight);
}
