using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FedKim.Data;

/// <summary>Where a task's samples lie below a site's data folder, and which reader understands them.</summary>
public sealed record TaskSource
{
    /// <summary>The most groups that a column of groups may make.</summary>
    public const int MostGroups = 12;

    private const string UnwrittenLabel = "label";

    /// <summary>
    /// One of <see cref="DataSet.Readers"/>: <c>image-folder</c> reads PNG or JPEG with a CSV, <c>yaib</c> parquet, the others the published layout
    /// of the data set that they are named after, a package's own what it says itself.
    /// </summary>
    public required string Reader { get; init; }

    /// <summary>Folder below the site's data folder; files that its CSV names are relative to it.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// The label: a CSV column of 0 and 1, or, in the NIH's list of ChestX-ray14, one of its findings; for <c>ptbxl</c> <c>abnormal</c> or a
    /// comma-separated list of SCP codes and columns of
    /// notes such as <c>extra_beats</c>; for <c>yaib</c> and <c>physionet2012</c> the outcome column; for <c>chexpert</c> the finding's column; for
    /// <c>medmnist</c> the positive classes, <c>1</c> or
    /// <c>3,4</c>, of a multi-label set with their column, <c>2=1</c>, and class 1 where nothing is written; for <c>covid-radiography</c> the
    /// positive folder, <c>COVID</c> where nothing is written; for <c>rsna</c> the CSV's column, <c>Target</c> where nothing is written.
    /// Questions bring their answers.
    /// </summary>
    public string Label { get; init; } = UnwrittenLabel;

    /// <summary>For <c>image-folder</c>: the CSV's name.</summary>
    public string Csv { get; init; } = "labels.csv";

    /// <summary>For <c>image-folder</c>: the CSV's column with the image's file name.</summary>
    public string FileColumn { get; init; } = "file";

    /// <summary>For <c>image-folder</c>: the CSV's column with the patient's id.</summary>
    public string PatientColumn { get; init; } = "patient";

    /// <summary>
    /// For <c>image-folder</c>, <c>rsna</c> and <c>vqa-rad</c>: the folder below <see cref="Path"/> that the file names start from; empty for
    /// <see cref="Path"/> itself, or the set's own images folder.
    /// </summary>
    public string Images { get; init; } = "";

    /// <summary>For <c>medmnist</c>: the archive's name, e.g. <c>pneumoniamnist.npz</c>.</summary>
    public string File { get; init; } = "";

    /// <summary>
    /// The set's own parts to read; empty for all. <c>medmnist</c>: train, val, test; <c>chexpert</c>: train, valid; <c>vqa-rad</c>: train, test;
    /// <c>slake</c>: train, validate, test; <c>covid-radiography</c>: its class folders.
    /// </summary>
    public ImmutableArray<string> Parts { get; init; } = [];

    /// <summary>For <c>chexpert</c>: whether lateral views are read beside the frontal ones.</summary>
    public bool Lateral { get; init; }

    /// <summary>For <c>chexpert</c>: what a label of -1, uncertain, counts as.</summary>
    public Finding Uncertain { get; init; } = Finding.Ignore;

    /// <summary>For <c>chexpert</c>: what an empty label, a finding that the report does not mention, counts as.</summary>
    public Finding Unmentioned { get; init; } = Finding.Negative;

    /// <summary>For <c>vqa-rad</c> and <c>slake</c>: which questions are asked.</summary>
    public QuestionKind Questions { get; init; } = QuestionKind.All;

    /// <summary>For <c>slake</c>: the questions' language, <c>en</c> or <c>zh</c>.</summary>
    public string Language { get; init; } = "en";

    /// <summary>What becomes of a sample that is missing, corrupt, truncated, mislabelled or listed twice.</summary>
    public BadSample OnBadSample { get; init; } = BadSample.Refuse;

    /// <summary>Edge in pixels to which images are resized.</summary>
    public int ImageSize { get; init; } = 32;

    /// <summary>Bits that carry the values of PNGs of 16 bits, where these do not fill all 16 and their files do not say so (sBIT); 0 where the files say it.</summary>
    public int PictureBits { get; init; }

    /// <summary>Keep every n-th time step of a signal, after averaging n neighbours.</summary>
    public int Downsample { get; init; } = 1;

    /// <summary>For <c>ecg-qa</c>: PTB-XL's folder below the site's data folder, with the records that are asked about.</summary>
    public string Records { get; init; } = "";

    /// <summary>For <c>ecg-qa</c>: the attribute type that is asked about, e.g. <c>noise</c>; empty for all.</summary>
    public string Attribute { get; init; } = "";

    /// <summary>For <c>ecg-qa</c>: <c>paraphrased</c> or <c>template</c>, the two wordings in which every question is published.</summary>
    public string Wording { get; init; } = "paraphrased";

    /// <summary>For <c>yaib</c> and <c>physionet2012</c>: hours of a stay that are read, from its hour 0; hours without a value are unmeasured.</summary>
    public int Hours { get; init; } = 24;

