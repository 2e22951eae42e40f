using System.Collections.Immutable;
using System.Text.Json.Serialization;
using FedKim.Commands.Answers;
using FedKim.Commands.Palettes;

namespace FedKim.Commands.Wire;

/// <summary>What goes over the command port, as README.md describes it: HTTP with bodies of JSON.</summary>
internal static class CommandProtocol
{
    /// <summary>Raised with every change that an older peer would misunderstand.</summary>
    public const int Version = 2;

    /// <summary>What there is to command is read here, and commands are sent here.</summary>
    public const string Path = "/commands";

    /// <summary>The type of an answer: a line of JSON a row.</summary>
    public const string Lines = "application/x-ndjson";

    /// <summary>The member of the line that says why an answer broke off. No row is like it: fields hold no objects.</summary>
    public const string Error = "error";

    /// <summary>Longest command a host takes, bytes: room for a federation file.</summary>
    public const int LongestCommand = 256 * 1024;

    /// <summary>Longest greeting a client takes, bytes.</summary>
    public const int LongestGreeting = 1024 * 1024;

    /// <summary>Longest line a client takes, bytes.</summary>
    public const int LongestLine = 256 * 1024 * 1024;

    /// <summary>What a node says of itself: all that a client knows of it.</summary>
    public sealed record Greeting(int Protocol, string Node, ImmutableArray<CommandPalette> Palettes);

    /// <summary>A command to run, its switches by their long names.</summary>
    public sealed record Request(string Palette, string Command, Dictionary<string, string>? Switches = null);

    /// <summary>What whoever watches is told first: who answers, who asks, and whether that one may change something.</summary>
    /// <param name="Now">The node's time, in milliseconds since 1970 (UTC).</param>
    public sealed record Hello(string Node, string Caller, bool MayChange, long Now);

    /// <summary>The line that ends an answer which is not complete.</summary>
    public sealed record Broken(Reason Error);

    /// <summary>Why there is no answer, or no more of it.</summary>
    public sealed record Reason(CommandFault Fault, string Message);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(CommandProtocol.Greeting))]
[JsonSerializable(typeof(CommandProtocol.Request))]
[JsonSerializable(typeof(CommandProtocol.Broken))]
[JsonSerializable(typeof(CommandProtocol.Hello))]
[JsonSerializable(typeof(CommandRow))]
internal sealed partial class WireJson : JsonSerializerContext;
