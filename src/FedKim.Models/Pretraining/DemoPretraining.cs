using FedKim.Models.Foundation;
using FedKim.Parameters;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Models.Pretraining;

/// <summary>
/// Makes the demo's foundation model from nothing but a seed: a tiny InternLM2 and its tokenizer, trained on text that is generated here,
/// so that it answers a task's prompt in the prompt's format and heeds what is said before the prompt.
/// </summary>
public static class DemoPretraining
{
    private const int Pieces = 512, LinesForPieces = 4000, Steps = 1500, Batch = 32;
    private const int NoLabel = -100;

    private static readonly FoundationConfig Config = new()
    {
        VocabSize = Pieces,
        HiddenSize = 64,
        IntermediateSize = 192,
        NumHiddenLayers = 3,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        MaxPositionEmbeddings = 512,
        RmsNormEps = 1e-5,
        RopeTheta = 10000,
        PadTokenId = 2,
    };

    /// <summary>Trains the model and writes <c>tokenizer.model</c>, <c>model.safetensors</c> and <c>config.json</c>. One thread; the same seed gives the same files.</summary>
    /// <param name="outputFolder">Is made where it does not exist.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="progress">Is told from time to time.</param>
    /// <param name="cancel">Ends it; nothing but the tokenizer is then written.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static void Run(string outputFolder, long seed, Action<PretrainingProgress> progress, CancellationToken cancel)
    {
        int threads = get_num_threads();
        TorchRuntime.UseThreads(1);
        try
        {
            Directory.CreateDirectory(outputFolder);
            var tokenizer = TrainTokenizer(outputFolder, seed);
            using var scope = NewDisposeScope();
            using var model = FoundationModel.Create(Config, name => SeededGenerator.Derive(seed, "pretraining", "weights", name).NextSeed());
            var corpus = new DemoCorpus(SeededGenerator.Derive(seed, "pretraining", "lines"));
            PretrainingSteps.Run(model, Steps, () => Sequences(corpus, tokenizer), progress, cancel);
            model.Save(outputFolder);
        }
        finally
        {
            TorchRuntime.UseThreads(threads);
        }
    }

    /// <summary>The demo's <c>tokenizer.model</c>.</summary>
    internal static byte[] Tokenizer(long seed)
    {
        var corpus = new DemoCorpus(SeededGenerator.Derive(seed, "pretraining", "pieces"));
        return PieceTrainer.Train(Enumerable.Range(0, LinesForPieces).Select(_ => corpus.Next()).SelectMany(l => new[] { l.Report, l.Text, l.Answer }), Pieces);
    }

    private static FoundationTokenizer TrainTokenizer(string folder, long seed)
    {
        DurableFile.Write(Path.Combine(folder, FoundationTokenizer.PieceFile), Tokenizer(seed));
        return FoundationTokenizer.Load(folder);
    }

    // A report stands before the begin token, where an injected model finds its features.
    private static (Tensor Ids, Tensor? Mask, Tensor Labels) Sequences(DemoCorpus corpus, FoundationTokenizer tokenizer)
    {
        int[][] rows = [.. Enumerable.Range(0, Batch).Select(_ => corpus.Next()).Select(line =>
            (int[])[.. tokenizer.Encode(line.Report), .. tokenizer.EncodePrompt(line.Text), .. tokenizer.EncodeAnswer(line.Answer)])];
        var (ids, mask) = PaddedRows.Of(rows, Config.PadId, CPU, left: false);
        return (ids, mask, ids.masked_fill(mask.logical_not(), NoLabel));
    }
}
