using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using FedKim.Rounds;

namespace FedKim.Parameters;

/// <summary>Whether an update may enter the aggregate.</summary>
public static class UpdateCheck
{
    /// <summary>The most samples a task may claim: far above any hospital's, far below what would lose a bit in the sums.</summary>
    public const long MostSamples = 1_000_000_000;

    private const int TileBytes = 256 * 1024;

    /// <summary>
    /// Null when the update holds exactly the tensors of the parts that its samples vote on and those under no part, each of the global
    /// model's type and shape, finite throughout and no further from it than the bound; else what is wrong, in words for the site that sent it.
    /// </summary>
    /// <param name="global">The model the client started from.</param>
    /// <param name="update">Opens the update.</param>
    /// <param name="samples">The counts the client sent with it.</param>
    /// <param name="parts">Part of the model → tasks that train it.</param>
    /// <param name="maxNorm">The greatest L2 norm of update minus global model over the floating-point tensors; infinity for no bound.</param>
    /// <param name="nonFinite">What was seen of the update's values on their way in (<see cref="PassingValues.NonFinite"/>): without a bound they are not read again. Null where nobody looked.</param>
    /// <exception cref="SafetensorsException">The global model itself is unreadable.</exception>
    /// <exception cref="DamagedException">The global model or the update is not the one its digest stands for: nobody is refused for what a disk did.</exception>
    public static string? Refusal(
        WeightFile global, Func<ITensorFile> update, SampleCounts samples, ImmutableSortedDictionary<string, ImmutableArray<string>> parts,
        double maxNorm = double.PositiveInfinity, ImmutableDictionary<string, long>? nonFinite = null)
    {
        if (samples.ByTask.Count == 0)
            return "it counts no samples: a site without data for any task sends no update";
        foreach (var (task, count) in samples.ByTask)
        {
            if (count is < 1 or > MostSamples)
                return $"it counts {count} samples of task {task}, expected 1 to {MostSamples}";
            if (!parts.Values.Any(tasks => tasks.Contains(task)))
                return $"it counts samples of task {task}, which trains no part of the model";
        }

        using var expected = SafetensorsReader.Open(global);
        try
        {
            using var actual = update();
            string? refusal = WrongTensor(expected, actual, samples, parts)
                ?? (nonFinite is not null && double.IsPositiveInfinity(maxNorm)
                    ? SeenWrong(actual, nonFinite)
                    : WrongValues(expected, actual, maxNorm, "the round's start model", "Check the site's values and learning rate, or agree on a wider bound"));
            // The sum compares an update that is taken; one that is not may be refused only for what its site sent.
            if (refusal is not null)
                actual.Verify();
            if (refusal is not null || !double.IsPositiveInfinity(maxNorm))
                expected.Verify();
            return refusal;
        }
        catch (SafetensorsException e) when (e.File != global.Path)
        {
            expected.Verify();
            return $"it is no valid safetensors file: {(e.Tensor is null ? "" : $"tensor '{e.Tensor}' ")}{(e.Offset is null ? "" : $"at byte {e.Offset}: ")}{e.Problem}";
        }
    }

    private static string? WrongTensor(
        ITensorFile expected, ITensorFile actual, SampleCounts samples, ImmutableSortedDictionary<string, ImmutableArray<string>> parts)
    {
        foreach (var tensor in expected.Tensors.Values)
        {
            string? part = parts.PartOf(tensor.Name);
            bool wanted = parts.VotesOn(part, samples) > 0;
            if (!actual.Tensors.TryGetValue(tensor.Name, out var sent))
            {
                if (wanted)
                    return $"{tensor.Name} is missing, expected {tensor.DType.Name()} {tensor.ShapeText}";
            }
            else if (!wanted)
            {
                return parts.Stays(part)
                    ? $"{tensor.Name} is not expected: it stays at the sites (local-tensors has {part})"
                    : $"{tensor.Name} is not expected: the site counts no samples for the tasks of {part} ({string.Join(", ", parts[part!])})";
            }
            else if (sent.DType != tensor.DType)
            {
                return $"{tensor.Name} is {sent.DType.Name()}, expected {tensor.DType.Name()}";
            }
            else if (!sent.Fits(tensor))
            {
                return $"{tensor.Name} is {sent.ShapeText}, expected {tensor.ShapeText}";
            }
        }

        string? unknown = actual.Tensors.Keys.FirstOrDefault(name => !expected.Tensors.ContainsKey(name));
        return unknown is null ? null : $"{unknown} is not expected: the global model has no tensor of that name";
    }

    /// <summary>A tensor of <paramref name="actual"/> that is not finite, or its distance from <paramref name="start"/> beyond the bound.</summary>
    /// <param name="start">Holds every tensor of the other; it is read only where there is a bound.</param>
    /// <param name="actual">Read once.</param>
    /// <param name="maxNorm">The bound; infinity for none.</param>
    /// <param name="from">What <paramref name="start"/> is.</param>
    /// <param name="remedy">What to do about a distance beyond the bound.</param>
    internal static string? WrongValues(ITensorFile start, ITensorFile actual, double maxNorm, string from, string remedy)
    {
        bool bounded = !double.IsPositiveInfinity(maxNorm);
        byte[] tile = ArrayPool<byte>.Shared.Rent(TileBytes);
        byte[] begun = ArrayPool<byte>.Shared.Rent(bounded ? TileBytes : 0);
        var (sum, largest, farthest) = (0.0, -1.0, "");
        try
        {
            foreach (var tensor in actual.Tensors.Values.Where(t => t.DType.IsFloating()))
            {
                double squares = 0;
                for (long at = 0; at < tensor.Length; at += TileBytes)
                {
                    var bytes = tile.AsSpan(0, (int)Math.Min(tensor.Length - at, TileBytes));
                    actual.Read(tensor, at, bytes);
                    int index = TensorKernels.IndexOfNonFinite(tensor.DType, bytes);
                    if (index >= 0)
                        return NotFinite(tensor, at / tensor.DType.Width() + index);
                    if (!bounded)
                        continue;
                    var before = begun.AsSpan(0, bytes.Length);
                    start.Read(start.Tensors[tensor.Name], at, before);
                    squares += TensorKernels.SquaredDistance(tensor.DType, bytes, before);
                }

                sum += squares;
                if (squares > largest)
                    (largest, farthest) = (squares, tensor.Name);
            }

            // Written so that a distance that is no number is beyond the bound too.
            return !bounded || Math.Sqrt(sum) <= maxNorm ? null : TooFar(Math.Sqrt(sum), maxNorm, farthest, largest / sum, from, remedy);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(tile);
            ArrayPool<byte>.Shared.Return(begun);
        }
    }

    private static string? SeenWrong(ITensorFile actual, ImmutableDictionary<string, long> nonFinite) =>
        actual.Tensors.Values.FirstOrDefault(t => nonFinite.ContainsKey(t.Name)) is { } tensor ? NotFinite(tensor, nonFinite[tensor.Name]) : null;

    private static string NotFinite(TensorInfo tensor, long element) => $"{tensor.Name} holds NaN or infinity, first at element {element} of {tensor.ShapeText}";

    private static string TooFar(double norm, double bound, string tensor, double share, string from, string remedy) => string.Create(
        CultureInfo.InvariantCulture,
        $"its distance from {from} is {norm:G6} (L2 norm), the federation allows {bound:G6} (update-checks.max-norm); the largest share, {share:P0}, is {tensor}'s. {remedy}");
}
