using System.Text;
using FedKim.Models.Foundation;
using FedKim.Parameters;

namespace FedKim.Models.Tests.Foundation;

public sealed class Llama2CTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-");

    private string Source => Path.Combine(_folder.FullName, "source");

    private string Target => Path.Combine(_folder.FullName, "out");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_published_model_tells_the_story_that_llama2_c_tells()
    {
        FoundationImport.Run(Shared.Folder("data/models/stories260K"), Target, DType.F32, _ => { });
        var tokenizer = FoundationTokenizer.Load(Target);
        using var model = FoundationModel.Load(Target);

        string story = tokenizer.Decode(model.Continue([tokenizer.EncodePrompt("Once upon a time")], 100)[0]);

        Assert.StartsWith(
            ", there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball.", story);
        Assert.Equal(("LlamaForCausalLM", 512, 5, 8, 4), (model.Config.Architecture, tokenizer.Pieces, model.Config.NumHiddenLayers, model.Config.NumAttentionHeads, model.Config.KeyValueHeads));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_model_becomes_the_Llama_it_was_made_of(bool tied)
    {
        var config = TinyModel.Llama with { TieWordEmbeddings = tied };
        var weights = TinyModel.Weights(config);
        Write(config, weights);

        FoundationImport.Run(Source, Target, DType.F32, _ => { });

        using var model = FoundationModel.Load(Target);
        Assert.Equal(weights.Keys, model.Tensors.Keys);
        foreach (var (name, values) in weights)
            Assert.Equal(values, model.Tensors[name].data<float>().ToArray());
        Assert.Equal((32, 48, 2, 64, 320), (model.Config.HiddenSize, model.Config.IntermediateSize, model.Config.KeyValueHeads,
            model.Config.MaxPositionEmbeddings, model.Config.VocabSize));
        var tokenizer = FoundationTokenizer.Load(Target);
        Assert.Equal([265, 263], tokenizer.Encode("ab c"));
        Assert.Equal("ab c", tokenizer.Decode(tokenizer.Encode("ab c")));
    }

    [Fact]
    public void A_header_that_does_not_make_the_files_length_is_refused()
    {
        Write(TinyModel.Llama, TinyModel.Weights(TinyModel.Llama));
        using (var file = File.OpenWrite(Path.Combine(Source, "model.bin")))
            file.SetLength(file.Length - 4);
        Refused("model.bin is no model of llama2.c: its header makes");
        File.WriteAllBytes(Path.Combine(Source, "model.bin"), new byte[27]);
        Refused("too few for a header");
        File.WriteAllBytes(Path.Combine(Source, "model.bin"), [.. Enumerable.Repeat((byte)0xff, 28)]);
        Refused("hidden_size is -1");
    }

    [Fact]
    public void A_tokenizer_of_another_size_is_refused()
    {
        Write(TinyModel.Llama, TinyModel.Weights(TinyModel.Llama));
        byte[] tokenizer = File.ReadAllBytes(Path.Combine(Source, "tok320.bin"));
        File.WriteAllBytes(Path.Combine(Source, "tok320.bin"), tokenizer[..^3]);
        Refused("piece 319 of 320 leaves the file");
        File.WriteAllBytes(Path.Combine(Source, "tok320.bin"), [.. tokenizer, 0]);
        Refused("piece 320 of 320 follows the last one");
        File.WriteAllBytes(Path.Combine(Source, "tok2.bin"), tokenizer);
        Refused("1 models and 2 tokenizers");
    }

    private void Refused(string problem)
    {
        Assert.Contains(problem, Assert.Throws<FoundationException>(() => FoundationImport.Run(Source, Target, DType.F32, _ => { })).Message);
        Assert.Equal(["source"], Directory.EnumerateFileSystemEntries(_folder.FullName).Select(Path.GetFileName));
    }

    // As llama2.c's export.py and tokenizer.py write them.
    private void Write(FoundationConfig config, SortedDictionary<string, float[]> weights)
    {
        Directory.CreateDirectory(Source);
        using (var file = new BinaryWriter(File.Create(Path.Combine(Source, "model.bin"))))
        {
            foreach (int size in (int[])[config.HiddenSize, config.IntermediateSize, config.NumHiddenLayers, config.NumAttentionHeads, config.KeyValueHeads,
                config.TieWordEmbeddings ? config.VocabSize : -config.VocabSize, config.MaxPositionEmbeddings])
            {
                file.Write(size);
            }

            void Add(float[] values) => Array.ForEach(values, file.Write);
            void AddLayers(string kind, bool turned = false)
            {
                for (int i = 0; i < config.NumHiddenLayers; i++)
                {
                    float[] values = weights[$"model.layers.{i}.{kind}.weight"];
                    Add(turned ? Neighbours(values, config.HeadSize, config.HiddenSize) : values);
                }
            }

            Add(weights["model.embed_tokens.weight"]);
            AddLayers("input_layernorm");
            AddLayers("self_attn.q_proj", turned: true);
            AddLayers("self_attn.k_proj", turned: true);
            AddLayers("self_attn.v_proj");
            AddLayers("self_attn.o_proj");
            AddLayers("post_attention_layernorm");
            AddLayers("mlp.gate_proj");
            AddLayers("mlp.down_proj");
            AddLayers("mlp.up_proj");
            Add(weights["model.norm.weight"]);
            Add(new float[config.MaxPositionEmbeddings * config.HeadSize]);
            if (!config.TieWordEmbeddings)
                Add(weights["lm_head.weight"]);
        }

        using var pieces = new BinaryWriter(File.Create(Path.Combine(Source, "tok320.bin")));
        string[] normal = ["c", "a", "b", " c", "ab", " ab"];
        string[] texts = ["<unk>", "\n<s>\n", "\n</s>\n", .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"), " ", .. normal];
        texts = [.. texts, .. Enumerable.Range(0, config.VocabSize - texts.Length).Select(i => $"filler{i}")];
        pieces.Write(texts.Max(t => t.Length));
        for (int id = 0; id < texts.Length; id++)
        {
            pieces.Write(id < 259 ? 0f : -id);
            pieces.Write(Encoding.UTF8.GetByteCount(texts[id]));
            pieces.Write(Encoding.UTF8.GetBytes(texts[id]));
        }
    }

    // The rows of every head, those of the two halves by turns.
    private static float[] Neighbours(float[] values, int head, int columns)
    {
        float[][] rows = [.. values.Chunk(columns)];
        return [.. rows.Chunk(head).SelectMany(h => h.Take(head / 2).Zip(h.Skip(head / 2), (first, second) => (float[])[.. first, .. second])).SelectMany(pair => pair)];
    }
}
