using System.Collections.Immutable;
using FedKim.Learning.Metrics;
using FedKim.Models.Encoders;
using FedKim.Models.Foundation;
using FedKim.Models.Injection;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>Measures one task's test samples under one method after another.</summary>
/// <param name="task">The task.</param>
/// <param name="data">Its samples.</param>
/// <param name="request">What is asked.</param>
/// <param name="parts">How many samples are computed at once: see <see cref="AtOnce"/>.</param>
/// <param name="log">Keeps what is said of each sample; null where nobody asks.</param>
/// <param name="cancel">Ends it early.</param>
internal sealed class TaskMeasurement(TaskPlan task, TaskData data, EvaluationRequest request, MicroBatches parts, PredictionLog? log, CancellationToken cancel)
{
    private const int BatchSize = 64;

    /// <summary>Tokens a generated output may have beyond the longest answer before it counts as neither.</summary>
    private const int Spare = 4;

    /// <summary>Samples that are computed at once: no more than a step of the injection may have.</summary>
    internal static int AtOnce(InjectionPlan plan) => plan.MicroBatch == 0 ? BatchSize : Math.Min(plan.MicroBatch, BatchSize);

    /// <summary>Called after each part with its samples, while they are in memory, and throws where that is short.</summary>
    internal Action<int> Watch { get; init; } = _ => { };

    /// <summary>
    /// The injected model. Of two answers the likelier one counts as given, and the difference of their log-probabilities is the score; what
    /// the model says when it speaks freely is measured beside it. Where the answer is generated, its words are compared with the sample's.
    /// </summary>
    /// <param name="method">The federation's method.</param>
    /// <param name="injected">The model.</param>
    /// <param name="encoders">The encoders that were tuned with it.</param>
    /// <param name="words">The task's texts.</param>
    /// <param name="tokenizer">The foundation model's.</param>
    /// <param name="routing">How the experts are weighed for the task; null without a router.</param>
    /// <param name="others">The weights of <see cref="TaskRouting.Other"/>; null where there is none.</param>
    internal TaskEvaluation Injected(
        string method, InjectedFoundationModel injected, LocalModel encoders, TaskWords words, FoundationTokenizer tokenizer, TaskRouting? routing, double[]? others) =>
        task.Answering == TaskPlan.Generated
            ? Generated(method, injected, places => words.Input(encoders, data, places), tokenizer) with { Routing = routing }
            : YesOrNo(method, injected, encoders, words, tokenizer, routing, others);

    /// <summary>The aggregated client models alone.</summary>
    /// <param name="model">Them.</param>
    /// <param name="decoder">Whose decoder answers: the task's own, or <see cref="BorrowedDecoder"/>'s.</param>
    internal TaskEvaluation SmallModels(LocalModel model, string decoder) =>
        Scored(Method.SmallModels, Scores(model, decoder)) with { Decoder = decoder == task.Name ? null : decoder };

    /// <summary>A model on inputs that lack something; it is not asked to speak freely where two answers are compared.</summary>
    /// <param name="control">What lacks: see <see cref="Control"/>.</param>
    /// <param name="model">The model.</param>
    /// <param name="input">What it reads of the samples at some places.</param>
    /// <param name="words">The task's texts.</param>
    /// <param name="tokenizer">The foundation model's.</param>
    internal TaskEvaluation Controlled(
        string control, InjectedFoundationModel model, Func<int[], InjectionInput> input, TaskWords words, FoundationTokenizer tokenizer)
    {
        if (task.Answering == TaskPlan.Generated)
            return Generated(control, model, input, tokenizer);
        return Scored(control, Each(places => Differences(model.AnswerLogProbabilities(input(places), words.Answers))));
    }

    /// <summary>What <see cref="Shortcut"/> reaches.</summary>
    /// <param name="development">What it learns from.</param>
    internal TaskEvaluation Shortcut(TaskData development) => Scored(Control.Shortcut, [.. Learning.Shortcut.Scores(development, data)]);

    private TaskEvaluation Scored(string method, List<double> scores)
    {
        log?.Add(task, data, request, method, scores, said: null);
        return Classified(method, scores, said: null);
    }

    /// <summary>The AUROC of a decoder on these samples; null where one class is absent.</summary>
    internal double? Auroc(LocalModel model, string decoder) => Classification.Auroc(data.Labels, Scores(model, decoder));

    private List<double> Scores(LocalModel model, string decoder) => Each(places =>
    {
        var logits = model.Predict(decoder, data.Batch(places));
        return Array.ConvertAll(logits.select(1, 1).sub(logits.select(1, 0)).cpu().data<float>().ToArray(), s => (double)s);
    });

    // With a router, the same samples also with all experts alike and with another task's weights: what its own are worth.
    private TaskEvaluation YesOrNo(
        string method, InjectedFoundationModel injected, LocalModel encoders, TaskWords words, FoundationTokenizer tokenizer, TaskRouting? routing, double[]? others)
    {
        int most = words.Answers.Max(a => a.Length) + Spare;
        var told = Each(places =>
        {
            var input = words.Input(encoders, data, places);
            double[] own = Score(null);
            double[]? alike = routing is null ? null : Score([.. routing.Alpha.Select(_ => 1.0 / routing.Alpha.Length)]), elsewhere = others is null ? null : Score(others);
            return injected.Generate(input, most)
                .Select((ids, i) => (Own: own[i], Alike: alike?[i] ?? 0, Elsewhere: elsewhere?[i] ?? 0, Said: AnswerText.Normal(tokenizer.Decode(ids)))).ToArray();

            double[] Score(double[]? weights)
            {
                var alpha = weights is null ? null : tensor(weights, ScalarType.Float32, injected.Foundation.Device).unsqueeze(0);
                return Differences(injected.AnswerLogProbabilities(input, words.Answers, alpha));
            }
        });
        List<double> scores = [.. told.Select(t => t.Own)];
        List<string> said = [.. told.Select(t => t.Said)];
        log?.Add(task, data, request, method, scores, said);
        var measured = Classified(method, scores, [.. said.Select(Which)]);
        return routing is null ? measured : measured with
        {
            Routing = routing with
            {
                Auroc = measured.Auroc,
                AurocUniform = Classification.Auroc(data.Labels, [.. told.Select(t => t.Alike)]),
                AurocOther = others is null ? null : Classification.Auroc(data.Labels, [.. told.Select(t => t.Elsewhere)]),
            },
        };
    }

