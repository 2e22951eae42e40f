using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>
/// The mean of updates, tensor by tensor (eq. 3 of arXiv 2408.10276; with sample weights, FedAvg of arXiv 1602.05629), or the server's step
/// along it. Each input is read once, in tiles that fit the processor's cache, so memory depends neither on the model's size nor on the
/// number of clients. Several clients' tiles are read, deciphered and hashed at once; they are added one after another, in client order.
/// </summary>
/// <remarks>
/// Weights are whole numbers and sums are doubles: up to 2²⁹ samples in all every sum is exact, so the mean of equal updates is that update,
/// bit for bit.
/// </remarks>
internal static class WeightedMean
{
    private const int TileElements = 32 * 1024;

    // So many clients' tiles are read at once: enough for the cores that a sum is worth, few enough to stay in their caches.
    private const int Lanes = 4;

    // Below this, handing the work to another core costs more than it takes.
    private const int LeastShared = 32 * 1024;

    /// <summary>
    /// Floating-point tensors: the mean over the clients that vote on their part, or where there is a rule and the tensor is learned, a step
    /// of the server from the global model along the way to that mean. Whole numbers and flags: the greatest of theirs. Where nobody votes:
    /// the bytes of the global model and of the moments.
    /// </summary>
    /// <param name="parts">Which tasks vote on which part.</param>
    /// <param name="plain">Every voter weighs the same, instead of by its samples.</param>
    /// <param name="contributions">In client order.</param>
    /// <param name="global">The model the clients started from.</param>
    /// <param name="rule">The rule of an adaptive server; null for the mean itself.</param>
    /// <param name="last">The last aggregate, whose moments the step goes on from; null in a first round.</param>
    /// <param name="output">Path of the aggregate.</param>
    internal static Digest Write(
        ImmutableSortedDictionary<string, ImmutableArray<string>> parts, bool plain, IReadOnlyList<ClientUpdate> contributions, WeightFile global,
        AdaptiveRule? rule, WeightFile? last, string output)
    {
        using var start = SafetensorsReader.Open(global);
        using var step = rule is null ? null : new AdaptiveStep(rule, last, TileElements);
        using var file = SafetensorsPieces.Create(
            output, start.Tensors.Values.SelectMany(t => (step is null ? [] : AdaptiveStep.Beside(t)).Prepend((t.Name, t.DType, t.Shape))), start.Metadata);
        var updates = new List<ITensorFile>(contributions.Count);
        byte[][] tiles = [.. Enumerable.Range(0, Lanes).Select(_ => ArrayPool<byte>.Shared.Rent(TileElements * sizeof(double)))];
        byte[] sums = ArrayPool<byte>.Shared.Rent(TileElements * sizeof(double));
        try
        {
            foreach (var contribution in contributions) updates.Add(contribution.Open());
            foreach (var tensor in start.Tensors.Values)
            {
                string? part = parts.PartOf(tensor.Name);
                var voters = contributions.Zip(updates, (c, update) => (Votes: parts.VotesOn(part, c.Samples), File: update))
                    .Where(v => v.Votes > 0).Select(v => new Voter(v.File, v.File.Matching(tensor), plain ? 1 : v.Votes)).ToArray();
                WriteTensor(file, start, tensor, voters, ServerMoments.Has(tensor) ? step : null, tiles, sums);
            }

            Verify();
            return file.Commit();
        }
        catch (Exception e) when (e is SafetensorsException or ArithmeticException)
        {
            // What looks wrong in damaged bytes is nobody's fault but the disk's.
            Verify();
            throw;
        }
        finally
        {
            foreach (var update in updates) update.Dispose();
            foreach (byte[] tile in tiles) ArrayPool<byte>.Shared.Return(tile);
            ArrayPool<byte>.Shared.Return(sums);
        }

        void Verify()
        {
            foreach (var update in updates) update.Verify();
            start.Verify();
            step?.Verify();
        }
    }

    /// <summary>The file's tensor that has this one's name.</summary>
    /// <exception cref="SafetensorsException">It lacks it, or holds one of another type or shape.</exception>
    internal static TensorInfo Matching(this ITensorFile file, TensorInfo tensor)
    {
        if (!file.Tensors.TryGetValue(tensor.Name, out var info)) throw new SafetensorsException("the file holds no such tensor", file.FilePath, tensor.Name);
        return info.Fits(tensor)
            ? info
            : throw new SafetensorsException(
                $"it is {info.DType.Name()} {info.ShapeText}, expected {tensor.DType.Name()} {tensor.ShapeText}", file.FilePath, tensor.Name, info.Offset);
    }

    private static void WriteTensor(
        SafetensorsPieces file, ITensorFile start, TensorInfo tensor, Voter[] voters, AdaptiveStep? step, byte[][] tiles, byte[] sums)
    {
        int width = tensor.DType.Width();
        double total = voters.Sum(v => v.Weight);
        for (long at = 0; at < tensor.Length; at += TileElements * width)
        {
            int length = (int)Math.Min(tensor.Length - at, TileElements * width);
            var bytes = tiles[0].AsSpan(0, length);
            if (voters.Length == 0)
            {
                start.Read(tensor, at, bytes);
                file.Write(tensor.Name, at, bytes);
                step?.Keep(tensor, at / width, bytes.Length / width, file);
                continue;
            }

            var sum = MemoryMarshal.Cast<byte, double>(sums.AsSpan())[..(bytes.Length / width)];
            var greatest = sums.AsSpan(0, bytes.Length);
            for (int i = 0; i < voters.Length; i++)
            {
                if (i % Lanes == 0) Read(voters.AsSpan(i, Math.Min(Lanes, voters.Length - i)).ToArray(), at, length, tiles);
                var sent = tiles[i % Lanes].AsSpan(0, length);
                if (!tensor.DType.IsFloating()) TensorKernels.KeepGreatest(tensor.DType, sent, greatest, first: i == 0);
                else TensorKernels.AddWeighted(tensor.DType, sent, voters[i].Weight, sum, first: i == 0);
            }

            if (step is not null)
            {
                start.Read(tensor, at, bytes);
                TensorKernels.AddWeighted(tensor.DType, bytes, -total, sum, first: false);
                TensorKernels.Divide(DType.F64, sum, total, MemoryMarshal.AsBytes(sum));
                step.Take(tensor, at / width, sum, file);
                TensorKernels.AddWeighted(tensor.DType, bytes, 1, sum, first: false);
                TensorKernels.Divide(tensor.DType, sum, 1, bytes);
                AdaptiveStep.RequireFinite(tensor.DType, bytes, tensor.Name);
            }
            else if (tensor.DType.IsFloating()) TensorKernels.Divide(tensor.DType, sum, total, bytes);

            file.Write(tensor.Name, at, tensor.DType.IsFloating() ? bytes : greatest);
        }
    }

    private static void Read(Voter[] voters, long at, int length, byte[][] tiles)
    {
        if (length < LeastShared || voters.Length == 1)
        {
            for (int i = 0; i < voters.Length; i++) ReadOne(i);
            return;
        }

        try
        {
            Parallel.For(0, voters.Length, ReadOne);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        void ReadOne(int i) => voters[i].File.Read(voters[i].Tensor, at, tiles[i].AsSpan(0, length));
    }

    private readonly record struct Voter(ITensorFile File, TensorInfo Tensor, double Weight);
}
