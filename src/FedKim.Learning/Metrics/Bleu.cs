using System.Collections.Immutable;
using FedKim.Rounds;

namespace FedKim.Learning.Metrics;

/// <summary>BLEU of a corpus (Papineni et al. 2002), one reference a candidate, without smoothing.</summary>
/// <remarks>Words are split at white space and compared without regard to case.</remarks>
public sealed class Bleu
{
    /// <summary>Words of the longest phrases that are compared.</summary>
    public const int Longest = 4;

    private readonly ImmutableArray<Counts> _pairs;

    /// <param name="candidates">What was said.</param>
    /// <param name="references">What should have been said, in the same order.</param>
    /// <exception cref="ArgumentException">There is nothing to compare, or not as many references as candidates.</exception>
    public Bleu(IReadOnlyList<string> candidates, IReadOnlyList<string> references)
    {
        if (candidates.Count == 0 || candidates.Count != references.Count)
            throw new ArgumentException($"{candidates.Count} candidates do not match {references.Count} references.", nameof(candidates));
        _pairs = [.. candidates.Zip(references, Count)];
    }

    /// <summary>BLEU-<paramref name="longest"/>, 0 to 1: phrases of 1 to that many words count alike.</summary>
    /// <param name="longest">1 to 4.</param>
    public double Score(int longest = Longest) => Score(longest, Bootstrap.Once(_pairs.Length));

    /// <summary>The same when pair i is there <paramref name="times"/>[i] times.</summary>
    /// <param name="longest">1 to 4.</param>
    /// <param name="times">As many as there are pairs.</param>
    public double Score(int longest, int[] times)
    {
        Span<double> matches = stackalloc double[Longest], all = stackalloc double[Longest];
        matches.Clear();
        all.Clear();
        double candidateWords = 0, referenceWords = 0;
        for (int i = 0; i < _pairs.Length; i++)
        {
            var pair = _pairs[i];
            candidateWords += times[i] * pair.CandidateWords;
            referenceWords += times[i] * pair.ReferenceWords;
            for (int n = 0; n < longest; n++)
            {
                matches[n] += times[i] * pair.Matches[n];
                all[n] += times[i] * pair.All[n];
            }
        }

        double precision = 0;
        for (int n = 0; n < longest; n++)
        {
            if (matches[n] == 0)
                return 0;
            precision += Math.Log(matches[n] / all[n]);
        }

        return Math.Exp((precision / longest) + Math.Min(0, 1 - (referenceWords / candidateWords)));
    }

    /// <summary>The bootstrap's 95 % interval of <see cref="Score(int)"/> (percentiles of resamples with replacement).</summary>
    /// <param name="longest">1 to 4.</param>
    /// <param name="generator">Draws the resamples.</param>
    /// <param name="resamples">How many.</param>
    public (double Low, double High) Interval(int longest, SeededGenerator generator, int resamples = 1000) =>
        Bootstrap.Interval(_pairs.Length, times => Score(longest, times), generator, resamples);

    private static Counts Count(string candidate, string reference)
    {
        string[] said = Words(candidate), wanted = Words(reference);
        int[] matches = new int[Longest], all = new int[Longest];
        for (int n = 1; n <= Longest; n++)
        {
            var known = Grams(wanted, n).CountBy(g => g, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
            foreach (var (gram, count) in Grams(said, n).CountBy(g => g, StringComparer.Ordinal))
            {
                all[n - 1] += count;
                matches[n - 1] += Math.Min(count, known.GetValueOrDefault(gram));
            }
        }

        return new Counts(matches, all, said.Length, wanted.Length);
    }

    private static string[] Words(string text) => text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Grams(string[] words, int n) =>
        Enumerable.Range(0, Math.Max(0, words.Length - n + 1)).Select(i => string.Join(' ', words, i, n));

    private readonly record struct Counts(int[] Matches, int[] All, int CandidateWords, int ReferenceWords);
}
