using System.Collections.Immutable;
using static TorchSharp.torch;

namespace FedKim.Models.Foundation;

/// <summary>
/// Continuations of one beginning, behind each other in a sequence as if each were alone there: it reads the beginning and itself, none of the
/// others, and its positions go on from the beginning's. So what they share is computed once.
/// </summary>
/// <param name="Start">Tokens of the beginning, above 0.</param>
/// <param name="Lengths">Tokens of each continuation.</param>
public sealed record Branches(long Start, ImmutableArray<int> Lengths)
{
    /// <summary>Where each continuation's own tokens are, behind the last of the beginning, which predicts its first.</summary>
    public IEnumerable<long> Columns() => Starts().SelectMany(b => Enumerable.Range(0, b.Length).Select(i => b.At + i).Prepend(Start - 1));

    /// <summary>How many tokens a token has read, itself included.</summary>
    /// <param name="counts">Real tokens up to each column, [batch, tokens].</param>
    /// <returns>The same of what its branch reads.</returns>
    internal Tensor Counts(Tensor counts)
    {
        var beginning = counts.narrow(1, Start - 1, 1);
        return cat([counts.narrow(1, 0, Start), .. Starts().Select(b => counts.narrow(1, b.At, b.Length).sub(counts.narrow(1, b.At - 1, 1)).add(beginning))], 1);
    }

    /// <summary>Whether a column may read another, [tokens, tokens]: the beginning, and its own branch.</summary>
    internal Tensor Reads(Device device)
    {
        long[] branches = [.. Enumerable.Repeat(0L, (int)Start), .. Lengths.SelectMany((length, i) => Enumerable.Repeat(i + 1L, length))];
        var whose = tensor(branches, device: device);
        return whose.eq(0).unsqueeze(0).logical_or(whose.unsqueeze(0).eq(whose.unsqueeze(1)));
    }

    private IEnumerable<(long At, int Length)> Starts()
    {
        long at = Start;
        foreach (int length in Lengths)
        {
            yield return (at, length);
            at += length;
        }
    }
}
