using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Launch.Machine;
using FedKim.Launch.Reports;
using FedKim.Models.Injection;
using FedKim.Parameters;

namespace FedKim.Launch.Results;

/// <summary>A federation's result as files that others can use: encoders and decoders, adapters, report, plan and a model card.</summary>
internal static class ResultFolder
{
    private const string Lora = "lora.";
    private const string Decoder = "decoder.";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes the files.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="model">The global model.</param>
    /// <param name="adapter">The adapters.</param>
    /// <param name="report">The federation's report.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="foundation">Folder of the foundation model; null where it is not here, and then there is no PEFT layout.</param>
    public static void Write(string folder, WeightFile model, WeightFile adapter, Report report, JsonObject plan, string? foundation)
    {
        var files = new List<(string Name, string Sha256)>();
        using (var global = SafetensorsFile.Open(model))
        {
            foreach (var part in global.Tensors.Values.GroupBy(t => t.Name.StartsWith(Decoder, StringComparison.Ordinal) ? "decoders" : "encoders").OrderByDescending(g => g.Key))
                files.Add(($"{part.Key}.safetensors", Copy(global, part, Path.Combine(folder, $"{part.Key}.safetensors"))));
        }

        bool experts;
        using (var adapters = SafetensorsFile.Open(adapter))
        {
            files.Add(("adapters.safetensors", Copy(adapters, adapters.Tensors.Values, Path.Combine(folder, "adapters.safetensors"))));
            experts = adapters.Tensors.Keys.Any(name => name.StartsWith(Lora, StringComparison.Ordinal));
        }

        bool peft = experts && foundation is not null;
        if (peft)
            PeftLayout.Export(adapter.Path, foundation!, Path.Combine(folder, "peft"), report.Alpha);
        TextFile.Write(Path.Combine(folder, Report.FileName), report.ToFile());
        TextFile.Write(Path.Combine(folder, "plan.json"), plan.ToJsonString(Indented) + "\n");
        TextFile.Write(Path.Combine(folder, "README.md"), ModelCard.Of(report, plan, files, peft));
    }

    private static string Copy(SafetensorsFile source, IEnumerable<TensorInfo> tensors, string path) => SafetensorsWriter.Write(
        path, tensors.Select(t => new TensorData(t.Name, t.DType, t.Shape, output => output.Write(source.Bytes(t.Name)))), source.Metadata).Hex;
}
