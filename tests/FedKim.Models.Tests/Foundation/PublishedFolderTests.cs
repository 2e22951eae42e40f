using System.Text.Json.Nodes;
using FedKim.Models.Foundation;
using FedKim.Parameters;

namespace FedKim.Models.Tests.Foundation;

/// <summary>Folders as they are published: heads that are tied or not, stop tokens in another file, settings nobody reads, and what a download left.</summary>
public sealed class PublishedFolderTests : IDisposable
{
    private static readonly FoundationConfig Tied = TinyModel.Llama with { TieWordEmbeddings = true };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_tied_head_that_differs_from_the_embeddings_is_refused_by_name()
    {
        string source = TinyModel.Write(At("from"), TinyModel.Llama);
        Change(source, "config.json", ("tie_word_embeddings", true));
        string message = Refused(source);
        Assert.Contains("'lm_head.weight' is not 'model.embed_tokens.weight', though tie_word_embeddings in config.json is true", message);
        Assert.Contains("Set tie_word_embeddings to false to use the head", message);
        Assert.Throws<FoundationException>(() => FoundationModel.Load(source));

        Change(source, "config.json", ("tie_word_embeddings", false));
        Import(source);
        using var kept = SafetensorsFile.Open(At("out/model.safetensors"));
        Assert.Contains("lm_head.weight", kept.Tensors.Keys);
    }

    [Fact]
    public void A_tied_head_that_an_index_lists_and_no_shard_holds_is_not_needed_and_an_untied_one_is_missed()
    {
        string source = TinyModel.Write(At("from"), Tied);
        File.Move(At("from/model.safetensors"), At("from/model-1.safetensors"));
        var map = new JsonObject(TinyModel.Llama.Tensors().Select(t => KeyValuePair.Create(t.Name, (JsonNode?)"model-1.safetensors")));
        File.WriteAllText(At("from/model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
        Import(source);
        using (var model = FoundationModel.Load(At("out")))
            Assert.True(model.Config.TieWordEmbeddings);

        Directory.Delete(At("out"), recursive: true);
        Change(source, "config.json", ("tie_word_embeddings", false));
        Assert.Contains("places 'lm_head.weight' in model-1.safetensors, which does not hold it", Refused(source));
    }

    [Fact]
    public void Tokens_that_end_a_text_by_the_settings_for_generation_end_it()
    {
        string source = TinyModel.Write(At("from"), TinyModel.Llama);
        File.WriteAllText(At("from/generation_config.json"), """{"eos_token_id": [7, 2, 9], "temperature": 0.6}""");
        Import(source);
        Assert.Equal([2, 7, 9], FoundationConfig.Read(At("out/config.json")).EosTokenIds);
        Assert.Equal([2, 7, 9], FoundationSummary.Of(At("out")).Ends);

        // What a model says is cut at the first of its words, once that ends a text.
        using (var bare = FoundationModel.Load(TinyModel.Write(At("bare"), TinyModel.Llama)))
        {
            int[] said = Says(bare);
            File.WriteAllText(At("bare/generation_config.json"), $$"""{"eos_token_id": {{said[3]}}}""");
            using var ending = FoundationModel.Load(At("bare"));
            Assert.Equal(said[..Array.IndexOf(said, said[3])], Says(ending));
        }

        Directory.Delete(At("out"), recursive: true);
        File.WriteAllText(At("from/generation_config.json"), """{"eos_token_id": 5000}""");
        Assert.Contains("eos_token_id is 5000; each must be among the 320 tokens", Refused(source));
        File.WriteAllText(At("from/generation_config.json"), """{"eos_token_id": "end"}""");
        Assert.Contains("generation_config.json cannot be read", Refused(source));
        File.WriteAllText(At("from/generation_config.json"), """{"eos_token_id": null}""");
        Assert.Equal([2], FoundationConfig.Read(At("from/config.json")).EosTokenIds);
    }

    [Theory]
    [InlineData("quantization_config", """{"bits": 4}""")]
    [InlineData("sliding_window", "16")]
    [InlineData("partial_rotary_factor", "0.5")]
    [InlineData("embedding_multiplier", "12.0")]
    [InlineData("final_logit_softcapping", "30.0")]
    [InlineData("layer_types", """["full_attention", "sliding_attention"]""")]
    [InlineData("qk_norm", "true")]
    public void A_setting_that_makes_the_model_compute_something_else_is_refused(string key, string value)
    {
        string source = TinyModel.Write(At("from"), TinyModel.Llama);
        Change(source, "config.json", (key, JsonNode.Parse(value)));
        Assert.Contains($"{key} is {JsonNode.Parse(value)!.ToJsonString()}, with which the model computes something else", Refused(source));
    }

    [Fact]
    public void Settings_that_change_nothing_pass_and_those_that_nobody_reads_are_told()
    {
        string source = TinyModel.Write(At("from"), TinyModel.Llama);
        Change(source, "config.json", ("sliding_window", 4096), ("partial_rotary_factor", 1.0), ("quantization_config", null), ("use_cache", true),
            ("layer_types", new JsonArray("full_attention")), ("dual_chunk", 3));
        Import(source);
        Assert.Equal(["dual_chunk"], FoundationSummary.Of(At("out")).Unused);
    }

    [Fact]
    public void A_setting_that_is_there_twice_is_refused()
    {
        string source = TinyModel.Write(At("from"), TinyModel.Llama), path = At("from/config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"rope_theta\"", "\"rope_theta\": 5, \"rope_theta\"", StringComparison.Ordinal));
        Assert.Contains($"{path} cannot be read as a model's configuration", Refused(source));
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.model")]
    [InlineData("config.json")]
    public void A_file_that_was_not_downloaded_is_called_a_pointer(string file)
    {
        string source = TinyModel.Write(At("from"), TinyModel.Llama);
        File.WriteAllText(Path.Combine(source, file), "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 9\n");
        var error = Record.Exception(() => Import(source));
        Assert.True(error is FoundationException or SafetensorsException, $"{error}");
        Assert.Contains($"{At("from")}/{file}: it is a Git LFS pointer: the file itself was not downloaded", error!.Message);
    }

    private static int[] Says(FoundationModel model) => model.Continue([[1, 17, 260, 4, 99]], 20).Single();

    private static void Change(string folder, string file, params (string Key, JsonNode? Value)[] settings)
    {
        string path = Path.Combine(folder, file);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach (var (key, value) in settings)
            json[key] = value;
        File.WriteAllText(path, json.ToJsonString());
    }

    private void Import(string source) => FoundationImport.Run(source, At("out"), DType.F32, _ => { });

    private string Refused(string source)
    {
        string message = Assert.Throws<FoundationException>(() => Import(source)).Message;
        Assert.False(Directory.Exists(At("out")));
        return message;
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
