using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using FedKim.Models.Foundation;
using FedKim.Parameters;
using FedKim.Parameters.PyTorch;
using FedKim.Parameters.Tests;

namespace FedKim.Models.Tests.Foundation;

/// <summary>Checkpoints that are broken, mistaken or malicious: each is refused by name, nothing of it is executed, and nothing is left behind.</summary>
public sealed class HostileCheckpointTests : IDisposable
{
    private const string Weights = "model.safetensors", Config = "config.json", Tokenizer = "tokenizer.model", Index = "model.safetensors.index.json", Pickled = "pytorch_model.bin";
    private const string Down = "model.layers.1.mlp.down_proj.weight", Q = "model.layers.0.self_attn.q_proj.weight", OtherQ = "model.layers.1.self_attn.q_proj.weight";

    private static readonly FoundationConfig Llama = TinyModel.Llama;

    // What is wrong, how to do it to a good folder, and what the error must name.
    private static readonly Dictionary<string, (Action<string> Spoil, string[] Named)> Cases = new()
    {
        ["a truncated shard"] = (Cut(Weights, -10), [Weights, "truncated"]),
        ["a truncated header"] = (Cut(Weights, 100), [Weights, "truncated: its header claims"]),
        ["an empty file"] = (Cut(Weights, 0), [Weights, "too few for a safetensors header"]),
        ["a header longer than the file"] = (HeaderOf(1 << 20), [Weights, "truncated: its header claims 1048576 bytes"]),
        ["a header longer than the format allows"] = (HeaderOf(long.MaxValue), [Weights, "the format allows"]),
        ["overlapping offsets"] = (Header(header => header[OtherQ]!["data_offsets"] = header[Q]!["data_offsets"]!.DeepClone()), [Weights, "overlaps the tensor before it"]),
        ["a tensor named twice"] = (Raw($$$"""{"{{{Q}}}":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"{{{Q}}}":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"""), [Weights, Q, "twice"]),
        ["an unknown dtype"] = (Header(header => header[Q]!["dtype"] = "F31"), [Weights, Q, "unknown dtype 'F31'"]),
        ["whole numbers for weights"] = (Header(header => header[Q]!["dtype"] = "I32"), [Weights, Q, "is I32; weights are"]),
        ["not a number"] = (Floats(Down, values => values[7] = float.NaN), [Weights, Down, "NaN or infinite as BF16 at element 7 of 1536"]),
        ["an infinite weight"] = (Floats(Q, values => values[0] = float.PositiveInfinity), [Weights, Q, "NaN or infinite"]),
        ["a weight that rounding makes infinite"] = (Floats(Q, values => values[3] = float.MaxValue), [Weights, Q, "element 3"]),
        ["a wrong shape"] = (Header(header => header[Q]!["shape"] = new JsonArray(16, 64)), [Weights, $"1 mis-shaped: {Q} is [16, 64], expected [32, 32]"]),
        ["a missing tensor"] = (Tensors(weights => weights.Remove(Q)), [Weights, $"1 missing: {Q}"]),
        ["an unexpected tensor"] = (Tensors(weights => weights.Add("model.vision.weight", [1])), [Weights, "1 unexpected: model.vision.weight"]),
        ["a bias that the configuration does not name"] = (Tensors(weights => weights.Add("model.layers.0.self_attn.q_proj.bias", new float[32])), ["1 unexpected: model.layers.0.self_attn.q_proj.bias"]),
        ["a bias that is not there"] = (Settings(json => json["attention_bias"] = true), ["8 missing: model.layers.0.self_attn.k_proj.bias"]),
        ["more faults than fit a line"] = (Settings(json => json["num_hidden_layers"] = 5), ["27 missing: ", "; …"]),
        ["an index that names a missing shard"] = (Sharded(map => map[Q] = "model-00003-of-00002.safetensors"), ["model-00003-of-00002.safetensors is missing, though the index names it"]),
        ["an index that names a tensor its shard lacks"] = (Sharded(map => map["model.norm.bias"] = "model-00001-of-00002.safetensors"), [Index, "'model.norm.bias' in model-00001-of-00002.safetensors, which does not hold it"]),
        ["an index that leaves the folder"] = (Sharded(map => map[Q] = "../model.safetensors"), [Index, $"'{Q}' names the shard '../model.safetensors'"]),
        ["an index that is none"] = (Sharded(map => map.Clear(), "[1, 2"), [Index, "is no index of shards"]),
        ["a tensor in two shards"] = (folder => Split(folder, twice: Q), [$"tensor '{Q}' is also in"]),
        ["no weights"] = (folder => File.Delete(Path.Combine(folder, Weights)), ["holds no model.safetensors, no model.safetensors.index.json, no pytorch_model.bin"]),
        ["a pickle that calls os.system"] = (PickleOf(p => p.Global("os", "system").Text("touch owned").Raw(0x85, 'R')), [Pickled, "'os.system' is refused"]),
        ["a pickle that evaluates code"] = (PickleOf(p => p.Global("builtins", "eval").Text("open('owned', 'w')").Raw(0x85, 'R')), [Pickled, "'builtins.eval' is refused"]),
        ["a pickle that loads another"] = (PickleOf(p => p.Global("torch", "load").Text("owned").Raw(0x85, 'R')), [Pickled, "'torch.load' is refused"]),
        ["a pickle that builds an object"] = (PickleOf(p => p.Raw('(', 'o')), [Pickled, "opcode 0x6f 'o' is refused"]),
        ["a truncated archive"] = (Then(PickleOf(p => p.Raw('}')), Cut(Pickled, -5)), [Pickled, "no zip archive, or truncated"]),
        ["an archive that unpacks to far more"] = (Bomb, [Pickled, "'model/data.pkl' is compressed (method 8)"]),
        ["a pickle without an archive"] = (Then(Replace(Pickled, 0x80, 2, (byte)'}', (byte)'.'), folder => File.Delete(Path.Combine(folder, Weights))), [Pickled, "PyTorch before 1.6"]),
        ["a tokenizer that begins no text"] = (folder => File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"add_bos_token": false}"""), ["tokenizer_config.json: add_bos_token is false"]),
        ["a tokenizer that ends every text"] = (folder => File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"add_bos_token": true, "add_eos_token": true}"""), ["tokenizer_config.json: add_eos_token is true"]),
        ["a tokenizer's settings that are none"] = (folder => File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), "[1"), ["tokenizer_config.json", "cannot be read as a tokenizer's settings"]),
        ["a missing configuration"] = (folder => File.Delete(Path.Combine(folder, Config)), [Config]),
        ["a configuration that is none"] = (Replace(Config, (byte)'{'), [Config, "cannot be read as a model's configuration"]),
        ["a configuration without sizes"] = (Settings(json => json.Remove("vocab_size")), [Config, "vocab_size"]),
        ["another architecture"] = (Settings(json => json["architectures"] = new JsonArray("MistralForCausalLM")), [Config, "[MistralForCausalLM]; only InternLM2ForCausalLM and LlamaForCausalLM"]),
        ["no architecture"] = (Settings(json => json["architectures"] = null), [Config, "architectures is []"]),
        ["negative sizes"] = (Settings(json => json["hidden_size"] = -32), [Config, "hidden_size is -32, allowed are 1 to"]),
        ["absurdly many layers"] = (Settings(json => json["num_hidden_layers"] = int.MaxValue), [Config, "num_hidden_layers is 2147483647, allowed are 1 to 1024"]),
        ["a size that is no whole number"] = (Settings(json => json["vocab_size"] = 1e30), [Config, "vocab_size"]),
        ["heads that do not divide"] = (Settings(json => json["num_attention_heads"] = 5), [Config, "does not split into 5 heads"]),
        ["an unknown setting with a part named twice"] = (Then(Settings(json => json["extra_config"] = new JsonObject { ["part"] = 1 }), Reworded(Config, "\"part\":1", "\"part\":1,\"part\":2")), [Config, "cannot be read as a model's configuration"]),
        ["layer types that are no text"] = (Then(Settings(json => json["layer_types"] = new JsonArray("half")), Reworded(Config, "\"half\"", "\"\\ud800\"")), [Config, "cannot be read as a model's configuration"]),
        ["another activation"] = (Settings(json => json["hidden_act"] = "gelu"), [Config, "hidden_act is 'gelu'"]),
        ["another rope scaling"] = (Settings(json => json["rope_scaling"] = new JsonObject { ["rope_type"] = "yarn", ["factor"] = 4 }), [Config, "of type 'yarn' is not understood"]),
        ["an end that is no token"] = (Settings(json => json["eos_token_id"] = 320), [Config, "eos_token_id"]),
        ["an end that is not the tokenizer's"] = (Settings(json => json["eos_token_id"] = 5), [Config, "the tokenizer ends a text with the id 2"]),
        ["a missing tokenizer"] = (folder => File.Delete(Path.Combine(folder, Tokenizer)), ["holds no tokenizer: neither tokenizer.model nor tokenizer.json"]),
        ["a tokenizer that is no SentencePiece model"] = (Replace(Tokenizer, [.. Encoding.UTF8.GetBytes("<html>404: not found</html>")]), [Tokenizer, "it is a web page: the file itself was not downloaded"]),
        ["an empty tokenizer"] = (Cut(Tokenizer, 0), [Tokenizer, "cannot be read as a SentencePiece model"]),
        ["a truncated tokenizer"] = (Cut(Tokenizer, -7), [Tokenizer, "cannot be read as a SentencePiece model"]),
        ["the tokenizer of a larger model"] = (folder => File.WriteAllBytes(Path.Combine(folder, Tokenizer), LargeTokenizer()), ["the tokenizer has 321 pieces, but vocab_size in config.json is 320"]),
        ["a tokenizer.json whose texts are split by nothing"] = (Then(folder => File.Delete(Path.Combine(folder, Tokenizer)), Replace("tokenizer.json",
            [.. """{"model":{"type":"BPE","vocab":{},"merges":[]},"pre_tokenizer":{"type":"Sequence","pretokenizers":[]}}"""u8])), ["tokenizer.json", "pre_tokenizer does not end in ByteLevel"]),
        ["a tokenizer.json of another kind"] = (Then(folder => File.Delete(Path.Combine(folder, Tokenizer)), Replace("tokenizer.json", [.. """{"model":{"type":"Unigram"}}"""u8])), ["tokenizer.json", "model.type is 'Unigram'"]),
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedkim-");

    public static TheoryData<string> Kinds => [.. Cases.Keys];

    private string Source => Path.Combine(_folder.FullName, "source");

    private string Target => Path.Combine(_folder.FullName, "out");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_is_refused_by_name_executes_nothing_and_leaves_nothing_behind(string kind)
    {
        TinyModel.Write(Source, Llama);
        Cases[kind].Spoil(Source);
        string[] before = Names(Source);

        var error = Record.Exception(() => FoundationImport.Run(Source, Target, DType.BF16, _ => { }));

        Assert.True(error is FoundationException or SafetensorsException or PyTorchException, $"{error}");
        foreach (string named in Cases[kind].Named)
            Assert.Contains(named, error.Message);
        Assert.Contains(Source, error.Message);
        Assert.Equal(["source"], Names(_folder.FullName));
        Assert.Equal(before, Names(Source));
        Assert.False(File.Exists("owned"));
    }

    [Fact]
    public void The_folder_that_is_spoiled_is_good_before()
    {
        TinyModel.Write(Source, Llama);
        FoundationImport.Run(Source, Target, DType.BF16, _ => { });
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.model"], Names(Target));
        Assert.Equal(["out", "source"], Names(_folder.FullName));

        Split(Source);
        FoundationImport.Run(Source, Target + "2", DType.BF16, _ => { });
        Assert.Equal(Digests.OfFile(Path.Combine(Target, Weights)), Digests.OfFile(Path.Combine(Target + "2", Weights)));
    }

    [Fact]
    public void What_is_not_finite_is_imported_where_that_is_asked_for()
    {
        TinyModel.Write(Source, Llama);
        Cases["not a number"].Spoil(Source);
        FoundationImport.Run(Source, Target, DType.F32, _ => { }, allowNonFinite: true);
        using var model = FoundationModel.Load(Target);
        Assert.True(float.IsNaN(model.Tensors[Down].data<float>()[7]));
    }

    [Fact]
    public void Transposed_tensors_of_a_pickle_are_imported_as_they_are_meant()
    {
        TinyModel.Write(Source, Llama);
        var weights = TinyModel.Weights(Llama);
        var shapes = Llama.Tensors().ToDictionary(t => t.Name, t => t.Shape);
        var storages = new Dictionary<string, byte[]>();
        byte[] pickle = Pickle.Of(p =>
        {
            p.Raw('}', '(');
            foreach (var (name, values) in weights)
            {
                long[] shape = shapes[name];
                bool turned = name.EndsWith("proj.weight", StringComparison.Ordinal);
                float[] stored = turned ? [.. values.Select((_, i) => values[(i % shape[0] * shape[1]) + (i / shape[0])])] : values;
                p.Text(name).Tensor(shape, shape is [_] ? [1] : turned ? [1, shape[0]] : [shape[1], 1], 0, values.Length, key: $"{storages.Count}");
                storages.Add($"{storages.Count}", System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(stored).ToArray());
            }

            return p.Raw('u');
        });
        File.Delete(Path.Combine(Source, Weights));
        Pickle.Save(Path.Combine(Source, Pickled), pickle, storages);

        FoundationImport.Run(Source, Target, DType.F32, _ => { });

        using var model = FoundationModel.Load(Target);
        foreach (var (name, values) in weights)
            Assert.Equal(values, model.Tensors[name].data<float>().ToArray());
        using var straight = FoundationModel.Load(Source);
        foreach (var (name, values) in weights)
            Assert.Equal(values, straight.Tensors[name].data<float>().ToArray());
    }

    [Fact]
    public void A_folder_that_holds_something_is_not_written_to()
    {
        TinyModel.Write(Source, Llama);
        Directory.CreateDirectory(Target);
        FoundationImport.Run(Source, Target, DType.F32, _ => { });
        var digest = Digests.OfFile(Path.Combine(Target, Weights));

        Assert.Contains("not empty", Assert.Throws<FoundationException>(() => FoundationImport.Run(Source, Target, DType.BF16, _ => { })).Message);
        Assert.Contains("the folder that is imported", Assert.Throws<FoundationException>(() => FoundationImport.Run(Source, Source + "/", DType.BF16, _ => { })).Message);

        Assert.Equal(digest, Digests.OfFile(Path.Combine(Target, Weights)));
    }

    [Fact]
    public void An_import_leaves_what_lies_beside_it_alone_and_nothing_of_its_own_whether_it_ends_well_or_not()
    {
        TinyModel.Write(Source, Llama);
        foreach (string end in (string[])[".importing", ".tmp"])
        {
            Directory.CreateDirectory(Target + end);
            File.WriteAllText(Path.Combine(Target + end, "mine"), "mine");
        }

        Assert.Throws<FoundationException>(() => FoundationImport.Run(Source, Target, DType.F32, _ => throw new IOException("the disk fails")));
        Assert.Equal(["out.importing", "out.tmp", "source"], Names(_folder.FullName));
        FoundationImport.Run(Source, Target, DType.F32, _ => { });

        Assert.Equal(["config.json", "model.safetensors", "tokenizer.model"], Names(Target));
        Assert.Equal(["out", "out.importing", "out.tmp", "source"], Names(_folder.FullName));
        Assert.All((string[])[".importing", ".tmp"], end => Assert.Equal(["mine"], Names(Target + end)));
    }

    private static string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static Action<string> Then(Action<string> first, Action<string> second) => folder =>
    {
        first(folder);
        second(folder);
    };

    private static Action<string> Replace(string file, params byte[] bytes) => folder => File.WriteAllBytes(Path.Combine(folder, file), bytes);

    private static Action<string> Reworded(string file, string from, string to) => folder =>
        File.WriteAllText(Path.Combine(folder, file), File.ReadAllText(Path.Combine(folder, file)).Replace(from, to, StringComparison.Ordinal));

    private static Action<string> Cut(string file, int length) => folder =>
    {
        using var stream = File.OpenWrite(Path.Combine(folder, file));
        stream.SetLength(length <= 0 && length != 0 ? stream.Length + length : length);
    };

    private static Action<string> Settings(Action<JsonObject> change) => folder =>
    {
        string path = Path.Combine(folder, Config);
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    };

    private static Action<string> Tensors(Action<SortedDictionary<string, float[]>> change) => folder =>
    {
        var weights = TinyModel.Weights(Llama);
        change(weights);
        TinyModel.Write(folder, Llama, weights);
    };

    private static Action<string> Floats(string tensor, Action<float[]> change) => Tensors(weights => change(weights[tensor]));

    private static Action<string> HeaderOf(long length) => folder =>
    {
        string path = Path.Combine(folder, Weights);
        byte[] bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        File.WriteAllBytes(path, bytes);
    };

    private static Action<string> Raw(string header) => folder =>
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(Path.Combine(folder, Weights), [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[8]]);
    };

    private static Action<string> Header(Action<JsonObject> change) => folder =>
    {
        string path = Path.Combine(folder, Weights);
        byte[] bytes = File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var header = JsonNode.Parse(Encoding.UTF8.GetString(bytes, 8, length))!.AsObject();
        change(header);
        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)json.Length), .. json, .. bytes.AsSpan(8 + length)]);
    };

    private static Action<string> Sharded(Action<JsonObject> change, string? text = null) => folder =>
    {
        Split(folder);
        string path = Path.Combine(folder, Index);
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        change(json["weight_map"]!.AsObject());
        File.WriteAllText(path, text ?? json.ToJsonString());
    };

    // Two shards with an index in place of the whole file.
    private static void Split(string folder, string? twice = null)
    {
        var shapes = Llama.Tensors().ToDictionary(t => t.Name, t => t.Shape);
        var map = new JsonObject();
        (int Half, TensorData Tensor)[] tensors = [.. TinyModel.Weights(Llama).Select((w, i) => (i % 2, TinyModel.Tensor(w.Key, shapes[w.Key], w.Value)))];
        for (int half = 0; half < 2; half++)
        {
            string shard = $"model-0000{half + 1}-of-00002.safetensors";
            SafetensorsWriter.Write(Path.Combine(folder, shard), tensors.Where(t => t.Half == half || t.Tensor.Name == twice).Select(t => t.Tensor));
            foreach (var (_, tensor) in tensors.Where(t => t.Half == half))
                map[tensor.Name] = shard;
        }

        File.WriteAllText(Path.Combine(folder, Index), new JsonObject { ["weight_map"] = map }.ToJsonString());
        File.Delete(Path.Combine(folder, Weights));
    }

    private static Action<string> PickleOf(Func<Pickle, Pickle> body) => folder =>
    {
        File.Delete(Path.Combine(folder, Weights));
        Pickle.Save(Path.Combine(folder, Pickled), Pickle.Of(body), new Dictionary<string, byte[]>());
    };

    // A pickle of 64 MiB in some 64 KiB.
    private static void Bomb(string folder)
    {
        File.Delete(Path.Combine(folder, Weights));
        using var zip = ZipFile.Open(Path.Combine(folder, Pickled), ZipArchiveMode.Create);
        using var entry = zip.CreateEntry("model/data.pkl", CompressionLevel.Optimal).Open();
        for (int i = 0; i < 64; i++)
            entry.Write(new byte[1 << 20]);
    }

    private static byte[] LargeTokenizer() => PieceModel.Write(
        [PieceModel.Unknown, PieceModel.Begin, PieceModel.End, .. Enumerable.Range(0, 256).Select(PieceModel.OfByte),
            .. Enumerable.Range(0, 62).Select(i => new Piece($"w{i}", -i, PieceKind.Normal))]);
}
