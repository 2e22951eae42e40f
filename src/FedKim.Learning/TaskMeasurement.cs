using FedKim.Learning.Metrics;
using FedKim.Models.Encoders;
using FedKim.Models.Foundation;
using FedKim.Models.Injection;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>Measures one task's test samples under one method after another.</summary>
internal sealed class TaskMeasurement(TaskPlan task, TaskData data, long seed, CancellationToken cancel)
{
    private const int BatchSize = 64;

    /// <summary>Tokens a generated output may have beyond the longest answer before it counts as neither.</summary>
    private const int Spare = 4;

    /// <summary>
    /// The injected model: scored by the difference of the two answers' log-probabilities, which is also the decision; an output that is
    /// neither answer when it speaks freely is wrong.
    /// </summary>
    internal TaskEvaluation Injected(string method, InjectedFoundationModel injected, LocalModel encoders, TaskWords words, FoundationTokenizer tokenizer)
    {
        List<double> scores = [];
        List<bool> parsed = [];
        int most = words.Answers.Max(a => a.Length) + Spare;
        foreach (int[] places in Batches())
        {
            using var scope = NewDisposeScope();
            var input = words.Input(encoders, data.Batch(places));
            scores.AddRange(injected.AnswerLogProbabilities(input, words.Answers).Select(answers => answers[1] - answers[0]));
            parsed.AddRange(injected.Generate(input, most).Select(ids => task.Answers.Contains(tokenizer.Decode(ids).Trim(), StringComparer.OrdinalIgnoreCase)));
        }

        return Evaluation(method, scores, parsed);
    }

    /// <summary>The aggregated client models alone, by the task's own decoder.</summary>
    internal TaskEvaluation SmallModels(LocalModel model)
    {
        List<double> scores = [];
        foreach (int[] places in Batches())
        {
            using var scope = NewDisposeScope();
            var logits = model.Predict(task.Name, data.Batch(places));
            scores.AddRange(logits.select(1, 1).sub(logits.select(1, 0)).cpu().data<float>().ToArray().Select(s => (double)s));
        }

        return Evaluation("small-models", scores, [.. scores.Select(_ => true)]);
    }

    private TaskEvaluation Evaluation(string method, List<double> scores, List<bool> parsed)
    {
        var result = Classification.Of(data.Labels, [.. scores.Select((s, i) => parsed[i] ? s > 0 ? 1 : 0 : (int?)null)]);
        var interval = Classification.AurocInterval(data.Labels, scores, SeededGenerator.Derive(seed, "bootstrap", task.Name));
        return new TaskEvaluation(
            task.Name, task.Kind, method, data.Count, result.Accuracy, result.Precision, result.Recall, result.F1, Classification.Auroc(data.Labels, scores),
            Bleu: null, parsed.Count(p => !p) / (double)parsed.Count, interval?.Low, interval?.High, Classification.Trivial(data.Labels));
    }

    private IEnumerable<int[]> Batches()
    {
        foreach (int[] batch in Enumerable.Range(0, data.Count).Chunk(BatchSize))
        {
            cancel.ThrowIfCancellationRequested();
            yield return batch;
        }
    }
}
