using System.Collections.Immutable;
using FedKim.Models.Encoders;
using FedKim.Models.Foundation;
using FedKim.Models.Injection;
using static TorchSharp.torch;

namespace FedKim.Learning;

/// <summary>A task's texts as the foundation model reads them.</summary>
internal sealed class TaskWords
{
    private readonly FoundationTokenizer _tokenizer;
    private readonly int[] _modalityDescription, _taskDescription;

    /// <param name="task">The task.</param>
    /// <param name="method">Says which description the router reads where one is left out.</param>
    /// <param name="tokenizer">The foundation model's.</param>
    internal TaskWords(TaskPlan task, Method method, FoundationTokenizer tokenizer)
    {
        (Task, _tokenizer) = (task, tokenizer);
        Prompt = tokenizer.EncodePrompt(task.Prompt);
        _modalityDescription = tokenizer.Encode(method.RoutesByModality ? task.ModalityDescription : task.TaskDescription);
        _taskDescription = tokenizer.Encode(method.RoutesByTask ? task.TaskDescription : task.ModalityDescription);
        Answers = [.. task.Answers.Select(tokenizer.EncodeAnswer)];
    }

    /// <summary>The task.</summary>
    internal TaskPlan Task { get; }

    /// <summary>Ids of the question, with its place for a sample's own where it has one.</summary>
    internal int[] Prompt { get; }

    /// <summary>Ids of the negative and the positive answer, each with its end.</summary>
    internal ImmutableArray<int[]> Answers { get; }

    /// <summary>The experts' weights for the task, which add up to 1.</summary>
    /// <param name="injected">Has experts.</param>
    internal double[] Alpha(InjectedFoundationModel injected)
    {
        using var scope = NewDisposeScope();
        using var gradient = no_grad();
        float[] weights = injected.Weigh([_modalityDescription], [_taskDescription])!.cpu().data<float>().ToArray();
        double sum = weights.Sum(weight => (double)weight);
        return [.. weights.Select(weight => weight / sum)];
    }

    /// <summary>A batch for the injected model: the features of the task's modalities and its texts, the same for every row but for its own question.</summary>
    internal InjectionInput Input(LocalModel model, TaskData data, int[] places) => Input(model, data.Batch(places), data, places);

    /// <summary>The same for a batch that was made of these places before.</summary>
    internal InjectionInput Input(LocalModel model, IReadOnlyDictionary<string, ModalityBatch> batch, TaskData data, int[] places) =>
        new(
            [.. Task.Modalities.Select(m => (m, model.EncoderOf(m).forward(batch[m])))],
            data.AsksEach ? [.. places.Select(p => Ask(data.Questions[p]!))] : [Prompt],
            [_modalityDescription], [_taskDescription]);

    /// <summary>A batch without features: the questions alone, one a row.</summary>
    internal InjectionInput Unseen(TaskData data, int[] places) =>
        new([], [.. places.Select(p => data.AsksEach ? Ask(data.Questions[p]!) : Prompt)], [_modalityDescription], [_taskDescription]);

    private int[] Ask(string question) => _tokenizer.EncodePrompt(Task.Prompt.Replace(TaskPlan.QuestionPlace, question, StringComparison.Ordinal));
}
