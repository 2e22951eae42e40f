using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Data;
using FedKim.Launch;
using FedKim.Parameters;
using FedKim.Testing;

namespace FedKim.Node.Tests;

/// <summary>
/// The program on small files in public formats that went wrong somewhere: each is read right, or refused with its file, what is wrong and what to
/// do. The kinds that they stand for have tests of their own, made from bytes, in the tests of the readers.
/// </summary>
public sealed class PublishedCasesTests : IDisposable
{
    private static readonly string Cases = Path.Combine(Repository.Root, "..", "shared", "cases");

    // Case → exit code, and what the output or, where it is refused, the error says.
    private static readonly SortedDictionary<string, (int Code, string[] Says)> Expected = new(StringComparer.Ordinal)
    {
        ["ckpt-lfs_bin"] = (ExitCodes.Data, ["pytorch_model.bin: it is a Git LFS pointer: the file itself was not downloaded. Fetch it with git lfs pull"]),
        ["ckpt-lfs_weights"] = (ExitCodes.Data, ["model.safetensors", "it is a Git LFS pointer: the file itself was not downloaded. Fetch it with git lfs pull"]),
        ["ckpt-pt_params"] = (ExitCodes.Ok, ["InternLM2ForCausalLM | F32"]),
        ["ckpt-shard_tied_index_lists_head"] = (ExitCodes.Ok, ["InternLM2ForCausalLM | F32"]),
        ["ckpt-tied_flag_head_differs"] = (ExitCodes.Data, ["model.safetensors: 'output.weight' is not 'model.tok_embeddings.weight'", "tie_word_embeddings", "Set tie_word_embeddings to false"]),
        ["csv_latin1"] = (ExitCodes.Data, ["labels.csv: line 2 is no valid UTF-8; save the file as UTF-8."]),
        ["dcm_12_in_16_win"] = (ExitCodes.Ok, ["1 samples", "image 0 to 0.99", "1 DICOM of 16 bits, MONOCHROME2, through its window"]),
        ["nih_data_entry"] = (ExitCodes.Ok, ["2 samples", "1 patients", "1 positive"]),
        ["peft-f16"] = (ExitCodes.Ok, []),
        ["peft-rslora"] = (ExitCodes.Data, ["adapter_config.json: lora_alpha is 4 and r is 4, and use_rslora divides by the root of r", "Multiply lora_B by 2 and set lora_alpha = r and use_rslora = false."]),
        ["pic_exif6_jpg"] = (ExitCodes.Ok, ["1 samples", "1 turned upright as EXIF says"]),
        ["pic_g12in16_png"] = (ExitCodes.Ok, ["image 0 to 0.0625", "1 16-bit PNG, grey", "its pictures use 0 to 0.0625 of their range 0 to 1", "set picture-bits"]),
        ["picture-too-large"] = (ExitCodes.Ok, ["1 left out: has 30000x30000 pixels, more than the 100000000 that are read"]),
        ["pn_bom"] = (ExitCodes.Ok, ["1 samples", "vital"]),
        ["pq_dur_ms"] = (ExitCodes.Data, ["dyn.parquet: column 'time'", "read in seconds, as 64-bit integers are read", "Write the file with Arrow's schema"]),
        ["slake_zh_yesno"] = (ExitCodes.Ok, ["3 samples", "1 positive"]),
        ["vqa_types"] = (ExitCodes.Ok, ["3 samples", "2 positive"]),
        ["wf_multiseg"] = (ExitCodes.Data, ["00001_lr.hea: line 1: this is a multi-segment record, which is not read"]),
    };

    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<TheoryDataRow<string>> Names => Expected.Keys.Select(name => new TheoryDataRow<string>(name));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_case_is_read_right_or_refused_with_its_file_and_the_remedy(string name)
    {
        var (code, says) = Expected[name];
        var (exit, output, errors) = Run(Command(Case(name)));

        Assert.True(code == exit, $"exit code {exit}, expected {code}\n{output}\n{errors}");
        Assert.All(says, text => Assert.Contains(text, code == ExitCodes.Ok ? output : errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        if (code != ExitCodes.Ok)
            Assert.Contains(Path.Combine(Case(name), ""), errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_case_that_is_there_is_expected() =>
        Assert.Equal(Expected.Keys, Directory.GetDirectories(Case("")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));

    [Fact]
    public void A_picture_that_is_too_large_is_refused_by_its_name_where_the_source_does_not_say_skip()
    {
        string text = File.ReadAllText(Path.Combine(Case("picture-too-large"), "federation.conf")).Replace("on-bad-sample = skip", "on-bad-sample = refuse", StringComparison.Ordinal);
        var (exit, output, errors) = Run("data", "inspect", Case("picture-too-large"), "--federation", _folder.Write("f.conf", text));
        Assert.True(exit == ExitCodes.Data, $"exit code {exit}\n{output}\n{errors}");
        Assert.Contains("b.png: has 30000x30000 pixels, more than the 100000000 that are read", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_spreads_twelve_bits_and_a_declared_range_does_too()
    {
        float[] window = Values("dcm_12_in_16_win"), declared = Values("pic_g12in16_png", source => source with { PictureBits = 12 });
        Assert.Equal(32, window.Distinct().Count());
        Assert.Equal(32, declared.Distinct().Count());
        Assert.InRange(window.Max(), 0.99f, 1f);
        Assert.InRange(declared.Max(), 0.95f, 1f);
        Assert.Equal(32, Values("pic_g12in16_png").Distinct().Count());
    }

    [Fact]
    public void Answers_are_yes_and_no_as_the_set_writes_them() =>
        Assert.Equal([("train/1", 1), ("train/2", 0), ("train/3", 0)], Read("slake_zh_yesno").Samples.Select(s => (s.Id, s.Label)));

    [Fact]
    public void Answers_of_every_type_are_counted()
    {
        var asked = Read("vqa_types", source => source with { Questions = QuestionKind.YesNo });
        Assert.Equal([("train/0", 1), ("train/1", 0), ("train/3", 1)], asked.Samples.Select(s => (s.Id, s.Label)));
        Assert.Equal(2, asked.LeftOut.Length);
    }

    [Fact]
    public void What_was_imported_as_another_type_is_exported_again()
    {
        string adapter = Path.Combine(_folder.Path, "adapter.safetensors"), again = Path.Combine(_folder.Path, "again");
        Assert.Equal(ExitCodes.Ok, Run("model", "adapter", "import", "--from", Case("peft-f16"), "--out", adapter).Code);
        using (var file = SafetensorsFile.Open(adapter))
            Assert.All(file.Tensors.Values, tensor => Assert.Equal(DType.F32, tensor.DType));
        var (exit, _, errors) = Run("model", "adapter", "export", "--from", adapter, "--model", Case("ckpt-pt_params"), "--out", again);
        Assert.True(exit == ExitCodes.Ok, errors);
        Assert.True(Directory.Exists(Path.Combine(again, "expert-00")));
    }

    private static string Case(string name)
    {
        if (!Directory.Exists(Cases))
            Assert.Skip("The small inputs that went wrong are not there: expected them at ../shared/cases.");
        return Path.Combine(Cases, name);
    }

    private string[] Command(string folder)
    {
        string name = Path.GetFileName(folder), target = Path.Combine(_folder.Path, "out");
        if (name.StartsWith("ckpt-", StringComparison.Ordinal))
            return ["model", "import", "--from", folder, "--out", target, "--dtype", "f32"];
        if (name.StartsWith("peft-", StringComparison.Ordinal))
            return ["model", "adapter", "import", "--from", folder, "--out", target];
        string own = Path.Combine(folder, "federation.conf");
        return ["data", "inspect", folder, "--federation", File.Exists(own) ? own : _folder.Write("case.conf", Federation(Source(folder)))];
    }

    private static float[] Values(string name, Func<TaskSource, TaskSource>? change = null) => Read(name, change).Samples.Single().Inputs["image"].Data;

    private static DataSet Read(string name, Func<TaskSource, TaskSource>? change = null)
    {
        var source = Source(Case(name)).Deserialize<TaskSource>()!;
        return DataSet.Read(change?.Invoke(source) ?? source, Case(name))!;
    }

    private static JsonNode Source(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "source.json")))!;

    // The reader's source block as a federation file has it: names in kebab case, variables by their names.
    private static string Federation(JsonNode source)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in source.AsObject())
        {
            string name = JsonNamingPolicy.KebabCaseLower.ConvertName(key);
            if (key == "Variables")
            {
                foreach (var (measured, variables) in value!.AsObject())
                {
                    foreach (var variable in variables!.AsArray())
                        text.Append($"variables.{measured}.{variable!["Column"]} {{ mean = {variable["Mean"]}, deviation = {variable["Deviation"]} }}\n");
                }
            }
            else
            {
                text.Append($"{name} = {(key == "Questions" ? "yes-no" : value!.ToJsonString())}\n");
            }
        }

        bool asks = (string?)source["Reader"] is "slake" or "vqa-rad";
        if (asks && source["Questions"] is null)
            text.Append("questions = yes-no\n");
        string modality = (string?)source["Reader"] is "yaib" or "physionet2012" ? "vital" : (string?)source["Reader"] == "ptbxl" ? "signal" : "image";
        string encoder = modality switch { "vital" => "clinical-transformer", "signal" => "signal-cnn", _ => "deit" };
        return $$"""
            federation {
              name = case
              seed = 1
              rounds = 1
              clients = [hospital-a]
              quorum = 1
              deadline = 1 minute
              strategy = fedavg
              encoders.{{modality}} { name = {{encoder}} }
              tasks.asked {
                kind = training
                modalities = [{{modality}}]
                source {
            {{text}}
                }
                prompt = "{{(asks ? "{question}" : "Is it there?")}}"
                task-description = "Whether it is there."
                modality-description = "What is looked at."
              }
            }
            """;
    }

    private static (int Code, string Output, string Errors) Run(params string[] words)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "fedkim.dll"), .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.GetAwaiter().GetResult());
    }
}
