using System.Collections.Immutable;
using FedKim.Learning;

namespace FedKim.Experiments;

/// <summary>
/// What one model's evaluation shows of each task, in a sentence: whether the foundation model did better than the small models alone. A report has no
/// answers of single patients, so what counts as shown is that the two intervals do not touch; an experiment, which pairs the patients, may show more.
/// </summary>
public static class EvaluationSentences
{
    /// <summary>A sentence a task that both have an interval for, in the tasks' order.</summary>
    public static IEnumerable<string> Of(ImmutableArray<TaskEvaluation> evaluation)
    {
        foreach (var task in evaluation.GroupBy(e => e.Task))
        {
            var model = task.FirstOrDefault(e => e.Method != Method.SmallModels && !Control.Is(e.Method));
            var small = task.FirstOrDefault(e => e.Method == Method.SmallModels);
            if (model is not { Low: { } low, High: { } high } || small is not { Low: { } smallLow, High: { } smallHigh })
                continue;
            string word = low > smallHigh ? Comparison.Helps : high < smallLow ? Comparison.Hurts : Comparison.NotShown;
            string what = word == Comparison.NotShown ? word : $"the foundation model {word}";
            yield return $"{task.Key}: {what}{Figures(model, small)}{(small.Decoder is { } decoder ? $", where {decoder} answers" : "")}";
        }
    }

    private static string Figures(TaskEvaluation model, TaskEvaluation small) => (model.Auroc, small.Auroc) switch
    {
        ({ } with, { } without) => $", AUROC {Rate.Text(with)} with the foundation model and {Rate.Text(without)} without",
        _ => model is { Bleu: { } with } && small is { Bleu: { } without } ? $", BLEU {Rate.Text(with)} with the foundation model and {Rate.Text(without)} without" : "",
    };
}
