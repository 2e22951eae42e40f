using System.Collections.Immutable;

namespace FedKim.Data;

/// <summary>A setting of a task's source in a federation file: what it means, said once for those who read files and those who read pages.</summary>
/// <param name="Name">The key.</param>
/// <param name="Words">What it says.</param>
public sealed record SourceKey(string Name, string Words)
{
    /// <summary>What every reader minds.</summary>
    public static ImmutableArray<SourceKey> OfAll { get; } =
    [
        new("path", "The folder below the site's data folder. It must be said."),
        new("on-bad-sample", "What becomes of a sample that is missing, corrupt, mislabelled or listed twice: refuse stops with an error, skip leaves it out and tells."),
        new("patients-of", "The path of the task's source whose patients these are, where two sources know the same people by the same ids. Empty: its patients are its own."),
        new("held-out", "Whether everybody with a sample here is dealt to the test data, for every task over the same patients; of a zero-shot task."),
        new("split", "What decides where people are dealt: patient, each anew by the seed; published, the parts that the set's publisher made, where its reader knows them."),
    ];

    /// <summary>What readers of a kind of input mind besides.</summary>
    public static ImmutableArray<SourceKey> Of(Modality modality) =>
        modality == Modality.Image ? [new("image-size", "Edge in pixels to which pictures are resized.")]
        : modality == Modality.Signal ? [new("downsample", "Keep every n-th time step, after averaging n neighbours.")]
        :
        [
            new("hours", "Hours of a stay that are read, from its hour 0; hours without a value are unmeasured."),
            new("variables", "Modality by modality, the variables in the order in which an encoder sees them: column, mean, deviation, least, most."),
        ];

    /// <summary>What some readers mind: see <see cref="IReader.Keys"/>.</summary>
    public static ImmutableArray<SourceKey> OfSome { get; } =
    [
        new("label", "What is asked: a column, a finding or a class; the reader's list says how it is written."),
        new("parts", "The set's own parts to read. Empty: all."),
        new("csv", "Name of the list of pictures."),
        new("file-column", "The list's column with a picture's file name."),
        new("patient-column", "The list's column with the patient's id."),
        new("images", "The folder below the path that file names start from. Empty: the path itself, or the set's own folder of images."),
        new("file", "The archive's name, such as pneumoniamnist.npz."),
        new("picture-bits", "Bits that carry the values of PNGs of 16 bits, where these do not fill all 16 and their files do not say so (sBIT). 0: the files say it."),
        new("lateral", "Whether lateral views are read beside the frontal ones."),
        new("uncertain", "What a label of -1, uncertain, counts as: ignore, negative or positive."),
        new("unmentioned", "What an empty label, a finding that the report does not mention, counts as: ignore, negative or positive."),
        new("questions", "Which questions are asked: all, closed, open or yes-no."),
        new("language", "The questions' language, en or zh."),
        new("records", "PTB-XL's folder below the site's data folder, with the records that are asked about."),
        new("attribute", "The attribute type that is asked about, such as noise. Empty: all."),
        new("shared-people", "Whether it may stand beside a source whose people it has among its own, under other names: refused or accepted."),
        new("gap", "Of an outcome with a label an hour: hours after the last one that is read of which nothing is asked."),
        new("horizon", "Of an outcome with a label an hour: how many hours are asked about, from the end of the gap. 0: all that a stay still has."),
        new("exclude-early-onset", "Of an outcome with a label an hour: whether a stay is left out in which it began before the hours that are asked about; on where nothing is written. Off: it counts as positive."),
        new("wording", "One of the two wordings in which every question is published: paraphrased or template."),
        new("group-column", "The column that says to which group a sample belongs, such as sex: results tell the rates of each group, too. Hospitals do not read it."),
        new("group-cuts", "Numbers, in ascending order, that cut a group-column of numbers: [40, 65] makes below 40, 40 to 64, and 65 or more."),
    ];

    /// <summary>What a reader minds, or may: everything where it does not say.</summary>
    public static IEnumerable<SourceKey> Of(IReader reader) =>
        reader.Keys.IsEmpty ? All : [.. OfAll, .. Of(reader.Modality), .. OfSome.Where(key => reader.Keys.Contains(key.Name))];

    /// <summary>What any reader minds.</summary>
    public static IEnumerable<SourceKey> All => [.. OfAll, .. Of(Modality.Image), .. Of(Modality.Signal), .. Of(Modality.Table), .. OfSome];
}