    /// <summary>
    /// For <c>yaib</c>, of an outcome with a label an hour: hours after the last one that is read of which nothing is asked. A stay in which the
    /// outcome begins there is early, as one in which it began before.
    /// </summary>
    /// <remarks>YAIB's own tables need none: their labels are 1 from six hours before the onset on.</remarks>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Gap { get; init; }

    /// <summary>For <c>yaib</c>, of an outcome with a label an hour: how many hours are asked about, from the end of the gap; 0 for all that a stay still has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Horizon { get; init; }

    /// <summary>
    /// For <c>yaib</c>, of an outcome with a label an hour: whether a stay is left out in which it began before the hours that are asked about; null
    /// for on. Off, such a stay counts as positive: then the question is whether the patient has it, or will.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? ExcludeEarlyOnset { get; init; }

    /// <summary>For <c>yaib</c> and <c>physionet2012</c>: modality → its variables, in the order in which an encoder sees them.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<Variable>> Variables { get; init; } =
        ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty;

    /// <summary>
    /// The path of the source whose patients these are, where two sources know the same people by the same ids; empty when its patients are
    /// its own, or those of <see cref="Records"/>. Data are dealt by patient, so that nobody stands in two places by way of two sources.
    /// </summary>
    public string PatientsOf { get; init; } = "";

    /// <summary>Whether everybody with a sample here is dealt to the test data, for every task over the same patients.</summary>
    public bool HeldOut { get; init; }

    /// <summary>What decides where its people are dealt: see <see cref="SplitBy"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SplitBy Split { get; init; }

    /// <summary>For <c>covid-radiography</c>: whether it may stand beside a source whose people it has among its own.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public SharedPeople SharedPeople { get; init; }

    /// <summary>
    /// The column that says to which group a sample belongs, such as <c>sex</c>: of what is measured, rates are told of each group, too. Null where nobody
    /// asks. Hospitals do not read it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GroupColumn { get; init; }

    /// <summary>Numbers, each above the one before, at which a column of numbers is cut into groups; null where its cells are the groups' names.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<double>? GroupCuts { get; init; }

    /// <summary>Names the people: sources with the same pool have them in common.</summary>
    [JsonIgnore]
    public string Pool => PatientsOf.Length > 0 ? PatientsOf : Records.Length > 0 ? Records : Path;

    /// <summary>What the reader's own settings are set to (<see cref="IReader.Settings"/>); null where it has none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, string>? Settings { get; init; }

    /// <summary>Every folder below the site's data folder that the reader reads from.</summary>
    [JsonIgnore]
    internal IEnumerable<string> Folders => Known?.Folders(this) ?? [Path];

    /// <summary>What its samples are; null where no reader of this name is known.</summary>
    [JsonIgnore]
    public Modality? Modality => Known?.Modality;

    /// <summary>Whether the reader's samples bring questions and answers of their own.</summary>
    [JsonIgnore]
    public bool AsksEach => Known?.AsksEach ?? false;

    /// <summary>Whether some answers are neither yes nor no.</summary>
    [JsonIgnore]
    public bool AnswersInWords => Known?.AnswersInWords(this) ?? false;

    /// <summary>What <see cref="Parts"/> may name; null where the data's own folder says it.</summary>
    [JsonIgnore]
    public ImmutableArray<string>? OwnParts => Known is { } reader ? reader.Parts : [];

    /// <summary>Whether each of its samples says in which part its publisher put it.</summary>
    [JsonIgnore]
    public bool IsParted => Known?.IsParted ?? false;

    /// <summary>The same samples without their groups, as everybody reads them who does not measure.</summary>
    public TaskSource WithoutGroups() => GroupColumn is null ? this : this with { GroupColumn = null, GroupCuts = null };

    /// <summary>Whom it has in common with another source without a name for them, in words, where that is not accepted; else null.</summary>
    public string? SharedWith(TaskSource other) => SharedPeople == SharedPeople.Accepted ? null : Known?.SharedWith(this, other);

    /// <summary>What its reader finds wrong with it, by key.</summary>
    public IEnumerable<(string Key, string Problem)> Problems() => Known?.Problems(this) ?? [];

    private IReader? Known => DataSet.Readers.Find(Reader);

    /// <summary>The label, or a reader's own where none is written.</summary>
    internal string LabelOr(string own) => Label == UnwrittenLabel ? own : Label;

    /// <summary>Those of a set's parts that are to be read, in the set's order.</summary>
    /// <exception cref="DataException">A part is named that the set does not have.</exception>
    internal string[] PartsOf(string folder, params string[] all)
    {
        if (Parts.Except(all).FirstOrDefault() is { } unknown)
            throw new DataException(folder, $"this set has no part '{unknown}'; its parts are {string.Join(", ", all)}.");
        return Parts.IsEmpty ? all : [.. all.Where(part => Parts.Contains(part))];
    }
}
