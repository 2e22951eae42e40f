using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FedKim.Launch;
using FedKim.Models;
using FedKim.Models.Foundation;
using FedKim.Models.Verification;
using FedKim.Parameters;

namespace FedKim.Node.Cli;

/// <summary><c>fedkim model pretrain</c>, <c>import</c>, <c>inspect</c>, <c>verify</c>, <c>generate</c> and <c>adapter</c>.</summary>
internal static class ModelCommands
{
    public static Command Create() => new("model", "Makes, imports, checks and tries foundation models.") { PretrainCommand.Create(), Import(), Inspect(), Verify(), Generate(), AdapterCommand.Create() };

    private static Command Import()
    {
        var from = new Option<string>("--from") { Description = "Folder in the Hugging Face layout: config.json, a tokenizer, and safetensors or pytorch_model.bin, whole or in shards. Or a model of llama2.c, NAME.bin, with its tok*.bin.", Required = true };
        var to = new Option<string>("--out") { Description = "New folder for config.json, model.safetensors and the tokenizer's files. It appears whole or not at all.", Required = true };
        var type = new Option<string>("--dtype") { Description = "Element type to write, rounded to nearest even.", DefaultValueFactory = _ => "bf16" };
        type.AcceptOnlyFromAmong("bf16", "f32");
        var nonFinite = new Option<bool>("--allow-non-finite") { Description = "Import weights that are NaN or infinite, too; without it they are refused." };
        var command = new Command("import", "Makes a published checkpoint a folder that FedKim loads; nothing in it is executed.") { from, to, type, nonFinite };
        command.SetAction(parsed =>
        {
            FoundationImport.Run(
                parsed.GetRequiredValue(from),
                parsed.GetRequiredValue(to),
                parsed.GetValue(type) == "f32" ? DType.F32 : DType.BF16,
                p => Console.WriteLine($"tensor {p.Done} of {p.Tensors}: {p.Tensor.Name} {p.Tensor.DType.Name()} {p.Tensor.ShapeText}"),
                parsed.GetValue(nonFinite));
            Print(FoundationSummary.Of(parsed.GetRequiredValue(to)));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Inspect()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder in the Hugging Face layout." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("inspect", "Says what a foundation model is and whether its files fit, without loading its weights.") { folder, json };
        command.SetAction(parsed =>
        {
            var summary = FoundationSummary.Of(parsed.GetRequiredValue(folder));
            if (parsed.GetValue(json))
                Console.WriteLine(JsonSerializer.Serialize(summary, JsonSerializerOptions.Web));
            else
                Print(summary);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Print(FoundationSummary model)
    {
        Console.WriteLine($"{model.Architecture} | {string.Join(", ", model.Types)} | {model.Parameters} parameters in {model.Tensors} tensors");
        Console.WriteLine($"hidden {model.Hidden} | intermediate {model.Intermediate} | {model.Layers} layers | {model.Heads} heads, {model.KeyValueHeads} of keys and values");
        Console.WriteLine($"vocabulary {model.Vocabulary} | context {model.Context} | {(model.Tokenizer ? "with tokenizer" : "no tokenizer")}");
        Console.WriteLine($"texts end with {string.Join(", ", model.Ends)}");
        if (!model.Unused.IsEmpty)
            Console.WriteLine($"not used of config.json: {string.Join(", ", model.Unused)}");
        foreach (var file in model.Files)
            Console.WriteLine($"{file.Name} | {file.Bytes} bytes");
    }

    private static Command Verify()
    {
        var fixture = new Option<string>("--fixture") { Description = "Folder with a numerical reference.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var device = Device();
        var command = new Command("verify", "Compares FedKim's numbers with an independent reference.") { fixture, device, json };
        command.SetAction(parsed =>
        {
            TorchRuntime.Load();
            var verification = ModelVerification.Verify(parsed.GetRequiredValue(fixture), new InjectorDevice(parsed.GetValue(device)!).Open());
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(new { verification.Fixture, verification.Outputs }, JsonSerializerOptions.Web));
            }
            else
            {
                foreach (var output in verification.Outputs)
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{output.Name} | {output.MaxDifference:E2} | {output.Tolerance:E2} | {(output.Ok ? "ok" : "differs")}"));
                Console.WriteLine($"Count: {verification.Outputs.Length}");
            }
            return verification.Ok ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static Option<string> Device()
    {
        var device = new Option<string>("--device") { Description = "Where it is computed: cpu, cuda:0 and so on, or auto.", DefaultValueFactory = _ => "cpu" };
        device.Require(name => name is not null && TorchDevice.IsName(name), "--device must be auto, cpu or cuda:N.");
        return device;
    }

    private static Command Generate()
    {
        var folder = new Option<string>("--model") { Description = "Folder in the Hugging Face layout.", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "models", "demo") };
        var most = new Option<int>("--tokens") { Description = "The most tokens to generate, 0 or more.", DefaultValueFactory = _ => 32 };
        most.Require(value => value >= 0, "--tokens must be 0 or more.");
        var temperature = OptionChecks.Number("--temperature", "Draw tokens at this temperature, 0 or more. 0 takes the likeliest, as without this, --top-k and --top-p.");
        temperature.Require(value => value is >= 0 and <= double.MaxValue, "--temperature must be 0 or more.");
        var topK = new Option<int?>("--top-k") { Description = "Draw from so many of the likeliest tokens only, 1 or more." };
        topK.Require(value => value >= 1, "--top-k must be 1 or more.");
        var topP = OptionChecks.Number("--top-p", "Draw from the likeliest tokens only that have this probability together, above 0 to 1.");
        topP.Require(value => value is > 0 and <= 1, "--top-p must be above 0, and 1 at most.");
        var seed = new Option<long>("--seed") { Description = "The same seed draws the same tokens.", DefaultValueFactory = _ => 1 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var device = Device();
        var prompts = new Argument<string[]>("PROMPT") { Description = "What the model continues, one or several.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("generate", "Lets a foundation model continue prompts, all at once.") { folder, most, temperature, topK, topP, seed, device, json, prompts };
        command.SetAction(parsed =>
        {
            TorchRuntime.Load();
            using var model = FoundationModel.Load(parsed.GetValue(folder)!, device: new InjectorDevice(parsed.GetValue(device)!).Open());
            var tokenizer = FoundationTokenizer.Load(parsed.GetValue(folder)!);
            string[] texts = parsed.GetRequiredValue(prompts);
            var (k, p) = (parsed.GetValue(topK), parsed.GetValue(topP));
            double heat = parsed.GetValue(temperature) ?? (k is null && p is null ? 0 : 1);
            var sampling = heat > 0 ? new Sampling(heat, k ?? 0, p ?? 1, parsed.GetValue(seed)) : null;
            string[] continued = [.. model.Continue([.. texts.Select(tokenizer.EncodePrompt)], parsed.GetValue(most), sampling).Select(tokenizer.Decode)];
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(texts.Zip(continued, (prompt, continuation) => new { prompt, continuation }), JsonSerializerOptions.Web));
            }
            else
            {
                foreach (string continuation in continued)
                    Console.WriteLine(continuation);
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
