using FedKim.Data.Clinical;
using FedKim.Data.Files;

namespace FedKim.Data;

/// <summary>One task's data at one place, for a reader.</summary>
/// <param name="Source">What the federation file says of them.</param>
/// <param name="Folder">The data set's folder; it exists.</param>
/// <param name="Wanted">Whether a patient's samples are read here. Asked before a sample is decoded.</param>
/// <param name="Reading">Told what there is besides the samples.</param>
public sealed record DataPlace(TaskSource Source, string Folder, Func<string, bool> Wanted, Reading Reading)
{
    /// <summary>The site's data folder.</summary>
    internal string Site { get; init; } = "";

    /// <summary>How far the variables of a table reach.</summary>
    internal VariableRanges Ranges { get; init; } = new(Source);

    /// <summary>A file that the data name, by the name that they have for it.</summary>
    /// <exception cref="DataException">It is missing, or does not lie below <see cref="Folder"/>.</exception>
    public string File(string name) => SiteFile.Below(Folder, name, problem => new DataException(Folder, problem));
}
