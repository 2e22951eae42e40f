using System.Collections.Immutable;
using FedKim.Models.Encoders;
using FedKim.Models.Injection;

namespace FedKim.Learning;

/// <summary>A task's texts as the foundation model reads them.</summary>
/// <param name="Task">The task.</param>
/// <param name="Prompt">Ids of the question.</param>
/// <param name="ModalityDescription">Ids of the router's modality description.</param>
/// <param name="TaskDescription">Ids of the router's task description.</param>
/// <param name="Answers">Ids of the negative and the positive answer, each with its end.</param>
internal sealed record TaskWords(TaskPlan Task, int[] Prompt, int[] ModalityDescription, int[] TaskDescription, ImmutableArray<int[]> Answers)
{
    /// <summary>A batch for the injected model: the features of the task's modalities and its texts, the same for every row.</summary>
    internal InjectionInput Input(LocalModel model, IReadOnlyDictionary<string, ModalityBatch> batch) => new(
        [.. Task.Modalities.Select(m => (m, model.EncoderOf(m).forward(batch[m])))], [Prompt], [ModalityDescription], [TaskDescription]);
}
