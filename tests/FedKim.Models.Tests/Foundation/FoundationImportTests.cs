using System.Text.Json.Nodes;
using FedKim.Models.Foundation;
using FedKim.Parameters;

namespace FedKim.Models.Tests.Foundation;

public sealed class FoundationImportTests : IDisposable
{
    private readonly string _fixture = Shared.Folder("fixtures/internlm2-tiny");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_pickled_checkpoint_gives_the_same_bits_as_safetensors() =>
        AssertSame(Path.Combine(_fixture, "model.safetensors"), Import(Source("pytorch_model.bin"), DType.F32));

    [Fact]
    public void A_sharded_checkpoint_gives_the_same_bits_as_a_whole_one()
    {
        string source = Source();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(_fixture, "sharded"), "model*"))
            File.WriteAllBytes(Path.Combine(source, Path.GetFileName(file)), File.ReadAllBytes(file));

        AssertSame(Path.Combine(_fixture, "model.safetensors"), Import(source, DType.F32));
    }

    [Fact]
    public void A_sharded_pickled_checkpoint_gives_the_same_bits_as_a_whole_one()
    {
        string source = Source("pytorch_model.bin");
        File.Move(Path.Combine(source, "pytorch_model.bin"), Path.Combine(source, "pytorch_model-00001-of-00001.bin"));
        var map = new JsonObject(FoundationConfig.Read(Path.Combine(source, "config.json")).Tensors()
            .Select(t => KeyValuePair.Create(t.Name, (JsonNode?)"pytorch_model-00001-of-00001.bin")));
        File.WriteAllText(Path.Combine(source, "pytorch_model.bin.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());

        AssertSame(Path.Combine(_fixture, "model.safetensors"), Import(source, DType.F32));
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("model.safetensors")]
    public void Rounding_to_bfloat16_gives_what_PyTorch_gives(string weights) =>
        AssertSame(Path.Combine(_fixture, "model-bf16.safetensors"), Import(Source(weights), DType.BF16));

    [Fact]
    public void An_imported_folder_has_the_tokenizer_and_says_its_type()
    {
        string folder = Import(Source("pytorch_model.bin"), DType.BF16);

        Assert.Equal(["config.json", "model.safetensors", "tokenizer.model"], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("bfloat16", FoundationConfig.Read(Path.Combine(folder, "config.json")).TorchDtype);
        using var model = FoundationModel.Load(folder);
        Assert.Equal(64, model.Config.HiddenSize);
    }

    [Fact]
    public void What_does_not_fit_the_configuration_is_named_in_one_error_and_nothing_is_written()
    {
        string source = Source("pytorch_model.bin"), config = Path.Combine(source, "config.json");
        var json = JsonNode.Parse(File.ReadAllText(config))!;
        (json["num_hidden_layers"], json["vocab_size"], json["bias"]) = (2, 520, true);
        File.WriteAllText(config, json.ToJsonString());

        string message = Assert.Throws<FoundationException>(() => Import(source, DType.F32)).Message;
        Assert.Contains("4 missing: model.layers.0.attention.wo.bias", message);
        Assert.Contains("7 unexpected: model.layers.2.", message);
        Assert.Contains("2 mis-shaped: model.tok_embeddings.weight is [512, 64], expected [520, 64]", message);
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "out")));
    }

    [Theory]
    [InlineData("pytorch_model.bin")]
    [InlineData("model.safetensors")]
    public void A_folder_is_summed_up_without_loading_it(string weights)
    {
        var summary = FoundationSummary.Of(Source(weights));

        Assert.Equal((3, 64, 512, 4, 2), (summary.Layers, summary.Hidden, summary.Vocabulary, summary.Heads, summary.KeyValueHeads));
        Assert.Equal(new FileInfo(Path.Combine(_fixture, weights)).Length, Assert.Single(summary.Files).Bytes);
        Assert.Equal(["F32"], summary.Types);
        Assert.Equal((204_224, 24, true), (summary.Parameters, summary.Tensors, summary.Tokenizer));
    }

    [Fact]
    public void A_folder_without_weights_says_what_was_looked_for() =>
        Assert.Contains("no pytorch_model.bin.index.json", Assert.Throws<FoundationException>(() => FoundationSummary.Of(Source())).Message);

    private string Source(params string[] weights)
    {
        string source = Directory.CreateDirectory(Path.Combine(_folder.FullName, "source")).FullName;
        // Read and written, not copied: the reference is read-only, and a copy would be too.
        foreach (string file in (string[])["config.json", "tokenizer.model", .. weights])
            File.WriteAllBytes(Path.Combine(source, file), File.ReadAllBytes(Path.Combine(_fixture, file)));
        return source;
    }

    private string Import(string source, DType type)
    {
        string target = Path.Combine(_folder.FullName, "out");
        int begun = 0;
        FoundationImport.Run(source, target, type, p => Assert.Equal((++begun, 24), (p.Done, p.Tensors)));
        Assert.Equal(24, begun);
        return target;
    }

    private static void AssertSame(string reference, string folder)
    {
        using var expected = SafetensorsFile.Open(reference);
        using var actual = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        Assert.Equal(expected.Tensors.Keys, actual.Tensors.Keys);
        foreach (var (name, info) in expected.Tensors)
        {
            Assert.True(info.Fits(actual.Tensors[name]), name);
            Assert.True(expected.Bytes(name).SequenceEqual(actual.Bytes(name)), name);
        }
    }
}
