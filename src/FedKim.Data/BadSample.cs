using System.Text.Json.Serialization;

namespace FedKim.Data;

/// <summary>What becomes of a bad sample.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BadSample>))]
public enum BadSample
{
    /// <summary>It stops the reading with an error.</summary>
    Refuse,

    /// <summary>It is left out and reported (<see cref="DataSet.LeftOut"/>).</summary>
    Skip,
}
