using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using FedKim.Models.Foundation;
using FedKim.Parameters;
using FedKim.Rounds;
using static TorchSharp.torch;

namespace FedKim.Models.Pretraining;

/// <summary>
/// Makes a foundation model of a corpus: a small InternLM2 that learns to continue its texts, and a tokenizer of its words. The same texts with
/// their words shuffled, and no steps at all, give the models that it is to be compared with: of the same sizes, and with the same tokenizer.
/// </summary>
public static class CorpusPretraining
{
    /// <summary>What says of a model what it was made from.</summary>
    public const string Record = "pretraining.json";

    // Threads are part of the result.
    private const int Threads = 2, Window = 128, Batch = 16;

    // A letter that is rarer than that is spelt in bytes, and takes no piece away from words.
    private const int LettersPerRareOne = 100_000;

    private static readonly JsonSerializerOptions Written = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Trains a model and writes a folder in the Hugging Face layout, with <see cref="Record"/> beside it.</summary>
    /// <param name="corpus">The texts.</param>
    /// <param name="plan">What to make of them.</param>
    /// <param name="folder">Is not there yet, or is empty. It appears whole or not at all.</param>
    /// <param name="progress">Is told from time to time.</param>
    /// <param name="cancel">Ends it; nothing is then written.</param>
    /// <exception cref="FoundationException">The sizes do not go together.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static void Run(Corpus corpus, CorpusPlan plan, string folder, Action<PretrainingProgress> progress, CancellationToken cancel)
    {
        int threads = get_num_threads();
        TorchRuntime.UseThreads(Threads);
        try
        {
            using var half = HalfFolder.Begin(folder);
            DurableFile.Write(Path.Combine(half.Path, FoundationTokenizer.PieceFile), Tokenizer(corpus, plan.Pieces));
            var tokenizer = FoundationTokenizer.Load(half.Path);
            using var scope = NewDisposeScope();
            using var model = FoundationModel.Create(
                plan.Config(tokenizer.Pieces), name => SeededGenerator.Derive(plan.Seed, "corpus", "weights", name).NextSeed());
            int[][] texts = plan.Steps == 0 ? [] : [.. Texts(corpus, plan).Select(text => (int[])[.. tokenizer.EncodePrompt(text), tokenizer.End])];
            using var windows = Windows(texts, plan.Seed).GetEnumerator();
            double? loss = PretrainingSteps.Run(model, plan.Steps, () => Next(windows), progress, cancel);
            model.Save(half.Path);
            Describe(half.Path, corpus, plan, model.Config.VocabSize, loss);
            half.Complete();
        }
        finally
        {
            TorchRuntime.UseThreads(threads);
        }
    }

    // In their own order: shuffled or not, the words are the same.
    private static byte[] Tokenizer(Corpus corpus, int pieces)
    {
        var counts = new Dictionary<char, int>();
        foreach (char letter in corpus.Texts.SelectMany(text => text))
            counts[letter] = counts.GetValueOrDefault(letter) + 1;
        long least = counts.Values.Sum(count => (long)count) / LettersPerRareOne;
        var kept = counts.Where(c => c.Key != ' ' && !char.IsSurrogate(c.Key) && c.Value >= least)
            .OrderByDescending(c => c.Value).ThenBy(c => c.Key).Take((pieces - PieceTrainer.Fixed) / 2).Select(c => c.Key).ToHashSet();
        return PieceTrainer.Train(corpus.Texts.Select(text => new string([.. text.Select(letter => kept.Contains(letter) ? letter : ' ')])), pieces);
    }

    private static IEnumerable<string> Texts(Corpus corpus, CorpusPlan plan) => !plan.Shuffled ? corpus.Texts : corpus.Texts.Select((text, i) =>
    {
        string[] words = text.Split(' ');
        SeededGenerator.Derive(plan.Seed, "corpus", "words", i).Shuffle<string>(words);
        return string.Join(' ', words);
    });

    // All texts one behind the other, in another order each time, cut where a window is full.
    private static IEnumerable<int[]> Windows(int[][] texts, long seed)
    {
        var window = new List<int>(Window);
        for (int time = 0; ; time++)
        {
            int[] order = [.. Enumerable.Range(0, texts.Length)];
            SeededGenerator.Derive(seed, "corpus", "order", time).Shuffle<int>(order);
            foreach (int id in order.SelectMany(text => texts[text]))
            {
                window.Add(id);
                if (window.Count < Window)
                    continue;
                yield return [.. window];
                window.Clear();
            }
        }
    }

    private static (Tensor Ids, Tensor? Mask, Tensor Labels) Next(IEnumerator<int[]> windows)
    {
        long[] ids = new long[Batch * Window];
        for (int row = 0; row < Batch; row++)
        {
            windows.MoveNext();
            for (int i = 0; i < Window; i++)
                ids[(row * Window) + i] = windows.Current[i];
        }

        var batch = tensor(ids).view(Batch, Window);
        return (batch, null, batch);
    }

    private static void Describe(string folder, Corpus corpus, CorpusPlan plan, int pieces, double? loss) => DurableFile.Write(
        Path.Combine(folder, Record),
        [
            .. JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    Files = corpus.Files.Select(file => new { file.Name, Sha256 = file.Digest.Hex, file.Bytes, file.Texts }),
                    plan.Layers,
                    plan.Width,
                    plan.Heads,
                    Pieces = pieces,
                    plan.Steps,
                    TokensPerStep = Batch * Window,
                    plan.Seed,
                    plan.Shuffled,
                    Loss = loss,
                },
                Written),
            (byte)'\n',
        ]);
}
