namespace FedKim.Learning.Metrics;

/// <summary>Answers of yes or no beside their labels, each of which may count several times.</summary>
public sealed class Decisions
{
    private readonly Kind[] _kinds;

    /// <param name="labels">0 or 1.</param>
    /// <param name="answers">0, 1, or null for an output that is neither answer: wrong, whatever the label.</param>
    public Decisions(IReadOnlyList<int> labels, IReadOnlyList<int?> answers) => _kinds = [.. labels.Zip(answers, Of)];

    private enum Kind
    {
        TruePositive,
        FalsePositive,
        FalseNegative,
        TrueNegative,

        // No answer to a negative sample is neither a true negative nor a positive answer: it only costs accuracy.
        Nothing,
    }

    /// <summary>What they are worth when answer i is there <paramref name="times"/>[i] times, at least one of them once.</summary>
    public Classification Counted(int[] times)
    {
        Span<int> count = stackalloc int[(int)Kind.Nothing + 1];
        count.Clear();
        for (int i = 0; i < _kinds.Length; i++)
            count[(int)_kinds[i]] += times[i];
        int right = count[(int)Kind.TruePositive], falsePositive = count[(int)Kind.FalsePositive], falseNegative = count[(int)Kind.FalseNegative];
        int negative = count[(int)Kind.TrueNegative] + count[(int)Kind.Nothing];
        return new Classification(
            Share(right + count[(int)Kind.TrueNegative], right + falsePositive + falseNegative + negative)!.Value, Share(right, right + falsePositive),
            Share(right, right + falseNegative), Share(2 * right, (2 * right) + falsePositive + falseNegative));
    }

    private static Kind Of(int label, int? answer) => (label, answer) switch
    {
        (1, 1) => Kind.TruePositive,
        (1, _) => Kind.FalseNegative,
        (_, 1) => Kind.FalsePositive,
        (_, 0) => Kind.TrueNegative,
        _ => Kind.Nothing,
    };

    private static double? Share(int part, int whole) => whole == 0 ? null : (double)part / whole;
}