    // The log-probability of the positive answer less that of the negative one.
    private static double[] Differences(IEnumerable<double[]> answers) => [.. answers.Select(answer => answer[1] - answer[0])];

    private int? Which(string output)
    {
        for (int answer = 0; answer < task.Answers.Length; answer++)
        {
            if (output == AnswerText.Normal(task.Answers[answer]))
                return answer;
        }

        return null;
    }

    private TaskEvaluation Classified(string method, List<double> scores, List<int?>? said)
    {
        var interval = Classification.AurocInterval(data.Labels, scores, SeededGenerator.Derive(request.Seed, "bootstrap", task.Name));
        return new TaskEvaluation(
            task.Name, task.Kind, method, data.Count, Of("accuracy"), Of("precision"), Of("recall"), Of("f1"), Of("auroc"),
            Bleu: null, Unparsed: said is null ? 0 : said.Count(s => s is null) / (double)said.Count, interval?.Low, interval?.High,
            Classification.Trivial(data.Labels), Greedy: said is null ? null : Classification.Of(data.Labels, said), Metrics: Own(scores));

        double? Of(string metric) => Classification.Metrics.Get(metric).Of(data.Labels, scores);
    }

    // What packages measure besides; null where there are none, so that a report without them stays as it is.
    private ImmutableSortedDictionary<string, double>? Own(List<double> scores)
    {
        var figures = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (var metric in Classification.Metrics.All.Where(metric => metric is not Metric))
        {
            try
            {
                if (metric.Of(data.Labels, scores) is { } figure && double.IsFinite(figure))
                    figures.Add(metric.Name, figure);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new LearningException($"metric {metric.Name} broke at task {task.Name} ({e.GetType().Name}). It comes from a package of this node's own, whose author can mend it.", e, SiteSentences.MetricBroke.Say(task.Name));
            }
        }

        return figures.Count == 0 ? null : figures.ToImmutable();
    }

    private TaskEvaluation Generated(string method, InjectedFoundationModel injected, Func<int[], InjectionInput> input, FoundationTokenizer tokenizer)
    {
        var said = Each(places => injected.Generate(input(places), task.MostTokens).Select(ids => AnswerText.Normal(tokenizer.Decode(ids))).ToArray());
        log?.Add(task, data, request, method, scores: null, said);
        string[] wanted = [.. data.Answers.Select(a => AnswerText.Normal(a!))];
        var bleu = new Bleu(said, wanted);
        var (low, high) = bleu.Interval(1, SeededGenerator.Derive(request.Seed, "bootstrap", task.Name));
        int closed = wanted.Count(AnswerText.IsYesOrNo);
        int unparsed = wanted.Zip(said).Count(pair => AnswerText.IsYesOrNo(pair.First) && !AnswerText.IsYesOrNo(pair.Second));
        return new TaskEvaluation(
            task.Name, task.Kind, method, data.Count, Accuracy: null, Precision: null, Recall: null, F1: null, Auroc: null,
            bleu.Score(1), closed == 0 ? 0 : unparsed / (double)closed, low, high, Constant(wanted),
            Bleus: [.. Enumerable.Range(1, Bleu.Longest).Select(bleu.Score)], ExactMatch: ExactMatch(said, wanted));
    }

    /// <summary>What constant answers reach: yes, no, and the commonest of these samples.</summary>
    private static ImmutableSortedDictionary<string, TrivialBaseline> Constant(string[] wanted)
    {
        TrivialBaseline Always(string answer)
        {
            string[] said = [.. wanted.Select(_ => answer)];
            return new TrivialBaseline(null, null, null, null, new Bleu(said, wanted).Score(1), ExactMatch(said, wanted));
        }

        string commonest = wanted.CountBy(w => w, StringComparer.Ordinal).OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal).First().Key;
        return new Dictionary<string, TrivialBaseline> { ["always-yes"] = Always("yes"), ["always-no"] = Always("no"), ["majority"] = Always(commonest) }
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    private static double? ExactMatch(IReadOnlyList<string> said, string[] wanted)
    {
        var closed = wanted.Zip(said).Where(pair => AnswerText.IsYesOrNo(pair.First)).ToArray();
        return closed.Length == 0 ? null : closed.Count(pair => pair.First == pair.Second) / (double)closed.Length;
    }

    // What is said of each sample, in their order, by a method that is given some places at a time.
    private List<T> Each<T>(Func<int[], T[]> say)
    {
        List<T> all = [];
        foreach (int[] batch in Enumerable.Range(0, data.Count).Chunk(BatchSize))
        {
            cancel.ThrowIfCancellationRequested();
            all.AddRange(parts.Compute(batch, some => some.SelectMany(Part).ToArray(), () => { }, $"server: the evaluation of task {task.Name}"));
        }

        return all;

        T[] Part(int[] places)
        {
            using var scope = NewDisposeScope();
            var said = say(places);
            Watch(places.Length);
            return said;
        }
    }
}
