using System.Text;
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
        [FoundationTokenizer.PieceFile, FoundationTokenizer.JsonFile, FoundationTokenizer.SettingsFile, "special_tokens_map.json", "added_tokens.json", FoundationConfig.GenerationFile];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>
    /// Checks names, shapes and the tokenizer against the configuration, then writes the weights piece by piece, the tokenizer's files and the
    /// configuration with its new <c>torch_dtype</c> into a folder beside <paramref name="to"/>, which is renamed when it is whole. No program
    /// code is copied.
    /// </summary>
    /// <param name="from">Folder in the Hugging Face layout (<see cref="FoundationCheckpoint"/>), or with a model of llama2.c and its <c>tok*.bin</c>.</param>
    /// <param name="to">A folder that does not exist yet, or is empty. It appears whole or not at all.</param>
    /// <param name="type">F32 or BF16; rounded to nearest even.</param>
    /// <param name="progress">Told before each tensor.</param>
    /// <param name="allowNonFinite">Whether weights may be NaN or infinite.</param>
    /// <exception cref="FoundationException">The checkpoint does not fit its configuration or is not understood, or a folder cannot be used.</exception>
    /// <exception cref="SafetensorsException">A file is malformed.</exception>
    /// <exception cref="PyTorchException">A file is malformed, or holds more than tensors.</exception>
    public static void Run(string from, string to, DType type, Action<ImportProgress> progress, bool allowNonFinite = false)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(to));
        if (Path.TrimEndingDirectorySeparator(Path.GetFullPath(from)) == target)
            throw new FoundationException($"{to} is the folder that is imported; name another one to write to.");
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new FoundationException($"{to} is there already and not empty; name another folder, or remove it.");
        try
        {
            using var source = Open(from);
            var tensors = source.Checkpoint.Check(source.Config);
            TensorData[] converted = [.. tensors.Select((tensor, i) =>
            {
                var data = source.Checkpoint.Convert(tensor.Name, type, allowNonFinite);
                return data with
                {
                    WriteTo = stream =>
                    {
                        progress(new ImportProgress(tensor, i + 1, tensors.Count));
                        data.WriteTo(stream);
                    },
                };
            })];
            using var half = HalfFolder.Begin(target);
            SafetensorsWriter.Write(Path.Combine(half.Path, "model.safetensors"), converted, new Dictionary<string, string> { ["format"] = "pt" });
            foreach (var (name, bytes) in source.Files)
                DurableFile.Write(Path.Combine(half.Path, name), bytes);
            source.Json["torch_dtype"] = type == DType.BF16 ? "bfloat16" : "float32";
            source.Json.AsObject().Remove("dtype");
            DurableFile.Write(Path.Combine(half.Path, Config), Encoding.UTF8.GetBytes(source.Json.ToJsonString(Indented) + "\n"));
            half.Complete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FoundationException($"{from} cannot be imported into {to}: {e.Message}", e);
        }
    }

    private static Source Open(string from)
    {
        if (Llama2CFile.Find(from) is { } found)
        {
            var file = Llama2CFile.Open(found.Model);
            var checkpoint = FoundationCheckpoint.Of(file);
            try
            {
                byte[] tokenizer = Llama2CFile.ReadTokenizer(found.Tokenizer, file.Config.VocabSize);
                return new Source(file.Config, JsonNode.Parse(file.Config.ToJson())!, checkpoint, [(FoundationTokenizer.PieceFile, tokenizer)]);
            }
            catch
            {
                checkpoint.Dispose();
                throw;
            }
        }

        string path = Path.Combine(from, Config);
        var config = FoundationConfig.Read(path);
        var words = FoundationTokenizer.Load(from);
        if (words.Pieces > config.VocabSize)
            throw new FoundationException($"{from}: the tokenizer has {words.Pieces} pieces, but vocab_size in {Config} is {config.VocabSize}; they are not of the same model.");
        if (words.Begin < 0 || words.Begin >= config.VocabSize)
            throw new FoundationException($"{from}: a text begins with the id {words.Begin}, which is none of the {config.VocabSize} tokens; mend bos_token_id in {Config}, or the tokenizer.");
        if (!config.EosTokenIds.Contains(words.End))
            throw new FoundationException($"{from}: the tokenizer ends a text with the id {words.End}, but eos_token_id in {Config} is {string.Join(", ", config.EosTokenIds)}. Add {words.End} to it.");
        return new Source(config, JsonNode.Parse(File.ReadAllText(path))!, FoundationCheckpoint.Open(from),
            [.. Companions.Where(file => File.Exists(Path.Combine(from, file))).Select(file => (file, File.ReadAllBytes(Path.Combine(from, file))))]);
    }

    // What is imported: files are those that go along as they are.
    private sealed record Source(FoundationConfig Config, JsonNode Json, FoundationCheckpoint Checkpoint, (string Name, byte[] Bytes)[] Files) : IDisposable
    {
        public void Dispose() => Checkpoint.Dispose();
    }
}
