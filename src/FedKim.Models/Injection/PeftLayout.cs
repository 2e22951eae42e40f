using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Models.Foundation;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Models.Injection;

/// <summary>
/// Adapters in the layout of Hugging Face PEFT: a folder <c>expert-00</c>, <c>expert-01</c>, … for each expert with
/// <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>, which PEFT loads as one plain LoRA, and beside them
/// <c>injection.safetensors</c> with router and feature maps, for which PEFT has no place; and <c>alpha.json</c>, where the experts' weights are known.
/// </summary>
/// <remarks>
/// An expert on its own acts as if its α were 1. What the router makes of them for a task is PEFT's <c>add_weighted_adapter</c> with the
/// task's α, which is in <c>alpha.json</c>, and combination type <c>cat</c>. Nothing is computed: bytes there and back are the same. Factors of another floating type become F32.
/// </remarks>
public static class PeftLayout
{
    private const string Config = "adapter_config.json", Weights = "adapter_model.safetensors", Rest = "injection.safetensors", Alpha = "alpha.json";
    private const string Prefix = "base_model.model.", Lora = "lora.layers.";
    private const int PieceBytes = 16 << 20;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes adapters as PEFT folders; the folder appears whole or not at all.</summary>
    /// <param name="adapter">Adapters as FedKim writes them (<see cref="InjectedFoundationModel"/>).</param>
    /// <param name="model">Folder of the foundation model they belong to, by the name that PEFT shall load it by.</param>
    /// <param name="folder">A folder that is not there yet.</param>
    /// <param name="alpha">Task → what each expert weighs for it, as a report has it; null where nobody knows.</param>
    /// <returns>The number of experts.</returns>
    /// <exception cref="FoundationException">The adapters do not fit the model or the weights, the folder is there, or a file cannot be read or written.</exception>
    /// <exception cref="SafetensorsException">The adapters' file is malformed.</exception>
    public static int Export(string adapter, string model, string folder, IReadOnlyDictionary<string, ImmutableArray<double>>? alpha = null) => Guard(adapter, folder, () =>
    {
        var modules = Modules(FoundationConfig.Read(Path.Combine(model, "config.json")));
        using var file = SafetensorsFile.Open(adapter);
        var lora = file.Tensors.Values.Where(t => t.Name.StartsWith(Lora, StringComparison.Ordinal)).ToArray();
        Check(file, lora, modules, model);
        if (Path.Exists(folder))
            throw new FoundationException($"{folder} is there already. Name a folder that is not.");

        using var half = HalfFolder.Begin(folder);
        int experts = lora.Length == 0 ? 0 : (int)lora[0].Shape[0];
        for (int expert = 0; expert < experts; expert++)
        {
            string own = Directory.CreateDirectory(Path.Combine(half.Path, FolderOf(expert))).FullName;
            SafetensorsWriter.Write(Path.Combine(own, Weights), lora.Select(t => Slice(file, t, expert, PeftName(t.Name, modules))), new Dictionary<string, string> { ["format"] = "pt" });
            int rank = (int)file.Info(lora.First(t => IsA(t.Name)).Name).Shape[1];
            File.WriteAllText(Path.Combine(own, Config), ConfigOf(model, rank, lora.Select(t => t.Name.Split('.')[3]).Distinct()).ToJsonString(Indented) + "\n");
        }

        if (alpha is not null)
            WriteAlpha(Path.Combine(half.Path, Alpha), alpha, experts, adapter);
        SafetensorsWriter.Write(
            Path.Combine(half.Path, Rest), file.Tensors.Values.Except(lora).Select(t => Copy(t.Name, t.Shape, (file, t))), file.Metadata);
        half.Complete();
        return experts;
    });

