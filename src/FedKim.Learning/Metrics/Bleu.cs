namespace FedKim.Learning.Metrics;

/// <summary>BLEU-4 of a corpus (Papineni et al. 2002), one reference a candidate, without smoothing.</summary>
public static class Bleu
{
    private const int Longest = 4;

    /// <summary>The score, 0 to 1; words are split at white space and compared without regard to case.</summary>
    /// <exception cref="ArgumentException">There is nothing to compare, or not as many references as candidates.</exception>
    public static double Of(IReadOnlyList<string> candidates, IReadOnlyList<string> references)
    {
        if (candidates.Count == 0 || candidates.Count != references.Count)
            throw new ArgumentException($"{candidates.Count} candidates do not match {references.Count} references.", nameof(candidates));
        double[] matches = new double[Longest], all = new double[Longest];
        double candidateWords = 0, referenceWords = 0;
        for (int i = 0; i < candidates.Count; i++)
        {
            string[] candidate = Words(candidates[i]), reference = Words(references[i]);
            candidateWords += candidate.Length;
            referenceWords += reference.Length;
            for (int n = 1; n <= Longest; n++)
            {
                var wanted = Grams(reference, n).CountBy(g => g, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
                foreach (var (gram, count) in Grams(candidate, n).CountBy(g => g, StringComparer.Ordinal))
                {
                    all[n - 1] += count;
                    matches[n - 1] += Math.Min(count, wanted.GetValueOrDefault(gram));
                }
            }
        }

        if (matches.Any(m => m == 0)) return 0;
        double precision = Enumerable.Range(0, Longest).Average(n => Math.Log(matches[n] / all[n]));
        double brevity = Math.Min(0, 1 - (referenceWords / candidateWords));
        return Math.Exp(precision + brevity);
    }

    private static string[] Words(string text) => text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Grams(string[] words, int n) =>
        Enumerable.Range(0, Math.Max(0, words.Length - n + 1)).Select(i => string.Join(' ', words, i, n));
}
