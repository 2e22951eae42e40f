using System.Text.Json;
using FedKim.Models.Foundation;
using static TorchSharp.torch;

namespace FedKim.Models.Verification;

/// <summary>A random InternLM2 with its expected logits, hidden states, continuation, loss and gradient.</summary>
internal static class FoundationFixture
{
    private const double Tolerance = 5e-5;

    public static List<VerifiedOutput> Verify(string folder, Device device)
    {
        using var scope = NewDisposeScope();
        using var references = new References(Path.Combine(folder, "expected.safetensors"), Tolerance, device);
        using var model = FoundationModel.Load(folder, ScalarType.Float32, device);
        var ids = references.Read("input_ids");
        var embeddings = model.Embed(ids);
        var hidden = new List<Tensor>();
        var logits = model.Logits(model.Read(embeddings, observe: (_, h) => hidden.Add(h.alias().MoveToOuterDisposeScope()))).detach();

        references.Compare("logits", () => logits);
        references.Compare("logits_f64", () => logits);
        for (int i = 0; i < hidden.Count; i++)
        {
            int layer = i;
            references.Compare($"hidden_{layer}", () => hidden[layer]);
        }

        if (references.Has("attention_mask"))
        {
            var mask = references.Read("attention_mask").to(ScalarType.Bool);
            references.Compare("logits_masked", () => model.Logits(model.Read(embeddings, mask)), mask);
        }

        VerifyLosses(references, model, embeddings, logits);
        VerifyGreedy(references, model, ids);
        VerifyOtherWeights(folder, references, ids);
        VerifyTokenizer(folder, references);
        return references.Outputs;
    }

    private static void VerifyLosses(References references, FoundationModel model, Tensor embeddings, Tensor logits)
    {
        if (!references.Has("labels"))
            return;
        var labels = references.Read("labels");
        references.Compare("loss", () => FoundationModel.Loss(logits, labels));
        if (!references.Has("prefix_embeds"))
            return;
        using var prefix = references.Read("prefix_embeds").requires_grad_();
        var prefixed = model.Logits(model.Read(cat([prefix, embeddings], 1)));
        references.Compare("logits_prefixed", () => prefixed);
        var loss = FoundationModel.Loss(prefixed, cat([full(prefix.shape[0], prefix.shape[1], -100, ScalarType.Int64, prefix.device), labels], 1));
        references.Compare("loss_prefixed", () => loss);
        loss.backward();
        references.Compare("prefix_grad", () => prefix.grad!);
    }

    private static void VerifyGreedy(References references, FoundationModel model, Tensor ids)
    {
        if (!references.Has("greedy_ids"))
            return;
        long[] expected = references.Read("greedy_ids").cpu().data<long>().ToArray();
        long[] input = ids[0].cpu().data<long>().ToArray();
        // The prompt is what the continuation has in common with the first row of the inputs.
        int prompt = expected.Zip(input).TakeWhile(pair => pair.First == pair.Second).Count();
        int[][] continued = model.Generate(model.Embed(tensor(expected[..prompt], device: ids.device).unsqueeze(0)), null, expected.Length - prompt, stopAtEnd: false);
        references.Add("greedy_ids", expected[prompt..].Zip(continued[0]).Count(pair => pair.First != pair.Second), 0);
    }

    private static void VerifyOtherWeights(string folder, References references, Tensor ids)
    {
        if (File.Exists(Path.Combine(folder, "model-bf16.safetensors")))
        {
            using var half = FoundationModel.Load(folder, ScalarType.Float32, ids.device, file: "model-bf16.safetensors");
            references.Compare("logits_bf16_weights", () => half.Logits(half.Read(half.Embed(ids))));
        }

        string sharded = Path.Combine(folder, "sharded");
        if (!Directory.Exists(sharded))
            return;
        using var shards = FoundationModel.Load(sharded, ScalarType.Float32, ids.device);
        references.Compare("logits", () => shards.Logits(shards.Read(shards.Embed(ids))), shownAs: "logits_sharded");
    }

    private static void VerifyTokenizer(string folder, References references)
    {
        string path = Path.Combine(folder, "tokenizer-expected.json");
        if (!File.Exists(path) || !File.Exists(Path.Combine(folder, "tokenizer.model")))
            return;
        var tokenizer = FoundationTokenizer.Load(folder);
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        int ids = 0, texts = 0;
        foreach (var item in json.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] expected = [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            if (!tokenizer.Encode(item.GetProperty("text").GetString()!).SequenceEqual(expected))
                ids++;
            if (tokenizer.Decode(expected) != item.GetProperty("decoded").GetString())
                texts++;
        }

        references.Add("tokenizer_ids", ids, 0);
        references.Add("tokenizer_decoded", texts, 0);
    }
}
