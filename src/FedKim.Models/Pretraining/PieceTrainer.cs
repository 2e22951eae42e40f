using System.Collections.Immutable;
using FedKim.Models.Foundation;

namespace FedKim.Models.Pretraining;

/// <summary>
/// Learns byte-pair pieces from text and writes them as a SentencePiece model: unknown, begin and end, 256 bytes for what no piece covers,
/// merged pieces in the order in which they were learned, then single letters. Ties go to the first in ordinal order: the same text gives the same pieces.
/// </summary>
public static class PieceTrainer
{
    /// <summary>Pieces that every model has: unknown, begin, end, and the bytes.</summary>
    internal const int Fixed = 259;

    /// <summary>A <c>tokenizer.model</c> of <paramref name="size"/> pieces, fewer where the text gives no more.</summary>
    /// <param name="lines">The text.</param>
    /// <param name="size">Above 259 plus the number of letters.</param>
    public static byte[] Train(IEnumerable<string> lines, int size)
    {
        var words = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (string word in lines.SelectMany(Words))
            words[word] = words.GetValueOrDefault(word) + 1;
        var letters = words.Keys.SelectMany(w => w).Distinct().Order().Select(c => c.ToString()).ToImmutableArray();
        var pairs = new PairCounts(words);
        List<string> merged = [];
        while (merged.Count < size - Fixed - letters.Length && pairs.Best() is { } pair)
        {
            // Two different pairs may spell the same piece.
            if (!merged.Contains(pair.Left + pair.Right))
                merged.Add(pair.Left + pair.Right);
            pairs.Merge(pair);
        }

        return PieceModel.Write([.. Always, .. merged.Concat(letters).Select((piece, i) => new Piece(piece, -i, PieceKind.Normal))]);
    }

    /// <summary>A <c>tokenizer.model</c> of <paramref name="size"/> pieces, above 259, that stand for no language: for models whose words do not matter.</summary>
    public static byte[] Numbers(int size) =>
        PieceModel.Write([.. Always, .. Enumerable.Range(0, size - Fixed).Select(i => new Piece($"{PieceModel.Space}{i}", -i, PieceKind.Normal))]);

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
}
