using System.Collections.Immutable;
using FedKim.Parameters;
using FedKim.Parameters.PyTorch;

namespace FedKim.Models.Foundation;

/// <summary>A file of a model.</summary>
/// <param name="Name">Its name in the model's folder.</param>
/// <param name="Bytes">Its length.</param>
public sealed record FoundationFile(string Name, long Bytes);

/// <summary>What a foundation model's folder holds, told from its configuration and the heads of its files alone.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Architecture">The architecture that is understood.</param>
/// <param name="Hidden">Width of the hidden states.</param>
/// <param name="Intermediate">Width of the feed forward.</param>
/// <param name="Layers">Decoder layers.</param>
/// <param name="Heads">Attention heads.</param>
/// <param name="KeyValueHeads">Heads of keys and values.</param>
/// <param name="Context">Longest sequence.</param>
/// <param name="Vocabulary">Rows of the token embeddings.</param>
/// <param name="Parameters">Elements of all tensors.</param>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Types">Element types that occur, e.g. BF16.</param>
/// <param name="Tokenizer">Whether <c>tokenizer.model</c> or <c>tokenizer.json</c> is there.</param>
/// <param name="Files">The files of weights.</param>
public sealed record FoundationSummary(
    string Folder,
    string Architecture,
    int Hidden,
    int Intermediate,
    int Layers,
    int Heads,
    int KeyValueHeads,
    int Context,
    int Vocabulary,
    long Parameters,
    int Tensors,
    ImmutableArray<string> Types,
    bool Tokenizer,
    ImmutableArray<FoundationFile> Files)
{
    /// <summary>Tokens that end a text, by <c>config.json</c> and <c>generation_config.json</c>.</summary>
    public ImmutableArray<int> Ends { get; init; } = [];

    /// <summary>Settings of <c>config.json</c> that nothing here reads.</summary>
    public ImmutableArray<string> Unused { get; init; } = [];

    /// <summary>Looks at a folder in the Hugging Face layout; no weights are loaded.</summary>
    /// <exception cref="FoundationException">It holds no model that is understood here, or names and shapes do not fit.</exception>
    /// <exception cref="SafetensorsException">A file is malformed.</exception>
    /// <exception cref="PyTorchException">A file is malformed, or holds more than tensors.</exception>
    public static FoundationSummary Of(string folder)
    {
        var config = FoundationConfig.Read(Path.Combine(folder, "config.json"));
        using var checkpoint = FoundationCheckpoint.Open(folder);
        var tensors = checkpoint.Check(config);
        return new FoundationSummary(
            folder,
            config.Architecture,
            config.HiddenSize,
            config.IntermediateSize,
            config.NumHiddenLayers,
            config.NumAttentionHeads,
            config.KeyValueHeads,
            config.MaxPositionEmbeddings,
            config.VocabSize,
            tensors.Sum(t => t.Count),
            tensors.Count,
            [.. tensors.Select(t => t.DType.Name()).Distinct().Order(StringComparer.Ordinal)],
            FoundationTokenizer.IsIn(folder),
            [.. checkpoint.Files.Select(path => new FoundationFile(Path.GetFileName(path), new FileInfo(path).Length))])
        {
            Ends = config.EosTokenIds,
            Unused = config.Unused,
        };
    }
}
