using System.Collections.Immutable;
using System.Text.Json;
using FedKim.Data;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>What a task's samples are read as within a plan.</summary>
/// <param name="Task">The task.</param>
/// <param name="AsImageNet">Those of its modalities that are normalised as ImageNet's.</param>
internal sealed record TaskInput(TaskPlan Task, ImmutableArray<string> AsImageNet)
{
    /// <summary>What its samples are.</summary>
    internal Modality Kind => Task.Source.Modality ?? throw new LearningException($"federation.tasks.{Task.Name}.source.reader '{Task.Source.Reader}' is unknown.", reason: SiteSentences.UnknownName.Say(DataSet.Readers.Kind, Task.Source.Reader));

    /// <summary>Another plan may call another source by the same task name, or show the same one to another encoder.</summary>
    internal string Key => JsonSerializer.Serialize(Task, PlanJson.Options) + string.Join(' ', AsImageNet);

    /// <summary>How a modality is normalised: an encoder that starts from published weights sees what those were trained with.</summary>
    internal Normalisation? NormalisationOf(string modality) => AsImageNet.Contains(modality) ? Normalisation.OfImageNet : Kind.Normalisation;
}
