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
    /// <summary>Rows of the batch.</summary>
    public int Batch => Features.IsDefaultOrEmpty ? Prompts.Count : (int)Features[0].Tokens.shape[0];
}
