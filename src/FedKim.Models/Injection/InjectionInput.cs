using System.Collections.Immutable;
using static TorchSharp.torch;

namespace FedKim.Models.Injection;

/// <summary>A batch for the injected model. Lists of ids have one entry for the whole batch, or one a row.</summary>
/// <param name="Features">Feature tokens by modality in the order of the task, [batch, tokens, width] each; may be empty.</param>
/// <param name="Prompts">The question's ids (<see cref="Foundation.FoundationTokenizer.EncodePrompt"/>).</param>
/// <param name="ModalityDescriptions">Ids of the modality description, for the router.</param>
/// <param name="TaskDescriptions">Ids of the task description, for the router.</param>
public sealed record InjectionInput(
    ImmutableArray<(string Modality, Tensor Tokens)> Features,
    IReadOnlyList<int[]> Prompts, IReadOnlyList<int[]> ModalityDescriptions, IReadOnlyList<int[]> TaskDescriptions)
{
    /// <summary>Every row as many times as told, the whole batch first and then again; the caller's scope owns the tensors.</summary>
    public InjectionInput Times(int count) => this with
    {
        Features = [.. Features.Select(f => (f.Modality, f.Tokens.repeat(count, 1, 1)))],
        Prompts = Repeated(Prompts, count),
        ModalityDescriptions = Repeated(ModalityDescriptions, count),
        TaskDescriptions = Repeated(TaskDescriptions, count),
    };

    private static IReadOnlyList<int[]> Repeated(IReadOnlyList<int[]> texts, int count) =>
        texts.Count == 1 ? texts : [.. Enumerable.Repeat(texts, count).SelectMany(t => t)];

    /// <summary>Rows of the batch.</summary>
    public int Batch => Features.IsDefaultOrEmpty ? Prompts.Count : (int)Features[0].Tokens.shape[0];
}
