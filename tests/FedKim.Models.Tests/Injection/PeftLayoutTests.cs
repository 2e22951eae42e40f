using System.Text.Json.Nodes;
using FedKim.Models.Foundation;
using FedKim.Models.Injection;
using FedKim.Parameters;

namespace FedKim.Models.Tests.Injection;

public sealed class PeftLayoutTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-");
    private readonly TinyInjection _tiny = new();

    public void Dispose()
    {
        _tiny.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    public void There_and_back_gives_the_same_bytes(int experts, int folders)
    {
        using var tiny = new TinyInjection(experts: experts);
        var digest = tiny.Model.Save(Path("adapter.safetensors"), new Dictionary<string, string> { ["micro-batch"] = "4" });

        Assert.Equal(folders, PeftLayout.Export(Path("adapter.safetensors"), tiny.Folder, Path("peft")));
        var back = PeftLayout.Import(Path("peft"), Path("back.safetensors"));

        Assert.Equal(digest, back);
        Assert.Equal(File.ReadAllBytes(Path("adapter.safetensors")), File.ReadAllBytes(Path("back.safetensors")));
        Assert.Equal(folders, Directory.GetDirectories(Path("peft")).Length);
    }

    [Fact]
    public void An_expert_has_the_names_and_shapes_that_PEFT_loads_beside_InternLM2()
    {
        Export();

        using var expert = SafetensorsFile.Open(Path("peft/expert-01/adapter_model.safetensors"));
        // get_peft_model_state_dict: base_model.model, the module's path in the model, the factor, without the adapter's name.
        string[] modules = ["attention.wo", "attention.wqkv", "feed_forward.w1", "feed_forward.w2", "feed_forward.w3"];
        Assert.Equal(
            from layer in Enumerable.Range(0, 2)
            from module in modules
            from factor in new[] { "lora_A", "lora_B" }
            select $"base_model.model.model.layers.{layer}.{module}.{factor}.weight",
            expert.Tensors.Keys);
        Assert.Equal("[2, 16]", expert.Info("base_model.model.model.layers.0.attention.wqkv.lora_A.weight").ShapeText);
        Assert.Equal("[32, 2]", expert.Info("base_model.model.model.layers.0.attention.wqkv.lora_B.weight").ShapeText);

        using var all = SafetensorsFile.Open(Path("adapter.safetensors"));
        Assert.Equal(all.Values<float>("lora.layers.1.w2.A").Slice(2 * 24, 2 * 24), expert.Values<float>("base_model.model.model.layers.1.feed_forward.w2.lora_A.weight"));
    }

    [Fact]
    public void An_experts_configuration_says_rank_scale_modules_and_model()
    {
        Export();

        var config = JsonNode.Parse(File.ReadAllText(Path("peft/expert-00/adapter_config.json")))!;
        Assert.Equal(("LORA", "CAUSAL_LM", "none"), ((string?)config["peft_type"], (string?)config["task_type"], (string?)config["bias"]));
        Assert.Equal((2, 2, _tiny.Folder), ((int)config["r"]!, (int)config["lora_alpha"]!, (string?)config["base_model_name_or_path"]));
        Assert.Equal(["w1", "w2", "w3", "wo", "wqkv"], config["target_modules"]!.AsArray().Select(m => (string)m!));
    }

    [Fact]
    public void What_PEFT_has_no_place_for_stands_beside_the_experts()
    {
        Export();
        using var rest = SafetensorsFile.Open(Path("peft/injection.safetensors"));
        Assert.Equal(_tiny.Model.Parameters.Keys.Where(name => !name.StartsWith("lora.", StringComparison.Ordinal)), rest.Tensors.Keys);
    }

    [Fact]
    public void An_expert_that_is_lost_is_missed()
    {
        Export();
        Directory.Delete(Path("peft/expert-02"), recursive: true);

        string message = Assert.Throws<FoundationException>(() => PeftLayout.Import(Path("peft"), Path("back.safetensors"))).Message;

        Assert.Contains("the router weighs 3 experts, but there are 2 folders", message);
        Assert.False(File.Exists(Path("back.safetensors")));
    }

    [Fact]
    public void A_scaled_expert_is_refused_with_the_remedy()
    {
        Export();
        string path = Path("peft/expert-01/adapter_config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"lora_alpha\": 2", "\"lora_alpha\": 16", StringComparison.Ordinal));

        string message = Assert.Throws<FoundationException>(() => PeftLayout.Import(Path("peft"), Path("back.safetensors"))).Message;

        Assert.Contains($"{path}: lora_alpha is 16 and r is 2", message);
    }

    [Fact]
    public void Adapters_of_another_model_are_refused_and_nothing_is_written()
    {
        _tiny.Model.Save(Path("adapter.safetensors"));
        string config = Directory.CreateDirectory(Path("other")).FullName + "/config.json";
        File.WriteAllText(config, (TinyInjection.Config with { NumHiddenLayers = 1 }).ToJson());

        string message = Assert.Throws<FoundationException>(() => PeftLayout.Export(Path("adapter.safetensors"), Path("other"), Path("peft"))).Message;

        Assert.Contains("'lora.layers.1.w1.A' stands beside no projection", message);
        Assert.False(Directory.Exists(Path("peft")));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains(Path("gone.safetensors"), Assert.Throws<FoundationException>(() => PeftLayout.Export(Path("gone.safetensors"), _tiny.Folder, Path("peft"))).Message);

    [Fact]
    public void A_folder_that_is_there_is_not_written_into()
    {
        Export();
        Assert.Contains("is there already", Assert.Throws<FoundationException>(Export).Message);
    }

    private void Export()
    {
        _tiny.Model.Save(Path("adapter.safetensors"));
        PeftLayout.Export(Path("adapter.safetensors"), _tiny.Folder, Path("peft"));
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);
}
