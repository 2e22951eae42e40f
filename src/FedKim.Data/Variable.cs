using System.Text.Json.Serialization;

namespace FedKim.Data;

/// <summary>A clinical variable and the fixed constants it is standardised by, in its data set's own unit.</summary>
/// <param name="Column">
/// The data set's name for it; of several, separated by commas, the first with a value in the hour counts. <c>none</c> where the data set
/// does not have it: then it is never measured.
/// </param>
/// <param name="Mean">Becomes 0.</param>
/// <param name="Deviation">Becomes 1; above 0.</param>
public sealed record Variable(string Column, double Mean, double Deviation)
{
    /// <summary>What it is called in whatever data set: tasks that share a modality have the same names in the same order.</summary>
    public string Name { get; init; } = Column;

    /// <summary>Values below it are slips of the hand or the device and taken for unmeasured; null without such a bound.</summary>
    public double? Least { get; init; }

    /// <summary>Values above it are slips of the hand or the device and taken for unmeasured; null without such a bound.</summary>
    public double? Most { get; init; }

    /// <summary>The data set's names for it, the preferred one first.</summary>
    [JsonIgnore]
    public string[] Columns => Column == "none" ? [] : Column.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
