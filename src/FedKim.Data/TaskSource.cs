using System.Collections.Immutable;

namespace FedKim.Data;

/// <summary>Where a task's samples lie below a site's data folder, and which reader understands them.</summary>
public sealed record TaskSource
{
    /// <summary><c>image-folder</c> (PNG or JPEG with a CSV), <c>ptbxl</c> (WFDB with PTB-XL's CSV files) or <c>yaib</c> (parquet).</summary>
    public required string Reader { get; init; }

    /// <summary>Folder below the site's data folder; files that its CSV names are relative to it.</summary>
    public required string Path { get; init; }

    /// <summary>The label: a CSV column of 0 and 1; for <c>ptbxl</c> <c>abnormal</c> or a comma-separated list of SCP codes; for <c>yaib</c> the outcome column.</summary>
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

    /// <summary>For <c>yaib</c>: hours of a stay that are read, from its hour 0; hours without a row are unmeasured.</summary>
    public int Hours { get; init; } = 24;

    /// <summary>For <c>yaib</c>: modality → its columns of dyn.parquet, with the mean and standard deviation they are standardised by.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<Variable>> Variables { get; init; } =
        ImmutableSortedDictionary<string, ImmutableArray<Variable>>.Empty;
}

/// <summary>A clinical variable and the fixed constants it is standardised by.</summary>
public sealed record Variable(string Column, double Mean, double Deviation);
