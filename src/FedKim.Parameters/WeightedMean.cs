using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>
/// The mean of updates, tensor by tensor (eq. 3 of arXiv 2408.10276; with sample weights, FedAvg of arXiv 1602.05629). Each input is read
/// once, in tiles that fit the processor's cache, so memory depends neither on the model's size nor on the number of clients.
/// </summary>
/// <remarks>
/// Weights are whole numbers and sums are doubles: up to 2²⁹ samples in all every sum is exact, so the mean of equal updates is that update,
/// bit for bit.
/// </remarks>
internal static class WeightedMean
{
    private const int TileElements = 32 * 1024;

    /// <summary>
    /// Floating-point tensors: the mean over the clients that vote on their part. Whole numbers and flags: the greatest of theirs.
    /// Where nobody votes: the bytes of the global model.
    /// </summary>
    /// <param name="plain">Every voter weighs the same, instead of by its samples.</param>
    /// <param name="contributions">In client order.</param>
    internal static Digest Write(
        ImmutableSortedDictionary<string, ImmutableArray<string>> parts, bool plain, IReadOnlyList<ClientUpdate> contributions, string global, string output)
    {
        using var start = SafetensorsFile.Open(global);
        var updates = new List<ITensorFile>(contributions.Count);
        byte[] tile = ArrayPool<byte>.Shared.Rent(TileElements * sizeof(double));
        byte[] sums = ArrayPool<byte>.Shared.Rent(TileElements * sizeof(double));
        try
        {
            foreach (var contribution in contributions) updates.Add(contribution.Open());
            return SafetensorsWriter.Write(output, start.Tensors.Values.Select(tensor => new TensorData(tensor.Name, tensor.DType, tensor.Shape, stream =>
            {
                string? part = parts.PartOf(tensor.Name);
                var voters = contributions.Zip(updates, (c, file) => (Votes: parts.VotesOn(part, c.Samples), File: file))
                    .Where(v => v.Votes > 0).Select(v => new Voter(v.File, Matching(v.File, tensor), plain ? 1 : v.Votes)).ToArray();
                WriteTensor(stream, start, tensor, voters, tile, sums);
            })), start.Metadata);
        }
        finally
        {
            foreach (var update in updates) update.Dispose();
            ArrayPool<byte>.Shared.Return(tile);
            ArrayPool<byte>.Shared.Return(sums);
        }
    }

    private static void WriteTensor(Stream stream, SafetensorsFile start, TensorInfo tensor, Voter[] voters, byte[] tile, byte[] sums)
    {
        int width = tensor.DType.Width();
        double total = voters.Sum(v => v.Weight);
        for (long at = 0; at < tensor.Length; at += TileElements * width)
        {
            var bytes = tile.AsSpan(0, (int)Math.Min(tensor.Length - at, TileElements * width));
            if (voters.Length == 0)
            {
                start.Read(tensor, at, bytes);
                stream.Write(bytes);
                continue;
            }

            var sum = MemoryMarshal.Cast<byte, double>(sums.AsSpan())[..(bytes.Length / width)];
            var greatest = sums.AsSpan(0, bytes.Length);
            for (int i = 0; i < voters.Length; i++)
            {
                voters[i].File.Read(voters[i].Tensor, at, bytes);
                if (!tensor.DType.IsFloating()) TensorKernels.KeepGreatest(tensor.DType, bytes, greatest, first: i == 0);
                else TensorKernels.AddWeighted(tensor.DType, bytes, voters[i].Weight, sum, first: i == 0);
            }

            if (tensor.DType.IsFloating()) TensorKernels.Divide(tensor.DType, sum, total, bytes);
            stream.Write(tensor.DType.IsFloating() ? bytes : greatest);
        }
    }

    private static TensorInfo Matching(ITensorFile update, TensorInfo tensor)
    {
        if (!update.Tensors.TryGetValue(tensor.Name, out var info)) throw new SafetensorsException("the file holds no such tensor", update.FilePath, tensor.Name);
        return info.Fits(tensor)
            ? info
            : throw new SafetensorsException(
                $"it is {info.DType.Name()} {info.ShapeText}, expected {tensor.DType.Name()} {tensor.ShapeText}", update.FilePath, tensor.Name, info.Offset);
    }

    private readonly record struct Voter(ITensorFile File, TensorInfo Tensor, double Weight);
}
