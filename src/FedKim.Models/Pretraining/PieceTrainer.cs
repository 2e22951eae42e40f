using System.Collections.Immutable;
using FedKim.Models.Foundation;

namespace FedKim.Models.Pretraining;

/// <summary>
/// Learns byte-pair pieces from text and writes them as a SentencePiece model: unknown, begin and end, 256 bytes for what no piece covers,
/// merged pieces in the order in which they were learned, then single letters. Ties go to the first in ordinal order: the same text gives the same pieces.
/// </summary>
public static class PieceTrainer
{
    /// <summary>A <c>tokenizer.model</c> of <paramref name="size"/> pieces, fewer where the text gives no more.</summary>
    /// <param name="lines">The text.</param>
    /// <param name="size">Above 259 plus the number of letters.</param>
    public static byte[] Train(IEnumerable<string> lines, int size)
    {
        var words = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (string word in lines.SelectMany(Words))
            words[word] = words.GetValueOrDefault(word) + 1;
        var letters = words.Keys.SelectMany(w => w).Distinct().Order().Select(c => c.ToString()).ToImmutableArray();
        List<(List<string> Parts, int Count)> split = [.. words.Select(w => (w.Key.Select(c => c.ToString()).ToList(), w.Value))];
        List<string> merged = [];
        while (merged.Count < size - 259 - letters.Length && Best(split) is { } pair)
        {
            // Two different pairs may spell the same piece.
            if (!merged.Contains(pair.Left + pair.Right))
                merged.Add(pair.Left + pair.Right);
            foreach (var (parts, _) in split)
                Merge(parts, pair.Left, pair.Right);
        }

        return PieceModel.Write([.. Always, .. merged.Concat(letters).Select((piece, i) => new Piece(piece, -i, PieceKind.Normal))]);
    }

    /// <summary>A <c>tokenizer.model</c> of <paramref name="size"/> pieces, above 259, that stand for no language: for models whose words do not matter.</summary>
    public static byte[] Numbers(int size) =>
        PieceModel.Write([.. Always, .. Enumerable.Range(0, size - 259).Select(i => new Piece($"{PieceModel.Space}{i}", -i, PieceKind.Normal))]);

    private static IEnumerable<Piece> Always => [PieceModel.Unknown, PieceModel.Begin, PieceModel.End, .. Enumerable.Range(0, 256).Select(PieceModel.OfByte)];

    // Pieces cross neither words nor the line between letters and other signs, so that an answer is the same pieces wherever it stands.
    private static IEnumerable<string> Words(string line)
    {
        foreach (string word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string rest = PieceModel.Space + word;
            int start = 0;
            for (int i = 1; i <= rest.Length; i++)
            {
                if (i < rest.Length && char.IsLetter(rest[i]) == (i == 1 ? char.IsLetter(rest[1]) : char.IsLetter(rest[i - 1])))
                    continue;
                yield return rest[start..i];
                start = i;
            }
        }
    }

    private static (string Left, string Right)? Best(List<(List<string> Parts, int Count)> split)
    {
        var counts = new SortedDictionary<(string Left, string Right), int>(Comparer<(string Left, string Right)>.Create((x, y) =>
            string.CompareOrdinal(x.Left, y.Left) is not 0 and int order ? order : string.CompareOrdinal(x.Right, y.Right)));
        foreach (var (parts, count) in split)
        {
            for (int i = 1; i < parts.Count; i++)
                counts[(parts[i - 1], parts[i])] = counts.GetValueOrDefault((parts[i - 1], parts[i])) + count;
        }

        return counts.Count == 0 ? null : counts.MaxBy(c => c.Value).Key;
    }

    private static void Merge(List<string> parts, string left, string right)
    {
        for (int i = 0; i + 1 < parts.Count; i++)
        {
            if (parts[i] != left || parts[i + 1] != right)
                continue;
            parts[i] = left + right;
            parts.RemoveAt(i + 1);
        }
    }
}
