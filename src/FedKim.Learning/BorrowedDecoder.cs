using FedKim.Models.Encoders;

namespace FedKim.Learning;

/// <summary>
/// Whose decoder answers a task that no small model was trained on: that of a trained task of the same modalities. It is the rival that an answer without any
/// example has to beat, for what goes together in patients lets a decoder of one finding tell another.
/// </summary>
internal static class BorrowedDecoder
{
    /// <summary>The trained tasks whose decoders could answer, in the plan's order; none where the answer is words, or differs by a question.</summary>
    internal static string[] Candidates(LearningPlan plan, TaskPlan task, LocalModel small) =>
        !task.IsAskedAlike ? [] : [.. plan.Training.Where(t => small.Decodes(t.Name) && t.ReadsAs(task)).Select(t => t.Name)];

    /// <summary>The candidate of the highest AUROC, on other samples than those that are measured; of equal ones the first.</summary>
    /// <param name="candidates">More than one.</param>
    /// <param name="auroc">What each reaches there; null where one class is absent.</param>
    /// <returns>Null where the samples tell nothing.</returns>
    internal static string? Best(IReadOnlyList<string> candidates, Func<string, double?> auroc) =>
        candidates.Select(name => (Name: name, Auroc: auroc(name))).Where(c => c.Auroc is not null).OrderByDescending(c => c.Auroc).Select(c => c.Name).FirstOrDefault();
}
