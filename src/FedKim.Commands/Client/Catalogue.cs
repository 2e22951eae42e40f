using System.Text.Json;
using FedKim.Commands.Palettes;
using FedKim.Commands.Wire;

namespace FedKim.Commands.Client;

/// <summary>A node's palettes as a text, for a client that asks no node: what <c>GET /commands</c> tells.</summary>
public static class Catalogue
{
    /// <summary>The text of these palettes.</summary>
    public static string Write(PaletteSet palettes) => ReadableJson.Of(json =>
        JsonSerializer.Serialize(json, new CommandProtocol.Greeting(CommandProtocol.Version, "", palettes.All), WireJson.Default.Greeting)) + "\n";

    /// <summary>The palettes of a text.</summary>
    /// <exception cref="JsonException">It is no such text.</exception>
    /// <exception cref="ArgumentException">The palettes are not well formed.</exception>
    public static PaletteSet Read(Stream text) => new((JsonSerializer.Deserialize(text, WireJson.Default.Greeting) ?? throw new JsonException("null")).Palettes);
}
