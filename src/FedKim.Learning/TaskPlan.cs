using System.Collections.Immutable;
using FedKim.Data;

namespace FedKim.Learning;

/// <summary>One task: its data, its words, its answers (method §5).</summary>
public sealed record TaskPlan
{
    /// <summary>The kind of a task that is learned.</summary>
    public const string TrainingKind = "training";

    /// <summary>The kind of a task that is only measured.</summary>
    public const string ZeroShotKind = "zero-shot";

    /// <summary>Answered by one of two answers.</summary>
    public const string YesOrNo = "yes-no";

    /// <summary>Answered in the foundation model's own words, and compared with the sample's answer; zero-shot only.</summary>
    public const string Generated = "generated";

    /// <summary>Where a sample's own question stands in <see cref="Prompt"/>.</summary>
    public const string QuestionPlace = "{question}";

    /// <summary>Name, e.g. <c>ecg-abnormal</c>.</summary>
    public required string Name { get; init; }

    /// <summary><c>training</c> or <c>zero-shot</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Modalities whose encoders feed it, e.g. <c>image</c>, <c>signal</c>, <c>vital</c>, <c>lab</c>, <c>input</c>, <c>output</c>.</summary>
    public required ImmutableArray<string> Modalities { get; init; }

    /// <summary>Where its samples are and how they are read.</summary>
    public required TaskSource Source { get; init; }

    /// <summary>The question put to the foundation model; a sample's own stands where it says <c>{question}</c>.</summary>
    public required string Prompt { get; init; }

    /// <summary>The router's task description.</summary>
    public required string TaskDescription { get; init; }

    /// <summary>The router's modality description.</summary>
    public required string ModalityDescription { get; init; }

    /// <summary>The negative and the positive answer, in this order.</summary>
    public ImmutableArray<string> Answers { get; init; } = ["Answer: No", "Answer: Yes"];

    /// <summary><c>yes-no</c> or <c>generated</c>.</summary>
    public string Answering { get; init; } = YesOrNo;

    /// <summary>Whether each sample brings a question of its own.</summary>
    internal bool AsksEach => Prompt.Contains(QuestionPlace, StringComparison.Ordinal);

    /// <summary>Whether one question is put to all samples, and answered by one of two answers.</summary>
    internal bool IsAskedAlike => Answering == YesOrNo && !AsksEach;

    /// <summary>Whether another task reads the same modalities, in whatever order.</summary>
    internal bool ReadsAs(TaskPlan other) => Modalities.ToHashSet(StringComparer.Ordinal).SetEquals(other.Modalities);

    /// <summary>Most tokens of a generated answer.</summary>
    public int MostTokens { get; init; } = 16;
}