    /// <summary>Writes adapters as FedKim reads them, whole or not at all.</summary>
    /// <param name="folder">What <see cref="Export"/> has written, or the same with other weights.</param>
    /// <param name="adapter">The file to write.</param>
    /// <returns>The file's digest: that of the adapters that were exported, where nothing was changed.</returns>
    /// <exception cref="FoundationException">The folder is incomplete, its experts differ in shape, or a file cannot be read or written; the message names it.</exception>
    /// <exception cref="SafetensorsException">A file is malformed.</exception>
    public static Digest Import(string folder, string adapter) => Guard(folder, adapter, () =>
    {
        string rest = Path.Combine(folder, Rest);
        if (!File.Exists(rest))
            throw new FoundationException($"{folder} holds no {Rest}, which has the router and the feature maps. Experts alone are not enough to go on with.");
        List<SafetensorsFile> files = [];
        try
        {
            files.Add(SafetensorsFile.Open(rest));
            while (Directory.Exists(Path.Combine(folder, FolderOf(files.Count - 1))))
                files.Add(Expert(Path.Combine(folder, FolderOf(files.Count - 1))));
            var (others, experts) = (files[0], files[1..]);
            CheckCount(folder, others, experts.Count);
            var tensors = others.Tensors.Values.Select(t => AsFloats(t.Name, t.Shape, (others, t))).ToList();
            foreach (var tensor in experts.Count == 0 ? [] : experts[0].Tensors.Values)
            {
                var odd = experts.FirstOrDefault(e => !e.Tensors.TryGetValue(tensor.Name, out var own) || !own.Shape.SequenceEqual(tensor.Shape)
                    || e.Tensors.Count != experts[0].Tensors.Count);
                if (odd is not null)
                    throw new FoundationException($"{odd.FilePath}: its tensors are not those of {experts[0].FilePath}; '{tensor.Name}' or another is missing, superfluous or of another shape.");
                tensors.Add(AsFloats(OwnName(experts[0], tensor), [experts.Count, .. tensor.Shape], [.. experts.Select(e => (e, e.Info(tensor.Name)))]));
            }

            return DurableFile.Replace(adapter, temporary => SafetensorsWriter.Write(temporary, tensors, others.Metadata));
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    });

    private static void WriteAlpha(string path, IReadOnlyDictionary<string, ImmutableArray<double>> alpha, int experts, string adapter)
    {
        var tasks = new JsonObject();
        foreach (var (task, weights) in alpha.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            if (weights.Length != experts)
                throw new FoundationException($"{adapter} has {experts} experts, and for task {task} {weights.Length} are weighed. The report is another federation's.");
            tasks.Add(task, new JsonArray([.. weights.Select(weight => (JsonNode)weight)]));
        }

        File.WriteAllText(path, tasks.ToJsonString(Indented) + "\n");
    }

    private static T Guard<T>(string from, string to, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FoundationException($"{from} cannot be brought to {to}: {e.Message}", e);
        }
    }

    // Layer and projection → the module's path in the model, e.g. model.layers.0.attention.wqkv.
    private static ImmutableSortedDictionary<string, string> Modules(FoundationConfig config) => config.Projections()
        .ToImmutableSortedDictionary(p => $"{Lora}{p.Layer}.{p.Name}", p => p.Module, StringComparer.Ordinal);

    private static string Place(string module) => module.Split('.') is [_, _, var layer, _, var projection] ? $"{Lora}{layer}.{projection}" : module;

    private static string FolderOf(int expert) => string.Create(CultureInfo.InvariantCulture, $"expert-{expert:D2}");

    private static bool IsA(string name) => name.EndsWith(".A", StringComparison.Ordinal);

    private static string PeftName(string name, ImmutableSortedDictionary<string, string> modules) =>
        $"{Prefix}{modules[name[..^2]]}.lora_{(IsA(name) ? 'A' : 'B')}.weight";

    private static string OwnName(SafetensorsFile file, TensorInfo tensor)
    {
        foreach (char factor in "AB")
        {
            string end = $".lora_{factor}.weight";
            if (!tensor.Name.StartsWith(Prefix, StringComparison.Ordinal) || !tensor.Name.EndsWith(end, StringComparison.Ordinal))
                continue;
            string module = tensor.Name[Prefix.Length..^end.Length];
            if (Place(module) is var place && place != module)
                return $"{place}.{factor}";
        }

        throw new FoundationException($"{file.FilePath}: '{tensor.Name}' is no LoRA beside a projection of a layer.");
    }

    private static void Check(SafetensorsFile file, TensorInfo[] lora, ImmutableSortedDictionary<string, string> modules, string model)
    {
        foreach (var tensor in lora)
        {
            bool known = tensor.Name.Length > 2 && modules.ContainsKey(tensor.Name[..^2]) && tensor.Name[^2..] is ".A" or ".B";
            if (!known)
                throw new FoundationException($"{file.FilePath}: '{tensor.Name}' stands beside no projection of {model}. Name the foundation model that these adapters belong to.");
            if (tensor.DType != DType.F32 || tensor.Shape.Length != 3 || tensor.Shape[0] != lora[0].Shape[0])
                throw new FoundationException($"{file.FilePath}: '{tensor.Name}' is {tensor.DType.Name()} {tensor.ShapeText}, expected F32 [{lora[0].Shape[0]}, …, …].");
            if (!file.Tensors.ContainsKey(tensor.Name[..^1] + (IsA(tensor.Name) ? 'B' : 'A')))
                throw new FoundationException($"{file.FilePath}: '{tensor.Name}' comes without its other factor.");
        }
    }

