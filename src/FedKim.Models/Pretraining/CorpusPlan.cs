using FedKim.Models.Foundation;

namespace FedKim.Models.Pretraining;

/// <summary>What is made of a corpus. The defaults take two processor cores about ten minutes, on 8 MB of text as on any other.</summary>
public sealed record CorpusPlan
{
    /// <summary>Most of what a command may ask for: what is far larger is no work for a processor.</summary>
    public const int MostLayers = 48, MostWidth = 2048, MostHeads = 64, LeastPieces = 320, MostPieces = 32_768, MostSteps = 10_000_000;

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Width of a token, a multiple of twice the heads.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Pieces of the tokenizer; there are fewer where the text gives no more.</summary>
    public int Pieces { get; init; } = 2048;

    /// <summary>Steps of 16 windows of 128 tokens; with 0 the model stays as it was drawn.</summary>
    public int Steps { get; init; } = 2000;

    /// <summary>The same seed gives the same files on the same kind of processor.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Whether the words of each text stand in an order drawn from the seed: the same words, and nothing to understand.</summary>
    public bool Shuffled { get; init; }

    /// <summary>The model's sizes with a tokenizer of so many pieces.</summary>
    /// <exception cref="FoundationException">They do not go together.</exception>
    public FoundationConfig Config(int pieces)
    {
        var config = new FoundationConfig
        {
            VocabSize = pieces,
            HiddenSize = Width,
            IntermediateSize = 3 * Width,
            NumHiddenLayers = Layers,
            NumAttentionHeads = Heads,
            NumKeyValueHeads = Heads % 2 == 0 ? Heads / 2 : Heads,
            MaxPositionEmbeddings = 512,
            RmsNormEps = 1e-5,
            RopeTheta = 10000,
            PadTokenId = 2,
        };
        config.Check("--width and --heads do not go together");
        return config;
    }

    /// <summary>Bytes of the model's weights, at most.</summary>
    /// <exception cref="FoundationException">The sizes do not go together.</exception>
    public long Bytes => Config(Pieces).Tensors().Sum(tensor => tensor.Shape.Aggregate(1L, (product, size) => product * size)) * sizeof(float);
}
