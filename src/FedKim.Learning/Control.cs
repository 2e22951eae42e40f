namespace FedKim.Learning;

/// <summary>
/// What answers beside a federation's model when <see cref="LearningPlan.Controls"/> are on. Each lacks one thing that the model has: what the model is
/// not better than, it does not owe to that.
/// </summary>
public static class Control
{
    /// <summary>F as it came, which reads the prompt alone: no features, no adapters. It is the curve of MMedLM2 in the paper's figure 2.</summary>
    public const string BareModel = "bare-f";

    /// <summary>The model with the features of other samples of the task, dealt out by the seed.</summary>
    public const string ShuffledFeatures = "shuffled-features";

    /// <summary>A logistic regression on what needs no looking, such as the mean intensity of a picture or the hours that a table has rows for: <see cref="Shortcut"/>.</summary>
    public const string Shortcut = "shortcut";

    private const string Prompt = "prompt-of-";

    /// <summary>The model with another task's question about the same samples; everything else, the router's descriptions too, is the task's own.</summary>
    /// <param name="other">The other task.</param>
    public static string PromptOf(string other) => Prompt + other;

    /// <summary>Whose question it was; null for another row.</summary>
    /// <param name="method">The method's name in the row.</param>
    public static string? AskerOf(string method) => method.StartsWith(Prompt, StringComparison.Ordinal) ? method[Prompt.Length..] : null;

    /// <summary>Whether a row of an evaluation is one of these.</summary>
    /// <param name="method">The method's name in the row.</param>
    public static bool Is(string method) => method is BareModel or ShuffledFeatures or Shortcut || AskerOf(method) is not null;

    /// <summary>The tasks whose questions can be put to a task's samples: those of the same modalities that are answered by yes or no, with one question for all.</summary>
    internal static IEnumerable<TaskPlan> Askers(LearningPlan plan, TaskPlan task) =>
        !task.IsAskedAlike ? [] : plan.Tasks.Where(other => other.Name != task.Name && other.IsAskedAlike && other.ReadsAs(task));
}
