using FedKim.Models.Foundation;
using FedKim.Parameters;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Models.Pretraining;

/// <summary>How far the pre-training is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Mean loss of the last steps, nats a token.</param>
public readonly record struct PretrainingProgress(int Step, int Steps, double Loss);

/// <summary>
/// Makes the demo's foundation model from nothing but a seed: a tiny InternLM2 and its tokenizer, trained on text that is generated here,
/// so that it answers a task's prompt in the prompt's format and heeds what is said before the prompt.
/// </summary>
public static class DemoPretraining
{
    private const int Pieces = 512, LinesForPieces = 4000, Steps = 1500, Batch = 32, WarmUp = 50, ReportEvery = 25;
    private const double LearningRate = 3e-3, WeightDecay = 0.01, Clip = 1.0;
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
            Train(model, tokenizer, seed, progress, cancel);
            model.Save(outputFolder);
        }
        finally
        {
            TorchRuntime.UseThreads(threads);
        }
    }

    private static FoundationTokenizer TrainTokenizer(string folder, long seed)
    {
        var corpus = new DemoCorpus(SeededGenerator.Derive(seed, "pretraining", "pieces"));
        var lines = Enumerable.Range(0, LinesForPieces).Select(_ => corpus.Next()).SelectMany(l => new[] { l.Report, l.Text, l.Answer });
        byte[] model = PieceTrainer.Train(lines, Pieces);
        DurableFile.Write(Path.Combine(folder, "tokenizer.model"), model);
        return FoundationTokenizer.Load(folder);
    }

    private static void Train(FoundationModel model, FoundationTokenizer tokenizer, long seed, Action<PretrainingProgress> progress, CancellationToken cancel)
    {
        var corpus = new DemoCorpus(SeededGenerator.Derive(seed, "pretraining", "lines"));
        using var optimizer = optim.AdamW(model.Tensors.Values, LearningRate, weight_decay: WeightDecay);
        double sum = 0;
        for (int step = 0; step < Steps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = LearningRate * Schedule(step);
            var (ids, mask, labels) = Sequences(corpus, tokenizer);
            var loss = FoundationModel.Loss(model.Logits(model.Read(model.Embed(ids), mask)), labels);
            optimizer.zero_grad();
            loss.backward();
            nn.utils.clip_grad_norm_(model.Tensors.Values, Clip);
            optimizer.step();
            sum += loss.item<float>();
            if ((step + 1) % ReportEvery != 0)
                continue;
            progress(new PretrainingProgress(step + 1, Steps, sum / ReportEvery));
            sum = 0;
        }
    }

    // Linear warm-up, then half a cosine down to a hundredth.
    private static double Schedule(int step) => step < WarmUp
        ? (step + 1.0) / WarmUp
        : 0.01 + (0.99 * 0.5 * (1 + Math.Cos(Math.PI * (step - WarmUp) / (Steps - WarmUp))));

    // A report stands before the begin token, where an injected model finds its features.
    private static (Tensor Ids, Tensor Mask, Tensor Labels) Sequences(DemoCorpus corpus, FoundationTokenizer tokenizer)
    {
        int[][] rows = [.. Enumerable.Range(0, Batch).Select(_ => corpus.Next()).Select(line =>
            (int[])[.. tokenizer.Encode(line.Report), .. tokenizer.EncodePrompt(line.Text), .. tokenizer.EncodeAnswer(line.Answer)])];
        var (ids, mask) = PaddedRows.Of(rows, Config.PadId, CPU, left: false);
        return (ids, mask, ids.masked_fill(mask.logical_not(), NoLabel));
    }
}
