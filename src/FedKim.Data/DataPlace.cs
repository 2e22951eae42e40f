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

    /// <summary>The group of a sample, by its cell in the source's <see cref="TaskSource.GroupColumn"/>; null where the source names none.</summary>
    /// <param name="cell">The cell, empty where it is not known.</param>
    /// <param name="at">Makes an error that says where the cell stands, from what is wrong with it.</param>
    /// <exception cref="DataException">The cell names no group.</exception>
    public string? Group(string cell, Func<string, DataException> at) => Source.GroupColumn is null ? null : SampleGroup.Of(Source, cell, at);

    /// <summary>A file that the data name, by the name that they have for it.</summary>
    /// <exception cref="DataException">It is missing, or does not lie below <see cref="Folder"/>.</exception>
    public string File(string name) => SiteFile.Below(Folder, name, problem => new DataException(Folder, problem));
}
