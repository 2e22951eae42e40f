using System.Text.Json.Serialization;

namespace FedKim.Data;

/// <summary>What becomes of a source that has people in common with another one, without a name by which anybody could tell.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SharedPeople>))]
public enum SharedPeople
{
    /// <summary>The federation file is refused.</summary>
    Refused,

    /// <summary>Both are read: somebody may be trained on in one task and measured with in another.</summary>
    Accepted,
}
