using System.CommandLine;
using FedKim.Models;
using FedKim.Models.Foundation;

namespace FedKim.Bench;

/// <summary><c>large-model</c>: its options, whose defaults are MMedLM2's (InternLM2-7B) and the method's.</summary>
internal static class LargeModelCommand
{
    public static Command Create(Option<string?> json)
    {
        var folder = new Option<string>("--folder") { Description = "Where the model is written, twice; emptied afterwards. 34 GB at the default size.", Required = true };
        var device = new Option<string>("--device") { Description = "cpu, cuda:0, or auto.", DefaultValueFactory = _ => TorchDevice.Auto };
        var checkpointing = new Option<bool>("--checkpointing") { Description = "Compute layers again in the backward pass.", DefaultValueFactory = _ => true };
        var vocabulary = Number("--vocabulary", "Rows of the token embeddings.", 92_544);
        var hidden = Number("--hidden", "Width of the hidden states.", 4096);
        var intermediate = Number("--intermediate", "Width of the feed forward.", 14_336);
        var layers = Number("--layers", "Decoder layers.", 32);
        var heads = Number("--heads", "Attention heads.", 32);
        var keyValueHeads = Number("--key-value-heads", "Heads of keys and values.", 8);
        var experts = Number("--experts", "Experts beside every projection.", 12);
        var rank = Number("--rank", "An expert's rank.", 8);
        var tokens = Number("--tokens", "Tokens of the injection's sequence.", 256);
        var generated = Number("--generated", "Tokens to generate.", 8);
        var steps = Number("--steps", "Injection steps.", 2);
        var threads = Number("--threads", "Threads of libtorch.", 2);
        var command = new Command("large-model", "Imports a random model of a real one's size in bf16, lets it generate, and makes injection steps in it.")
        {
            folder, device, checkpointing, vocabulary, hidden, intermediate, layers, heads, keyValueHeads, experts, rank, tokens, generated, steps, threads, json,
        };
        command.SetAction((parsed, cancel) =>
        {
            var config = new FoundationConfig
            {
                VocabSize = parsed.GetValue(vocabulary),
                HiddenSize = parsed.GetValue(hidden),
                IntermediateSize = parsed.GetValue(intermediate),
                NumHiddenLayers = parsed.GetValue(layers),
                NumAttentionHeads = parsed.GetValue(heads),
                NumKeyValueHeads = parsed.GetValue(keyValueHeads),
                RmsNormEps = 1e-5,
                RopeTheta = 1e6,
                PadTokenId = 2,
            };
            var plan = new LargeModelPlan(
                config, parsed.GetRequiredValue(folder), new InjectorDevice(parsed.GetValue(device)!), parsed.GetValue(experts), parsed.GetValue(rank), parsed.GetValue(tokens),
                parsed.GetValue(generated), parsed.GetValue(steps), parsed.GetValue(checkpointing), parsed.GetValue(threads));
            return LargeModelBench.RunAsync(plan, new Outcome(parsed.GetValue(json), Committed: null), cancel);
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int value) => new(name) { Description = description, DefaultValueFactory = _ => value };
}
