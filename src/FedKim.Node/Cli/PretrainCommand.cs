using System.CommandLine;
using System.Globalization;
using FedKim.Configuration;
using FedKim.Launch;
using FedKim.Launch.Machine;
using FedKim.Models;
using FedKim.Models.Pretraining;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim model pretrain</c>: the demo's foundation model, or one that has read a corpus.</summary>
internal static class PretrainCommand
{
    // Of the demo's model. The files have 4 MiB, and are whole before the old ones go.
    private const long PretrainedRoom = 16 << 20;

    private static readonly CorpusPlan Usual = new();

    public static Command Create()
    {
        var folder = new Option<string>("--out") { Description = "Folder for config.json, model.safetensors and tokenizer.model; with --corpus a new one, with pretraining.json, which says what it was made from.", Required = true };
        var seed = new Option<long>("--seed") { Description = "The same seed gives the same files.", DefaultValueFactory = _ => Usual.Seed };
        var corpus = new Option<string?>("--corpus") { Description = "Texts to learn: a folder with .txt, .jsonl or .jsonl.gz files, or one of them. An object of .jsonl has question and answer, or text. Without it the demo's model is made from text that is generated here." };
        var layers = Size("--layers", "Layers", 1, CorpusPlan.MostLayers, Usual.Layers);
        var width = Size("--width", "Width of a token, a multiple of twice the heads", 2, CorpusPlan.MostWidth, Usual.Width);
        var heads = Size("--heads", "Attention heads", 1, CorpusPlan.MostHeads, Usual.Heads);
        var pieces = Size("--pieces", "Pieces of the vocabulary", CorpusPlan.LeastPieces, CorpusPlan.MostPieces, Usual.Pieces);
        var steps = Size("--steps", "Steps of 2,048 tokens; 0 leaves the model as it was drawn, for a comparison", 0, CorpusPlan.MostSteps, Usual.Steps);
        var shuffled = new Option<bool>("--shuffled") { Description = "Bring the words of each text into an order drawn from the seed, for a comparison: the same words, and nothing to understand." };
        var command = new Command("pretrain", "Makes a small foundation model: the demo's, or one that has read a corpus.") { folder, seed, corpus, layers, width, heads, pieces, steps, shuffled };
        command.Check(result =>
        {
            if (result.GetValue(corpus) is not null)
                return;
            foreach (var option in ((Option[])[layers, width, heads, pieces, steps, shuffled]).Where(option => result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} is for a model that learns a --corpus; the demo's has its own.");
        });
        command.SetAction((parsed, cancel) => Task.Run(
            () =>
            {
                string to = parsed.GetRequiredValue(folder);
                if (parsed.GetValue(corpus) is { } path)
                {
                    Learn(path, to, new CorpusPlan
                    {
                        Layers = parsed.GetValue(layers) ?? Usual.Layers,
                        Width = parsed.GetValue(width) ?? Usual.Width,
                        Heads = parsed.GetValue(heads) ?? Usual.Heads,
                        Pieces = parsed.GetValue(pieces) ?? Usual.Pieces,
                        Steps = parsed.GetValue(steps) ?? Usual.Steps,
                        Seed = parsed.GetValue(seed),
                        Shuffled = parsed.GetValue(shuffled),
                    }, cancel);
                    return ExitCodes.Ok;
                }

                OutputPaths.MakeFolder("--out", to, PretrainedRoom);
                TorchRuntime.Load();
                OutputPaths.Writing($"--out {to}", () => DemoPretraining.Run(to, parsed.GetValue(seed), Say, cancel));
                return ExitCodes.Ok;
            },
            cancel));
        return command;
    }

    private static void Learn(string path, string to, CorpusPlan plan, CancellationToken cancel)
    {
        long room = 2 * plan.Bytes;
        if (File.Exists(to) || (Directory.Exists(to) && Directory.EnumerateFileSystemEntries(to).Any()))
            throw new InvalidConfigurationException([$"--out {to}: is there already and not empty. Name another folder, or remove it."]);
        var corpus = Corpus.Read(path);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{corpus.Files.Length} files, {corpus.Texts.Length} texts, {corpus.Texts.Sum(text => (long)text.Length)} letters"));
        OutputPaths.MakeFolder("--out", to, room);
        TorchRuntime.Load();
        OutputPaths.Writing($"--out {to}", () => CorpusPretraining.Run(corpus, plan, to, Say, cancel));
    }

    private static void Say(PretrainingProgress p) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {p.Step} of {p.Steps}, loss {p.Loss:F4}"));

    private static Option<int?> Size(string name, string what, int least, int most, int usual)
    {
        var option = new Option<int?>(name) { Description = $"{what}; {usual} if it is not said." };
        option.Require(value => value is null || (value >= least && value <= most), $"{name} must be {least} to {most}.");
        return option;
    }
}
