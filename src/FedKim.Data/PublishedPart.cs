using System.Text.Json.Serialization;

namespace FedKim.Data;

/// <summary>In which part of a data set its publisher put a sample: whoever reports figures on the set keeps these apart. The later one counts more.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PublishedPart>))]
public enum PublishedPart
{
    /// <summary>To learn from.</summary>
    Train,

    /// <summary>To choose settings by.</summary>
    Development,

    /// <summary>What published figures are measured on.</summary>
    Test,
}
