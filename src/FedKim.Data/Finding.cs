using System.Text.Json.Serialization;

namespace FedKim.Data;

/// <summary>What an open label counts as.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Finding>))]
public enum Finding
{
    /// <summary>The image is no sample of the task.</summary>
    Ignore,

    /// <summary>As 0.</summary>
    Negative,

    /// <summary>As 1.</summary>
    Positive,
}
