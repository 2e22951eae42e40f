using System.Text.Json;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>A finished update in its work folder: the tensors, and beside them, written last, what was trained to get them.</summary>
internal static class FinishedUpdate
{
    private const string TensorsName = "update.safetensors";
    private const string SummaryName = "update.json";

    /// <summary>Where the update's tensors go.</summary>
    internal static string TensorsPath(string folder) => Path.Combine(folder, TensorsName);

    /// <summary>Marks the update as finished.</summary>
    internal static LocalUpdate Mark(string folder, Digest work, Digest update, SampleCounts samples, IReadOnlyDictionary<string, double> losses)
    {
        string path = Path.Combine(folder, SummaryName), temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, new Summary(work.Hex, update.Hex, new(samples.ByTask), new(losses.ToDictionary())));
            file.Flush();
            DurableFile.Commit(file.SafeFileHandle, temporary, path);
        }

        return new LocalUpdate(TensorsPath(folder), samples, losses);
    }

    /// <summary>The finished update of this work; null if there is none, or its tensors are not the ones that were marked.</summary>
    internal static LocalUpdate? Find(string folder, Digest work)
    {
        string path = Path.Combine(folder, SummaryName);
        if (!File.Exists(path) || !File.Exists(TensorsPath(folder))) return null;
        var summary = JsonSerializer.Deserialize<Summary>(File.ReadAllText(path));
        if (summary is null || summary.Work != work.Hex || Digests.OfFile(TensorsPath(folder)).Hex != summary.Update) return null;
        return new LocalUpdate(TensorsPath(folder), SampleCounts.Of(summary.Samples.Select(s => (s.Key, s.Value))), summary.Losses);
    }

    private sealed record Summary(string Work, string Update, SortedDictionary<string, long> Samples, SortedDictionary<string, double> Losses);
}
