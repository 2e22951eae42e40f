using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Parameters;
using FedKim.Parameters.PyTorch;

namespace FedKim.Models.Foundation;

/// <summary>How far an import is.</summary>
/// <param name="Tensor">The tensor being written.</param>
/// <param name="Done">Tensors begun, this one included.</param>
/// <param name="Tensors">Tensors in all.</param>
public sealed record ImportProgress(TensorInfo Tensor, int Done, int Tensors);

/// <summary>Makes a published checkpoint a folder that FedKim loads: one <c>model.safetensors</c> of one element type.</summary>
public static class FoundationImport
{
    private const string Config = "config.json";

    private static readonly string[] Companions =
        ["tokenizer.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json"];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>
    /// Checks names and shapes against the configuration, then writes the weights piece by piece, the tokenizer's files and, last, the
    /// configuration with its new <c>torch_dtype</c>. No program code is copied.
    /// </summary>
    /// <param name="from">Folder in the Hugging Face layout (<see cref="FoundationCheckpoint"/>).</param>
    /// <param name="to">Another folder; made where it is absent.</param>
    /// <param name="type">F32 or BF16; rounded to nearest even.</param>
    /// <param name="progress">Told before each tensor.</param>
    /// <exception cref="FoundationException">The checkpoint does not fit its configuration or is not understood, or a folder cannot be used.</exception>
    /// <exception cref="SafetensorsException">A file is malformed.</exception>
    /// <exception cref="PyTorchException">A file is malformed, or holds more than tensors.</exception>
    public static void Run(string from, string to, DType type, Action<ImportProgress> progress)
    {
        if (Path.GetFullPath(from).TrimEnd('/') == Path.GetFullPath(to).TrimEnd('/'))
            throw new FoundationException($"{to} is the folder that is imported; name another one to write to.");
        try
        {
            var config = FoundationConfig.Read(Path.Combine(from, Config));
            using var checkpoint = FoundationCheckpoint.Open(from);
            checkpoint.Check(config);
            TensorInfo[] tensors = [.. checkpoint.Tensors];
            TensorData[] converted = [.. tensors.Select((tensor, i) =>
            {
                var data = checkpoint.Convert(tensor.Name, type);
                return data with
                {
                    WriteTo = stream =>
                    {
                        progress(new ImportProgress(tensor, i + 1, tensors.Length));
                        data.WriteTo(stream);
                    },
                };
            })];
            Directory.CreateDirectory(to);
            SafetensorsWriter.Write(Path.Combine(to, "model.safetensors"), converted, new Dictionary<string, string> { ["format"] = "pt" });
            // Read and written, not copied: a published folder is often read-only, and so would its copy be.
            foreach (string file in Companions)
                if (File.Exists(Path.Combine(from, file))) File.WriteAllBytes(Path.Combine(to, file), File.ReadAllBytes(Path.Combine(from, file)));
            var json = JsonNode.Parse(File.ReadAllText(Path.Combine(from, Config)))!;
            json["torch_dtype"] = type == DType.BF16 ? "bfloat16" : "float32";
            File.WriteAllText(Path.Combine(to, Config), json.ToJsonString(Indented) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FoundationException($"{from} cannot be imported into {to}: {e.Message}", e);
        }
    }
}
