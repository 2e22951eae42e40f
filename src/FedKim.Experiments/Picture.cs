using System.Globalization;
using System.Text.RegularExpressions;
using ScottPlot;

namespace FedKim.Experiments;

/// <summary>A plot as files: the same numbers give the same bytes.</summary>
public static partial class Picture
{
    /// <summary>The plot as PNG, and as SVG.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    public static (byte[] Png, string Svg) Of(Plot plot, int width, int height) => (plot.GetImageBytes(width, height, ImageFormat.Png), Numbered(plot.GetSvgXml(width, height)));

    // Skia numbers the parts that others name by all that the process has drawn so far; here they count from 1 in every drawing.
    private static string Numbered(string svg)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match id in Ids().Matches(svg))
            names.TryAdd(id.Value, string.Create(CultureInfo.InvariantCulture, $"part-{names.Count + 1}"));
        return References().Replace(svg, reference => names.GetValueOrDefault(reference.Value, reference.Value));
    }

    [GeneratedRegex("(?<= id=\")[^\"]+(?=\")")]
    private static partial Regex Ids();

    [GeneratedRegex("""(?<= id="|url\(#|href="#)[^")]+(?="|\))""")]
    private static partial Regex References();
}
