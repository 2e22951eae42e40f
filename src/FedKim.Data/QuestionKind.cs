using System.Text.Json.Serialization;

namespace FedKim.Data;

/// <summary>Questions by the answer they want.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<QuestionKind>))]
public enum QuestionKind
{
    /// <summary>Every question.</summary>
    All,

    /// <summary>Those that the set calls closed: yes or no, or one of a few choices.</summary>
    Closed,

    /// <summary>Those that the set calls open.</summary>
    Open,

    /// <summary>Those that are answered yes or no: the only ones whose label says something.</summary>
    YesNo,
}
