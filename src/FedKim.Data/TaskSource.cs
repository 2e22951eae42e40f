using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FedKim.Data;

/// <summary>Where a task's samples lie below a site's data folder, and which reader understands them.</summary>
public sealed record TaskSource
{
    /// <summary>
    /// <c>image-folder</c> (PNG or JPEG with a CSV), <c>ptbxl</c> (WFDB with PTB-XL's CSV files), <c>ecg-qa</c> (questions about PTB-XL's
    /// records), <c>yaib</c> (parquet) or <c>physionet2012</c> (a text file a stay).
    /// </summary>
    public required string Reader { get; init; }

    /// <summary>Folder below the site's data folder; files that its CSV names are relative to it.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// The label: a CSV column of 0 and 1; for <c>ptbxl</c> <c>abnormal</c> or a comma-separated list of SCP codes and columns of
    /// notes such as <c>extra_beats</c>; for <c>yaib</c> and <c>physionet2012</c> the outcome column. <c>ecg-qa</c> asks for none: its questions bring their answers.
    /// </summary>
    public string Label { get; init; } = "label";

    /// <summary>For <c>image-folder</c>: the CSV's name.</summary>
    public string Csv { get; init; } = "labels.csv";

    /// <summary>For <c>image-folder</c>: the CSV's column with the image's file name.</summary>
    public string FileColumn { get; init; } = "file";

    /// <summary>For <c>image-folder</c>: the CSV's column with the patient's id.</summary>
    public string PatientColumn { get; init; } = "patient";

    /// <summary>For <c>image-folder</c>: the folder below <see cref="Path"/> that the file names start from; empty for <see cref="Path"/> itself.</summary>
    public string Images { get; init; } = "";

    /// <summary>Edge in pixels to which images are resized.</summary>
    public int ImageSize { get; init; } = 32;

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

    /// <summary>Names the people: sources with the same pool have them in common.</summary>
    [JsonIgnore]
    public string Pool => PatientsOf.Length > 0 ? PatientsOf : Records.Length > 0 ? Records : Path;
}
