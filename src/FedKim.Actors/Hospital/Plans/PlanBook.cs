using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FedKim.Parameters;

namespace FedKim.Actors.Hospital.Plans;

/// <summary>
/// The plans that a site was asked to train for and what was said of each, in two small files beside the folder of its rounds: those of which nobody
/// said anything, which may be lost, since they are asked for again; and those with a person's word, which stands there, through a power cut, before
/// anybody hears of it. Each has the SHA-256 of the rest on its first line, and then JSON.
/// </summary>
/// <param name="folder">The folder of the rounds' folders.</param>
internal sealed class PlanBook(string folder)
{
    // Plans of which nobody said anything: the latest of them. What a person said is never forgotten.
    private const int MostUnsaid = 50;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _seen = $"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))}.plans";
    private readonly string _words = $"{Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))}.words";
    private ImmutableList<PlanRecord>? _records;

    private string Aside => $"{_words}.damaged";

    /// <summary>What is wrong with an earlier file of words, while that lies aside; null where nothing is.</summary>
    public string? Damage => File.Exists(Aside)
        ? $"What this site's people said of plans before cannot be read, and lies in {Aside}. Until that is taken away, only what is approved anew is trained for: pbm plan approve"
        : null;

    /// <summary>Every plan, the one seen first first.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public ImmutableList<PlanRecord> All => _records ??= Read();

    /// <summary>The record of this plan; null where it was not seen.</summary>
    public PlanRecord? Of(string digest) => All.FirstOrDefault(r => r.Digest == digest);

    /// <summary>The plans whose digest begins so: one, where enough of it is written. None where the text is no digest (<see cref="PlanDigits"/>).</summary>
    public ImmutableList<PlanRecord> Beginning(string digits) =>
        PlanDigits.Are(digits) ? All.FindAll(r => r.Digest.StartsWith(digits, StringComparison.OrdinalIgnoreCase)) : [];

    /// <summary>The latest plan of a federation of this name; null where there is none.</summary>
    public PlanRecord? Latest(string federation) => All.LastOrDefault(r => r.Plan.Federation == federation);

    /// <summary>Notes a plan that was not seen before.</summary>
    /// <returns>Its record, and whether it is new.</returns>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public (PlanRecord Record, bool IsNew) See(SitePlan plan, string askedBy, DateTimeOffset now)
    {
        string digest = plan.Digest();
        if (Of(digest) is { } known)
            return (known, false);
        var seen = new PlanRecord(plan, digest, now, askedBy);
        var unsaid = All.FindAll(r => r.Word == PlanWord.None);
        if (unsaid.Count >= MostUnsaid)
            unsaid = unsaid.RemoveAt(0);
        unsaid = unsaid.Add(seen);
        Write(_seen, unsaid);
        _records = Together(All.FindAll(r => r.Word != PlanWord.None), unsaid);
        return (seen, true);
    }

    /// <summary>Writes down what was said of a plan; it stands on the disk when this returns.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public PlanRecord Say(PlanRecord record, PlanWord word, string reason, DateTimeOffset now)
    {
        if (record.Word == word && record.Reason == reason)
            return record;
        var said = record with { Word = word, Reason = reason, Said = now };
        var all = All.Replace(record, said);
        Write(_words, all.FindAll(r => r.Word != PlanWord.None));
        _records = all;
        return said;
    }

    private ImmutableList<PlanRecord> Read()
    {
        var words = Read(_words);
        if (words is null)
            File.Move(_words, Aside, overwrite: true);
        return Together(words ?? [], Read(_seen) ?? []);
    }

    // A word may have been written and what nobody had said before not taken away yet.
    private static ImmutableList<PlanRecord> Together(ImmutableList<PlanRecord> words, ImmutableList<PlanRecord> unsaid) =>
        [.. words.Concat(unsaid).DistinctBy(r => r.Digest).OrderBy(r => r.Seen)];

    // Null where the file is not what was written.
    private static ImmutableList<PlanRecord>? Read(string file)
    {
        if (!File.Exists(file))
            return [];
        byte[] bytes = File.ReadAllBytes(file);
        int line = Array.IndexOf(bytes, (byte)'\n');
        if (line < 0 || Encoding.ASCII.GetString(bytes, 0, line) != Sum(bytes.AsSpan(line + 1)))
            return null;
        try
        {
            return JsonSerializer.Deserialize<ImmutableList<PlanRecord>>(bytes.AsSpan(line + 1), Options);
        }
        catch (JsonException)
        {
            // Another version's.
            return null;
        }
    }

    private static void Write(string file, ImmutableList<PlanRecord> records)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(records, Options);
        DurableFile.Write(file, [.. Encoding.ASCII.GetBytes(Sum(text)), (byte)'\n', .. text]);
    }

    private static string Sum(ReadOnlySpan<byte> text) => Convert.ToHexStringLower(SHA256.HashData(text));
}
