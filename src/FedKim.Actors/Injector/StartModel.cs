using System.Text.Json;
using System.Text.Json.Nodes;
using FedKim.Learning;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Actors.Injector;

/// <summary>An earlier federation's model as the start of another one: weights that the server holds, or the files of an exported one.</summary>
internal static class StartModel
{
    /// <summary>Puts an exported model's files together again, with the bytes that they were exported from.</summary>
    /// <param name="folder">What <c>federation export</c> wrote: encoders, decoders and adapters, and a report that names their digests.</param>
    /// <param name="work">Where to.</param>
    /// <exception cref="LearningException">The folder holds no such files, or others than its report says.</exception>
    public static InjectedModel Assemble(string folder, string work)
    {
        try
        {
            var global = Join(folder, ["encoders.safetensors", "decoders.safetensors"], Path.Combine(work, "start.safetensors"));
            var adapter = Join(folder, ["adapters.safetensors"], Path.Combine(work, "start-adapters.safetensors"));
            string report = Path.Combine(folder, "report.json");
            if (File.Exists(report))
            {
                var says = JsonNode.Parse(File.ReadAllText(report))?["result"];
                foreach (var (file, what, name) in new[] { (global, "model", "globalSha256"), (adapter, "adapters", "adapterSha256") })
                {
                    if ((string?)says?[name] is { } digest && digest != file.Digest.Hex)
                        throw new LearningException($"The {what} in the folder of start-from {(what.EndsWith('s') ? "are" : "is")} {file.Digest.Hex[..12]}…, and its report.json says {digest[..Math.Min(12, digest.Length)]}…: a file was changed. Export it again.", reason: SiteSentences.StartChanged.Say());
                }
            }

            return new InjectedModel(global, adapter, double.NaN);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new LearningException("The folder of start-from is not at the injector, or is no exported model: it must hold encoders.safetensors, decoders.safetensors or both, and adapters.safetensors.", e, SiteSentences.StartMissing.Say());
        }
        catch (Exception e) when (e is SafetensorsException or JsonException or InvalidOperationException or ArgumentException)
        {
            throw new LearningException($"The folder of start-from cannot be read: {(e is SafetensorsException s ? $"{Path.GetFileName(s.File)} {s.Problem}" : "report.json is no report of FedKim's")}", e, SiteSentences.StartUnreadable.Say());
        }
    }

    /// <summary>Whether it has the tensors that a new one of the plan would have.</summary>
    /// <param name="made">Path of a new one.</param>
    /// <param name="given">Path of the earlier one.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="LearningException">It has other tensors, or is no safetensors file.</exception>
    public static void Check(string made, string given, string what)
    {
        using var expected = SafetensorsFile.Open(made);
        try
        {
            using var actual = SafetensorsFile.Open(given);
            foreach (var tensor in expected.Tensors.Values)
            {
                if (!actual.Tensors.TryGetValue(tensor.Name, out var has))
                    throw Wrong(tensor.Name, $"lacks {tensor.Name}, {tensor.DType.Name()} {tensor.ShapeText}");
                if (!has.Fits(tensor))
                    throw Wrong(tensor.Name, $"has {tensor.Name} as {has.DType.Name()} {has.ShapeText}, and this plan wants {tensor.DType.Name()} {tensor.ShapeText}");
            }

            if (actual.Tensors.Keys.FirstOrDefault(name => !expected.Tensors.ContainsKey(name)) is { } more)
                throw Wrong(more, $"has {more}, which this plan has no use for");
        }
        catch (SafetensorsException e) when (e.File != made)
        {
            throw new LearningException($"The {what} named by start-from cannot be read: {e.Problem}", e, SiteSentences.StartUnreadable.Say());
        }

        LearningException Wrong(string tensor, string problem) =>
            new($"The {what} named by start-from {(what.EndsWith('s') ? "do" : "does")} not fit this plan: one {problem}. Start from a federation with the same encoders, tasks and adapters.", reason: SiteSentences.StartUnfit.Say(tensor));
    }

    /// <summary>Whether its encoders learned to see pictures as they would here. A folder without a plan.json does not tell.</summary>
    /// <param name="folder">What <c>federation export</c> wrote.</param>
    /// <param name="learning">The learning plan of the federation that is to start from it.</param>
    /// <exception cref="LearningException">They did not, or its plan.json is none.</exception>
    public static void CheckPlan(string folder, string learning)
    {
        string file = Path.Combine(folder, "plan.json");
        if (!File.Exists(file))
            return;
        string? problem;
        try
        {
            problem = JsonNode.Parse(File.ReadAllText(file))?["learning"]?.ToJsonString() is { } earlier ? Continuation.Problem(learning, earlier, file) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new LearningException($"{file} is no plan of FedKim's. Export the federation again.", e);
        }

        if (problem is not null)
            throw new LearningException(problem);
    }

    // The writer is canonical, so the bytes are those that the files were made of.
    private static WeightFile Join(string folder, string[] names, string path)
    {
        string[] there = [.. names.Select(name => Path.Combine(folder, name)).Where(File.Exists)];
        if (there.Length == 0)
            throw new FileNotFoundException(null, names[0]);
        var files = new List<SafetensorsFile>();
        try
        {
            foreach (string name in there)
                files.Add(SafetensorsFile.Open(name));
            var tensors = files.SelectMany(f => f.Tensors.Values.Select(t => new TensorData(t.Name, t.DType, t.Shape, output => output.Write(f.Bytes(t.Name)))));
            return new WeightFile(path, SafetensorsWriter.Write(path, tensors, files[0].Metadata));
        }
        finally
        {
            foreach (var file in files)
                file.Dispose();
        }
    }
}
