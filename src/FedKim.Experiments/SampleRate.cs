using FedKim.Learning;
using FedKim.Learning.Metrics;

namespace FedKim.Experiments;

/// <summary>Rates of what a method says of a task's samples, each sample counted as often as somebody draws it.</summary>
public static class SampleRate
{
    private const double Specificity = 0.9;

    /// <summary>
    /// The rate as a function of how often each sample is there; its value is null where it would be one over nothing. Null where such samples
    /// have no such rate, or what it needs is not kept.
    /// </summary>
    /// <param name="rate">Of <see cref="Rate.All"/>.</param>
    /// <param name="said">What is said of each sample.</param>
    public static Func<int[], double?>? Of(string rate, IReadOnlyList<Prediction> said)
    {
        if (said.Count == 0)
            return null;
        if (said.All(p => p is { Label: not null, Score: not null }))
            return OfScores(rate, [.. said.Select(p => p.Label!.Value)], [.. said.Select(p => p.Score!.Value)]);
        return said.All(p => p is { Label: null, Answer: not null, Wanted: not null }) ? OfAnswers(rate, [.. said.Select(p => p.Answer!)], [.. said.Select(p => p.Wanted!)]) : null;
    }

    /// <summary>The rate when every sample is there once.</summary>
    /// <inheritdoc cref="Of"/>
    public static double? Once(string rate, IReadOnlyList<Prediction> said) => Of(rate, said)?.Invoke(Bootstrap.Once(said.Count));

    private static Func<int[], double?>? OfScores(string rate, int[] labels, double[] scores)
    {
        switch (rate)
        {
            case Rate.Auroc:
                return new Ranking(labels, scores).Auroc;
            case Rate.Auprc:
                return new Ranking(labels, scores).AveragePrecision;
            case Rate.Sensitivity:
                var ranking = new Ranking(labels, scores);
                return times => ranking.SensitivityAt(Specificity, times);
            case Rate.Brier:
                return new Calibration(labels, scores).Brier;
            case Rate.CalibrationError:
                return new Calibration(labels, scores).Error;
        }
        var decisions = new Decisions(labels, [.. scores.Select(score => (int?)(score > 0 ? 1 : 0))]);
        return rate switch
        {
            "accuracy" => times => decisions.Counted(times).Accuracy,
            "precision" => times => decisions.Counted(times).Precision,
            "recall" => times => decisions.Counted(times).Recall,
            "f1" => times => decisions.Counted(times).F1,
            _ => null,
        };
    }

    private static Func<int[], double?>? OfAnswers(string rate, string[] said, string[] wanted)
    {
        if (rate == Rate.ExactMatch)
        {
            int[] closed = [.. Enumerable.Range(0, wanted.Length).Where(i => AnswerText.IsYesOrNo(wanted[i]))];
            bool[] right = [.. closed.Select(i => said[i] == wanted[i])];
            return times => Share(closed, right, times);
        }
        if (Rate.Phrases(rate) is not { } longest)
            return null;
        var bleu = new Bleu(said, wanted);
        return times => bleu.Score(longest, times);
    }

    private static double? Share(int[] places, bool[] right, int[] times)
    {
        long all = 0, some = 0;
        for (int i = 0; i < places.Length; i++)
        {
            all += times[places[i]];
            some += right[i] ? times[places[i]] : 0;
        }
        return all == 0 ? null : (double)some / all;
    }
}
