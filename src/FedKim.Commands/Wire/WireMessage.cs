using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FedKim.Commands;

/// <summary>The lines of the wire protocol, as README.md describes them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Hello), "hello")]
[JsonDerivedType(typeof(Request), "request")]
[JsonDerivedType(typeof(Cancel), "cancel")]
[JsonDerivedType(typeof(Welcome), "welcome")]
[JsonDerivedType(typeof(Row), "row")]
[JsonDerivedType(typeof(Part), "part")]
[JsonDerivedType(typeof(End), "end")]
[JsonDerivedType(typeof(Error), "error")]
internal abstract record WireMessage
{
    /// <summary>Raised with every change that an older peer would misunderstand.</summary>
    public const int ProtocolVersion = 1;

    /// <summary>Longest line a client may send, bytes: room for a federation file.</summary>
    public const int LongestClientLine = 256 * 1024;

    /// <summary>Longest line a host may send, bytes.</summary>
    public const int LongestHostLine = 1024 * 1024;

    /// <summary>Longest piece of a row, bytes; in base64 it fits into a host's line.</summary>
    public const int LongestPart = 512 * 1024;

    /// <summary>Longest row that a client takes in pieces, bytes.</summary>
    public const int LongestRow = 256 * 1024 * 1024;

    /// <summary>Client: what it speaks. The first line.</summary>
    public sealed record Hello(int Protocol) : WireMessage;

    /// <summary>Client: run a command. Requests are answered one after another, in the order in which they came.</summary>
    public sealed record Request(long Id, string Palette, string Command, Dictionary<string, string> Switches) : WireMessage;

    /// <summary>Client: stop the command of that id, if it still runs.</summary>
    public sealed record Cancel(long Id) : WireMessage;

    /// <summary>Host: the answer to the hello.</summary>
    public sealed record Welcome(int Protocol, string Node, ImmutableArray<CommandPalette> Palettes) : WireMessage;

    /// <summary>Host: one row of an answer.</summary>
    public sealed record Row(long Id, CommandRow Fields) : WireMessage;

    /// <summary>Host: a piece of the UTF-8 JSON of a row's fields that is longer than a line; the row is whole with its last piece.</summary>
    public sealed record Part(long Id, byte[] Bytes, bool Last) : WireMessage;

    /// <summary>Host: the answer is complete, or was cancelled.</summary>
    public sealed record End(long Id) : WireMessage;

    /// <summary>Host: the command of that id failed; without an id, the connection ends after this line.</summary>
    public sealed record Error(CommandFault Fault, string Message, long? Id = null) : WireMessage;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(WireMessage))]
[JsonSerializable(typeof(CommandRow))]
internal sealed partial class WireJson : JsonSerializerContext;
