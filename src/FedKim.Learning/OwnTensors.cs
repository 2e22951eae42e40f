using System.Globalization;
using FedKim.Parameters;
using FedKim.Rounds;

namespace FedKim.Learning;

/// <summary>
/// Tensors that a site keeps to itself from round to round of a federation, a file for each round. A round begins with what the latest one
/// before it left, and leaves that file alone: trained again it begins with the same, and so gives the same bits.
/// </summary>
/// <param name="folder">The site's folder for the federation; it outlives the folders of rounds.</param>
/// <param name="what">What they are called in the names of files.</param>
/// <param name="plan">What is learned (<see cref="PlanOf"/>): files of another federation of this name are nobody's.</param>
/// <param name="warn">Told of damage.</param>
public sealed class OwnTensors(string folder, string what, Digest plan, Action<string> warn)
{
    /// <summary>The tensors that updates leave out (<see cref="LearningPlan.LocalTensors"/>).</summary>
    public const string Local = "local";

    /// <summary>The site's own model (<see cref="LearningPlan.Personal"/>).</summary>
    public const string Personal = "personal";

    private const string PlanKey = "plan", WorkKey = "work";
    private const string Suffix = ".safetensors";

    /// <summary>One name for what a federation learns at a site.</summary>
    internal static Digest PlanOf(TrainingRequest request) =>
        StepCheckpoint.Work("own", request.Round.Federation.Value, request.Client.Value, $"{request.Seed}", request.Strategy, request.Learning);

    /// <summary>What a round did with its tensors does not count: the next begins as if this one had not been.</summary>
    /// <exception cref="IOException">They cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public static void Forget(string folder, int round)
    {
        foreach (var entry in Entries(folder, Local).Concat(Entries(folder, Personal)).Where(e => e.Round == round))
            File.Delete(entry.File.Path);
    }

    /// <summary>Writes tensors of a round to where it works, to be kept then.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="work">The work they come of.</param>
    /// <param name="tensors">Those.</param>
    internal WeightFile Write(string path, Digest work, IEnumerable<TensorData> tensors) => new(path, SafetensorsWriter.Write(
        path, tensors, new Dictionary<string, string> { [PlanKey] = plan.Hex, [WorkKey] = work.Hex }, durable: false));

    /// <summary>Keeps what a round has written, on the disk when it returns. What an earlier one left goes, but for what this round began with.</summary>
    internal void Keep(int round, WeightFile written)
    {
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{what}-{round}-{written.Digest.Hex}{Suffix}"));
        if (!File.Exists(path))
        {
            Make(folder);
            string temporary = path + ".tmp";
            using var source = File.OpenRead(written.Path);
            using var copy = DurableFile.Begin(temporary);
            source.CopyTo(copy);
            DurableFile.Commit(copy.SafeFileHandle, temporary, path);
        }

        int before = Entries(folder, what).Where(e => e.Round < round).Select(e => e.Round).DefaultIfEmpty().Max();
        // Later rounds are of another past: a journal that was put back.
        foreach (var entry in Entries(folder, what).Where(e => e.Round != before && e.File.Path != path))
            File.Delete(entry.File.Path);
    }

    /// <summary>What the latest round before this one left; null where none did, or the disk lost it: the site begins with what it is sent.</summary>
    internal WeightFile? Before(int round) => Entries(folder, what).Where(e => e.Round < round).OrderByDescending(e => e.Round)
        .Select(e => e.File).FirstOrDefault(file => Says(file, PlanKey, plan));

    /// <summary>Whether this work of a round has left its tensors.</summary>
    internal bool Has(int round, Digest work) =>
        Entries(folder, what).Any(e => e.Round == round && Says(e.File, PlanKey, plan) && Says(e.File, WorkKey, work));

    private bool Says(WeightFile file, string key, Digest value)
    {
        try
        {
            using var tensors = SafetensorsFile.Open(file);
            return tensors.Metadata.TryGetValue(key, out string? said) && said == value.Hex;
        }
        catch (Exception e) when (e is DamagedException or SafetensorsException)
        {
            warn($"What this site keeps to itself was damaged on its disk: {e.Message} It is removed, and training begins with what was kept before, or with what the server sends.");
            File.Delete(file.Path);
            return false;
        }
    }

    // It and the folder above it are new with a site's first federation.
    private static void Make(string folder)
    {
        if (Directory.Exists(folder))
            return;
        string above = Directory.GetParent(Directory.CreateDirectory(folder).FullName)!.FullName;
        DurableFile.SyncFolder(above);
        DurableFile.SyncFolder(Path.GetDirectoryName(above)!);
    }

    private static (int Round, WeightFile File)[] Entries(string folder, string what) =>
    [
        .. (Directory.Exists(folder) ? Directory.GetFiles(folder, $"{what}-*{Suffix}") : [])
            .Select(path => (Path: path, Parts: Path.GetFileName(path)[(what.Length + 1)..^Suffix.Length].Split('-')))
            .Where(f => f.Parts.Length == 2 && int.TryParse(f.Parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out _) && Digest.TryParse(f.Parts[1], out _))
            .Select(f => (int.Parse(f.Parts[0], CultureInfo.InvariantCulture), new WeightFile(f.Path, Digest.Parse(f.Parts[1])))),
    ];
}