    private static void CheckCount(string folder, SafetensorsFile others, int experts)
    {
        if ((others.Tensors.GetValueOrDefault("router.fc2.weight") ?? others.Tensors.GetValueOrDefault("router.fc.weight")) is { } last && (last.Shape is not [var weighed, ..] || weighed != experts))
            throw new FoundationException($"{folder}: the router weighs {(last.Shape is [var said, ..] ? said : "no")} experts, but there are {experts} folders from {FolderOf(0)} on.");
    }

    private static SafetensorsFile Expert(string folder)
    {
        int rank = PeftSettings.ReadRank(Path.Combine(folder, Config));
        string weights = Path.Combine(folder, Weights);
        if (!File.Exists(weights))
            throw new FoundationException($"{folder} holds no {Weights}.");
        var file = SafetensorsFile.Open(weights);
        try
        {
            foreach (var tensor in file.Tensors.Values)
            {
                bool isA = IsA(OwnName(file, tensor));
                if (!tensor.DType.IsFloating())
                    throw new FoundationException($"{weights}: '{tensor.Name}' is {tensor.DType.Name()}; factors are F64, F32, F16 or BF16.");
                if (tensor.Shape.Length != 2 || tensor.Shape[isA ? 0 : 1] != rank)
                    throw new FoundationException($"{weights}: '{tensor.Name}' is {tensor.ShapeText}, but r in {Config} is {rank}.");
                if (!file.Tensors.ContainsKey(tensor.Name.Replace(isA ? ".lora_A." : ".lora_B.", isA ? ".lora_B." : ".lora_A.", StringComparison.Ordinal)))
                    throw new FoundationException($"{weights}: '{tensor.Name}' comes without its other factor.");
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // As PEFT's LoraConfig writes itself; what is not said is PEFT's default.
    private static JsonObject ConfigOf(string model, int rank, IEnumerable<string> projections) => new()
    {
        ["base_model_name_or_path"] = model,
        ["bias"] = "none",
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["lora_alpha"] = rank,
        ["lora_dropout"] = 0.0,
        ["modules_to_save"] = null,
        ["peft_type"] = "LORA",
        ["r"] = rank,
        ["target_modules"] = new JsonArray([.. projections.Order(StringComparer.Ordinal).Select(p => (JsonNode)p)]),
        ["task_type"] = "CAUSAL_LM",
    };

    private static TensorData Slice(SafetensorsFile file, TensorInfo tensor, int part, string name) => new(
        name, tensor.DType, tensor.Shape[1..], stream => Write(file, tensor, tensor.Length / tensor.Shape[0] * part, tensor.Length / tensor.Shape[0], stream));

    // One tensor after another, as injections read them: what is F32, or no float, passes as it is.
    private static TensorData AsFloats(string name, ImmutableArray<long> shape, params (SafetensorsFile File, TensorInfo Tensor)[] sources) =>
        Array.TrueForAll(sources, s => s.Tensor.DType == DType.F32 || !s.Tensor.DType.IsFloating())
            ? Copy(name, shape, sources)
            : new TensorData(name, DType.F32, shape, stream => Array.ForEach(sources, s => s.File.Convert(s.Tensor, DType.F32, element => throw new FoundationException(
                $"{s.File.FilePath}: tensor '{s.Tensor.Name}' is NaN or infinite as F32 at element {element} of {s.Tensor.Count}. The file is damaged, or its training diverged.")).WriteTo(stream)));

    // One tensor after another.
    private static TensorData Copy(string name, ImmutableArray<long> shape, params (SafetensorsFile File, TensorInfo Tensor)[] sources) => new(
        name, sources[0].Tensor.DType, shape, stream => Array.ForEach(sources, s => Write(s.File, s.Tensor, 0, s.Tensor.Length, stream)));

    private static void Write(SafetensorsFile file, TensorInfo tensor, long start, long length, Stream stream)
    {
        byte[] piece = new byte[Math.Min(PieceBytes, length)];
        for (long done = 0; done < length; done += piece.Length)
        {
            var part = piece.AsSpan(0, (int)Math.Min(piece.Length, length - done));
            file.Read(tensor, start + done, part);
            stream.Write(part);
        }
    }
}
