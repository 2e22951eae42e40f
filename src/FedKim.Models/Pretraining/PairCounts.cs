namespace FedKim.Models.Pretraining;

/// <summary>Words in parts, and how often two parts stand side by side in them. A merge counts those words again that it changes, and no others.</summary>
internal sealed class PairCounts
{
    private readonly List<(List<string> Parts, int Count)> _words;
    private readonly Dictionary<(string Left, string Right), int> _counts = [];
    private readonly Dictionary<(string Left, string Right), HashSet<int>> _places = [];

    /// <param name="words">Words, each with how often it is there; they begin as single letters.</param>
    public PairCounts(IEnumerable<KeyValuePair<string, int>> words)
    {
        _words = [.. words.Select(w => (w.Key.Select(c => c.ToString()).ToList(), w.Value))];
        for (int word = 0; word < _words.Count; word++)
            Count(word, 1);
    }

    /// <summary>The pair that is there most often, of equals the first in ordinal order; null where every word is one part.</summary>
    public (string Left, string Right)? Best()
    {
        (string Left, string Right)? best = null;
        int most = 0;
        foreach (var (pair, count) in _counts)
        {
            if (count < most || (count == most && best is { } other && Order(pair, other) > 0))
                continue;
            (best, most) = (pair, count);
        }

        return best;
    }

    /// <summary>Makes one part of two wherever they stand side by side, from left to right.</summary>
    public void Merge((string Left, string Right) pair)
    {
        foreach (int word in _places[pair].ToArray())
        {
            Count(word, -1);
            var parts = _words[word].Parts;
            for (int i = 0; i + 1 < parts.Count; i++)
            {
                if (parts[i] != pair.Left || parts[i + 1] != pair.Right)
                    continue;
                parts[i] = pair.Left + pair.Right;
                parts.RemoveAt(i + 1);
            }

            Count(word, 1);
        }
    }

    private void Count(int word, int sign)
    {
        var (parts, count) = _words[word];
        for (int i = 1; i < parts.Count; i++)
        {
            var pair = (parts[i - 1], parts[i]);
            int now = _counts.GetValueOrDefault(pair) + (sign * count);
            if (now == 0)
            {
                _counts.Remove(pair);
                _places.Remove(pair);
                continue;
            }

            _counts[pair] = now;
            if (!_places.TryGetValue(pair, out var places))
                _places.Add(pair, places = []);
            if (sign > 0)
                places.Add(word);
            else
                places.Remove(word);
        }
    }

    private static int Order((string Left, string Right) x, (string Left, string Right) y) =>
        string.CompareOrdinal(x.Left, y.Left) is not 0 and int order ? order : string.CompareOrdinal(x.Right, y.Right);
}
