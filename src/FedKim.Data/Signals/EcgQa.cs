using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FedKim.Data.Files;

namespace FedKim.Data.Signals;

/// <summary>
/// Reads ECG-QA's questions about single records of PTB-XL (Oh et al. 2023): JSON files below <c>template</c> and <c>paraphrased</c>, or
/// named <c>template_train.json</c> and so on. A question is a sample: the record's <c>signal</c>, the question, its answers in words, and
/// the label 1 where the answer is yes. The patient is the record's, so that ECG-QA's people are PTB-XL's.
/// </summary>
internal sealed class EcgQa : IReader
{
    private const string Compares = "compares two records; only questions about one are read.";
    private const string NoSignal = "asks about a record whose signal is not here.";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };

    /// <inheritdoc/>
    public string Name => "ecg-qa";

    /// <inheritdoc/>
    public Modality Modality => Modality.Signal;

    /// <inheritdoc/>
    public ImmutableArray<string> Keys => ["records", "attribute", "wording"];

    /// <inheritdoc/>
    public bool AsksEach => true;

    /// <inheritdoc/>
    public IEnumerable<string> Folders(TaskSource source) => [source.Path, source.Records];

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Problem)> Problems(TaskSource source)
    {
        if (source.Records.Length == 0)
            yield return ("records", "is missing; set it to a text.");
    }

    /// <inheritdoc/>
    public IEnumerable<ListedSample> Read(DataPlace place)
    {
        var (source, folder, wanted, reading) = place;
        var ptbXl = new PtbXlRecords(SiteFile.Inside(place.Site, source.Records), source.Downsample);
        var byId = ptbXl.ById();
        // Several questions ask about one record; it is read once.
        var signals = new Dictionary<string, ImmutableSortedDictionary<string, Values>>(StringComparer.Ordinal);
        return
            from file in Files(source, folder)
            from question in Questions(file.Path)
            select ListedSamples.Of(wanted, () => Patient(question), () => source.Attribute.Length == 0 || question.AttributeType == source.Attribute
                ? Sample(file, question)
                : reading.NotAsked("asks about another attribute"));

        // A question about two records counts as that of the first one's patient, so that it is left out in one place.
        string? Patient(EcgQuestion question) => question.EcgId is [long first, ..] && byId.TryGetValue(Number(first), out var row) ? ptbXl.At(row).Patient : null;

        Sample? Sample((string Part, string Path) file, EcgQuestion question)
        {
            if (!question.QuestionType.StartsWith("single-", StringComparison.Ordinal) || question.EcgId is not [long id])
            {
                reading.LeftOut.Add(new LeftOut(file.Path, Compares));
                return null;
            }

            if (!byId.TryGetValue(Number(id), out var row) || ptbXl.At(row) is var record && !ptbXl.Has(record))
            {
                reading.LeftOut.Add(new LeftOut(file.Path, NoSignal));
                return null;
            }

            if (!signals.TryGetValue(record.Id, out var signal))
                signals.Add(record.Id, signal = ptbXl.Read(record));
            return new Sample(
                FormattableString.Invariant($"{file.Part}/{question.SampleId}"), record.Patient, signal, question.Answer is ["yes"] ? 1 : 0,
                question.Question, string.Join(", ", question.Answer));
        }
    }

    private static string Number(long id) => id.ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<(string Part, string Path)> Files(TaskSource source, string folder)
    {
        if (source.Wording is not ("template" or "paraphrased"))
            throw new DataException(folder, $"wording is '{source.Wording}'; it must be template or paraphrased.");
        (string Part, string Path)[] files =
        [
            .. from file in SiteFile.List(folder, path => Directory.EnumerateFiles(path, "*.json", SearchOption.AllDirectories))
               let name = Path.GetRelativePath(folder, file)
               where name.StartsWith(source.Wording, StringComparison.Ordinal) && name[source.Wording.Length] is '_' or '/'
               select (name[(source.Wording.Length + 1)..].Split('/', '.')[0], file),
        ];
        return files.Length > 0 ? files : throw new DataException(
            folder, $"has no questions; expected {source.Wording}_train.json, or {source.Wording}/train with files as 00000.json.");
    }

    private static List<EcgQuestion> Questions(string file)
    {
        List<EcgQuestion> questions;
        try
        {
            questions = JsonSerializer.Deserialize<List<EcgQuestion>>(TextFile.Read(file).Span, Json) ?? [];
        }
        catch (JsonException e)
        {
            throw new DataException(file, $"line {e.LineNumber + 1}, {e.Path}: is no list of ECG-QA's questions; restore it from its source.", e);
        }

        int bad = questions.FindIndex(q => q is null || string.IsNullOrWhiteSpace(q.Question) || q.Answer.Length == 0 || q.Answer.Any(string.IsNullOrWhiteSpace));
        return bad < 0 ? questions : throw new DataException(file, $"question {bad} has no text or no answer; restore the file from its source.");
    }

    private sealed record EcgQuestion
    {
        public required long SampleId { get; init; }

        public required string QuestionType { get; init; }

        public required string AttributeType { get; init; }

        public required string Question { get; init; }

        public required string[] Answer { get; init; }

        public required long[] EcgId { get; init; }
    }
}
