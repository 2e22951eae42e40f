using FedKim.Commands.Client;
using FedKim.Commands.Palettes;

namespace FedKim.Pbm;

/// <summary>What a node of this client's own version knows, without packages; asks nobody.</summary>
internal static class OwnCatalogue
{
    private static readonly Lazy<PaletteSet> Read = new(() =>
    {
        using var text = typeof(OwnCatalogue).Assembly.GetManifestResourceStream("catalogue.json")!;
        return Catalogue.Read(text);
    });

    /// <summary>The palettes.</summary>
    public static PaletteSet Palettes => Read.Value;
}
