using System.Text.Json.Serialization;

namespace FedKim.Data;

/// <summary>What decides where a task's people are dealt.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SplitBy>))]
public enum SplitBy
{
    /// <summary>Each patient anew, by the seed.</summary>
    Patient,

    /// <summary>The publisher's parts: its test part is test data, its validation part development data, and patients of the rest are dealt to hospitals and public data.</summary>
    Published,
}
