using System.Text.Json.Nodes;
using FedKim.Models.Foundation;
using FedKim.Models.Pretraining;
using FedKim.Parameters;
using static TorchSharp.torch;

namespace FedKim.Models.Tests.Pretraining;

public sealed class CorpusPretrainingTests : IDisposable
{
    private const string Weights = "model.safetensors", Pieces = "tokenizer.model";

    private static readonly CorpusPlan Small = new() { Layers = 1, Width = 32, Heads = 2, Pieces = 320, Steps = 6 };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-pretraining-");

    private readonly Corpus _corpus;

    public CorpusPretrainingTests()
    {
        string[] signs = ["fever", "cough", "pain", "swelling", "fatigue", "weakness"], places = ["lung", "heart", "liver", "bone", "skin", "eye"];
        string file = Path.Combine(_folder.FullName, "texts.txt");
        File.WriteAllText(file, string.Join("\n\n", places.SelectMany(place => signs.Select(sign =>
            $"What does {sign} of the {place} mean ? The {sign} of a {place} means that the {place} may be ill, and 37 °C 🫀 are measured."))));
        _corpus = Corpus.Read(file);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_has_read_a_corpus_is_a_foundation_model_that_says_what_it_was_made_from()
    {
        string made = Make(Small);

        using var model = FoundationModel.Load(made);
        var tokenizer = FoundationTokenizer.Load(made);
        Assert.Equal((1, 32, 2, tokenizer.Pieces), (model.Config.NumHiddenLayers, model.Config.HiddenSize, model.Config.NumAttentionHeads, model.Config.VocabSize));
        Assert.InRange(tokenizer.Pieces, 300, 320);
        Assert.Equal(_corpus.Texts[0], tokenizer.Decode(tokenizer.Encode(_corpus.Texts[0])).TrimStart());
        using var read = model.Logits(model.Read(model.Embed(tensor(tokenizer.EncodePrompt("the heart").Select(id => (long)id).ToArray()).unsqueeze(0))));
        Assert.Equal(tokenizer.Pieces, read.shape[^1]);
        var told = JsonNode.Parse(File.ReadAllText(Path.Combine(made, CorpusPretraining.Record)))!;
        Assert.Equal(("texts.txt", _corpus.Files[0].Digest.Hex, 36), ((string)told["files"]![0]!["name"]!, (string)told["files"]![0]!["sha256"]!, (int)told["files"]![0]!["texts"]!));
        Assert.Equal((6, 1, false), ((int)told["steps"]!, (int)told["seed"]!, (bool)told["shuffled"]!));
        Assert.InRange((double)told["loss"]!, 0.1, 7);
    }

    [Fact]
    public void The_same_seed_gives_the_same_files_and_another_one_others()
    {
        string made = Make(Small), again = Make(Small), other = Make(Small with { Seed = 2 });

        Assert.Equal(["config.json", Weights, CorpusPretraining.Record, Pieces], Directory.GetFiles(made).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.GetFiles(made).Select(Path.GetFileName), name => Assert.Equal(Print(made, name!), Print(again, name!)));
        Assert.NotEqual(Print(made, Weights), Print(other, Weights));
    }

    [Fact]
    public void Shuffled_words_are_the_same_words_in_another_order()
    {
        string made = Make(Small), shuffled = Make(Small with { Shuffled = true });

        Assert.Equal(Print(made, Pieces), Print(shuffled, Pieces));
        Assert.NotEqual(Print(made, Weights), Print(shuffled, Weights));
        Assert.Contains("\"shuffled\": true", File.ReadAllText(Path.Combine(shuffled, CorpusPretraining.Record)));
    }

    [Fact]
    public void Texts_are_learned_and_their_words_in_any_order_are_learned_less()
    {
        List<PretrainingProgress> told = [], shuffled = [];
        Make(Small with { Steps = 110 }, told.Add);
        Make(Small with { Steps = 110, Shuffled = true }, shuffled.Add);

        Assert.Equal([25, 50, 75, 100, 110], told.Select(p => p.Step));
        Assert.All(told, p => Assert.Equal(110, p.Steps));
        Assert.InRange(told[^1].Loss, 0, told[0].Loss / 2);
        Assert.InRange(told[^1].Loss, 0, 0.8 * shuffled[^1].Loss);
    }

    [Fact]
    public void Without_a_step_the_model_is_as_it_was_drawn_and_reads_the_same_pieces()
    {
        string made = Make(Small), random = Make(Small with { Steps = 0 }, _ => Assert.Fail("It made a step."));

        using SafetensorsFile drawn = SafetensorsFile.Open(Path.Combine(random, Weights)), trained = SafetensorsFile.Open(Path.Combine(made, Weights));
        Assert.Equal(Print(made, Pieces), Print(random, Pieces));
        Assert.Equal(File.ReadAllText(Path.Combine(made, "config.json")), File.ReadAllText(Path.Combine(random, "config.json")));
        Assert.Equal(trained.Tensors.Keys, drawn.Tensors.Keys);
        Assert.All(drawn.Tensors.Keys, name => Assert.False(drawn.Bytes(name).SequenceEqual(trained.Bytes(name)), name));
        using var model = FoundationModel.Load(random);
        Assert.All(model.Tensors.Where(t => t.Value.shape.Length == 1), norm => Assert.True(norm.Value.eq(1).all().item<bool>()));
        Assert.Null(JsonNode.Parse(File.ReadAllText(Path.Combine(random, CorpusPretraining.Record)))!["loss"]);
    }

    [Fact]
    public void What_is_ended_leaves_nothing()
    {
        using var end = new CancellationTokenSource();
        string folder = Path.Combine(_folder.FullName, "ended", "model");
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);

        Assert.Throws<OperationCanceledException>(() => CorpusPretraining.Run(_corpus, Small with { Steps = 30 }, folder, _ => end.Cancel(), end.Token));

        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(folder)!));
    }

    [Fact]
    public void Sizes_that_do_not_go_together_are_told() => Assert.Contains(
        "--width and --heads do not go together: hidden_size 30", Assert.Throws<FoundationException>(() => Make(Small with { Width = 30, Heads = 4 })).Message);

    [Fact]
    public void The_demos_tokenizer_is_made_again_to_the_same_bytes() =>
        Assert.Equal(File.ReadAllBytes(Path.Combine(Shared.Repository, "src/FedKim.Node/models/demo", Pieces)), DemoPretraining.Tokenizer(seed: 1));

    private static Rounds.Digest Print(string folder, string name) => Digests.OfFile(Path.Combine(folder, name));

    private string Make(CorpusPlan plan, Action<PretrainingProgress>? progress = null)
    {
        string folder = Path.Combine(_folder.FullName, Path.GetRandomFileName());
        CorpusPretraining.Run(_corpus, plan, folder, progress ?? (_ => { }), CancellationToken.None);
        return folder;
    }
}
