using System.Collections.Immutable;
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
    public void What_a_person_keeps_beside_the_folder_and_the_file_stays()
    {
        string[] theirs = ["peft.tmp", "back.safetensors.tmp"];
        foreach (string name in theirs)
            File.WriteAllText(Path($"{Directory.CreateDirectory(Path(name)).Name}/mine"), "mine");

        Export();
        PeftLayout.Import(Path("peft"), Path("back.safetensors"));

        Assert.All(theirs, name => Assert.Equal("mine", File.ReadAllText(Path($"{name}/mine"))));
        Assert.Equivalent((string[])["adapter.safetensors", "back.safetensors", "peft", .. theirs], _folder.EnumerateFileSystemInfos().Select(i => i.Name), strict: true);
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

    [Theory]
    [InlineData("\"use_rslora\": true", "use_rslora divides by the root of r; experts here are not scaled. Multiply lora_B by 1.414")]
    [InlineData("\"alpha_pattern\": {\"wo\": 8}", "alpha_pattern is {\"wo\":8}, with which PEFT computes something else")]
    [InlineData("\"rank_pattern\": {\"wo\": 8}", "rank_pattern is")]
    [InlineData("\"use_dora\": true", "use_dora is true")]
    [InlineData("\"fan_in_fan_out\": true", "fan_in_fan_out is true")]
    [InlineData("\"bias\": \"all\"", "bias is \"all\"")]
    [InlineData("\"lora_bias\": true", "lora_bias is true")]
    [InlineData("\"modules_to_save\": [\"lm_head\"]", "modules_to_save is")]
    [InlineData("\"init_lora_weights\": \"pissa\"", "init_lora_weights is \"pissa\"")]
    [InlineData("\"layer_replication\": [[0, 1]]", "layer_replication is")]
    [InlineData("\"velocity\": 3", "velocity is 3; this setting is not known here")]
    [InlineData("\"r\": 4, \"lora_alpha\": 4", "'base_model.model.model.layers.0.attention.wo.lora_A.weight' is [2, 16], but r in adapter_config.json is 4")]
    [InlineData("\"peft_type\": \"IA3\"", "peft_type is 'IA3'")]
    public void A_setting_that_changes_the_numbers_or_is_not_known_is_refused_by_name(string setting, string problem)
    {
        Export();
        string path = Path("peft/expert-01/adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse($"{{{setting}}}")!.AsObject())
            config[key] = value?.DeepClone();
        File.WriteAllText(path, config.ToJsonString());

        string message = Assert.Throws<FoundationException>(() => PeftLayout.Import(Path("peft"), Path("back.safetensors"))).Message;

        Assert.Contains(Path("peft/expert-01"), message);
        Assert.Contains(problem, message);
        Assert.False(File.Exists(Path("back.safetensors")));
    }

    [Fact]
    public void A_router_without_experts_in_its_shape_is_refused()
    {
        Export();
        string rest = Path("peft/injection.safetensors");
        SafetensorsWriter.Write(rest, [TensorData.Of("router.fc.weight", DType.F32, [], new byte[sizeof(float)])]);
        Assert.Contains("the router weighs no experts", Assert.Throws<FoundationException>(() => PeftLayout.Import(Path("peft"), Path("back.safetensors"))).Message);
    }

    [Fact]
    public void A_factor_that_stands_alone_is_not_exported()
    {
        SafetensorsWriter.Write(Path("adapter.safetensors"), [TensorData.Of("lora.layers.0.wo.B", DType.F32, [1, 2, 2], new byte[4 * sizeof(float)])]);
        string message = Assert.Throws<FoundationException>(() => PeftLayout.Export(Path("adapter.safetensors"), _tiny.Folder, Path("peft"))).Message;
        Assert.Contains("adapter.safetensors: 'lora.layers.0.wo.B' comes without its other factor", message);
    }

    [Fact]
    public void A_setting_that_is_there_twice_is_refused()
    {
        Export();
        string path = Path("peft/expert-00/adapter_config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"r\": 2", "\"r\": 2, \"r\": 2", StringComparison.Ordinal));
        Assert.StartsWith($"{path} cannot be read", Assert.Throws<FoundationException>(() => PeftLayout.Import(Path("peft"), Path("back.safetensors"))).Message);
    }

    [Theory]
    [InlineData("\"alpha_pattern\": {}, \"rank_pattern\": {}, \"loftq_config\": {}, \"use_dora\": false, \"use_rslora\": false, \"layers_to_transform\": null, \"megatron_core\": \"megatron.core\", \"revision\": null, \"lora_dropout\": 0.1, \"eva_config\": null, \"tomorrows\": null")]
    [InlineData("\"lora_alpha\": 1.4142135623730951, \"use_rslora\": true")]
    public void Settings_that_change_nothing_pass(string settings)
    {
        Export();
        string path = Path("peft/expert-01/adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse($"{{{settings}}}")!.AsObject())
            config[key] = value?.DeepClone();
        File.WriteAllText(path, config.ToJsonString());
        PeftLayout.Import(Path("peft"), Path("back.safetensors"));
        Assert.Equal(File.ReadAllBytes(Path("adapter.safetensors")), File.ReadAllBytes(Path("back.safetensors")));
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F64)]
    public void Factors_of_another_floating_type_become_F32_and_go_out_again(DType type)
    {
        Export();
        string path = Path("peft/expert-01/adapter_model.safetensors");
        var ones = new List<TensorData>();
        using (var file = SafetensorsFile.Open(path))
        {
            byte[] one = type switch { DType.F16 => [0x00, 0x3C], DType.BF16 => [0x80, 0x3F], _ => BitConverter.GetBytes(1.0) };
            ones.AddRange(file.Tensors.Values.Select(t => TensorData.Of(t.Name, type, t.Shape, Enumerable.Repeat(one, (int)t.Count).SelectMany(b => b).ToArray())));
        }

        SafetensorsWriter.Write(path, ones);
        PeftLayout.Import(Path("peft"), Path("back.safetensors"));
        using (var back = SafetensorsFile.Open(Path("back.safetensors")))
        {
            Assert.All(back.Tensors.Values, t => Assert.Equal(DType.F32, t.DType));
            float[] all = back.Values<float>("lora.layers.0.wo.A").ToArray();
            Assert.All(all[(all.Length / 3)..(2 * all.Length / 3)], value => Assert.Equal(1f, value));
        }

        Assert.Equal(3, PeftLayout.Export(Path("back.safetensors"), _tiny.Folder, Path("again")));
    }

    [Fact]
    public void A_factor_that_lacks_its_other_one_is_named()
    {
        Export();
        string path = Path("peft/expert-01/adapter_model.safetensors");
        var kept = new List<TensorData>();
        using (var file = SafetensorsFile.Open(path))
            kept.AddRange(file.Tensors.Values.Skip(1).Select(t => TensorData.Of(t.Name, t.DType, t.Shape, file.Bytes(t.Name).ToArray())));
        SafetensorsWriter.Write(path, kept);
        Assert.Contains("'base_model.model.model.layers.0.attention.wo.lora_B.weight' comes without its other factor",
            Assert.Throws<FoundationException>(() => PeftLayout.Import(Path("peft"), Path("back.safetensors"))).Message);
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

    [Fact]
    public void What_the_experts_weigh_for_each_task_stands_beside_them_and_changes_no_adapter()
    {
        var digest = _tiny.Model.Save(Path("adapter.safetensors"));
        PeftLayout.Export(Path("adapter.safetensors"), _tiny.Folder, Path("peft"), Weighed(("pneumonia", [0.5, 0.25, 0.25]), ("ecg", [0.1, 0.2, 0.7])));

        var alpha = JsonNode.Parse(File.ReadAllText(Path("peft/alpha.json")))!.AsObject();

        Assert.Equal(["ecg", "pneumonia"], alpha.Select(a => a.Key));
        Assert.Equal([0.1, 0.2, 0.7], alpha["ecg"]!.AsArray().Select(weight => (double)weight!));
        Assert.Equal(digest, PeftLayout.Import(Path("peft"), Path("back.safetensors")));
    }

    [Fact]
    public void Weights_of_other_experts_are_refused_and_nothing_is_written()
    {
        _tiny.Model.Save(Path("adapter.safetensors"));

        string message = Assert.Throws<FoundationException>(
            () => PeftLayout.Export(Path("adapter.safetensors"), _tiny.Folder, Path("peft"), Weighed(("pneumonia", [0.5, 0.5])))).Message;

        Assert.EndsWith("has 3 experts, and for task pneumonia 2 are weighed. The report is another federation's.", message);
        Assert.False(Directory.Exists(Path("peft")));
    }

    private static Dictionary<string, ImmutableArray<double>> Weighed(params (string Task, double[] Weights)[] tasks) =>
        tasks.ToDictionary(t => t.Task, t => t.Weights.ToImmutableArray());

    private void Export()
    {
        _tiny.Model.Save(Path("adapter.safetensors"));
        PeftLayout.Export(Path("adapter.safetensors"), _tiny.Folder, Path("peft"));
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);
}
