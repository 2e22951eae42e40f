using SkiaSharp;

namespace FedKim.Experiments.Tests;

public sealed class RadarDrawingTests
{
    private static readonly Radar Radar = new(
        "Zero-shot tasks", ["effusion", "sepsis", "vqa-rad"], ["accuracy", "accuracy", "bleu"], [("FedKIM", [0.9, 0.6, 0.7]), ("FedPlug", [0.5, 0.6, 0.8])], []);

    [Fact]
    public void The_picture_is_a_png_on_which_more_is_drawn_where_the_numbers_are_larger()
    {
        var (png, _) = RadarDrawing.Of(Radar with { Lines = [("FedKIM", [0.9, 0.9, 0.9])] });
        var (smaller, _) = RadarDrawing.Of(Radar with { Lines = [("FedKIM", [0.3, 0.3, 0.3])] });

        Assert.True(Coloured(png) > 2 * Coloured(smaller));
    }

    [Fact]
    public void The_vector_drawing_is_one_document_and_names_what_it_shows()
    {
        string svg = RadarDrawing.Of(Radar).Svg;

        Assert.Equal("svg", System.Xml.Linq.XDocument.Parse(svg).Root!.Name.LocalName);
        Assert.Contains("Zero-shot tasks (accuracy)", svg);
        Assert.Contains("vqa-rad (BLEU)", svg);
        Assert.DoesNotContain("sepsis (", svg);
        Assert.All(Radar.Tasks, task => Assert.Contains(task, svg));
        Assert.All(Radar.Lines, line => Assert.Contains(line.Name, svg));
    }

    [Fact]
    public void The_same_numbers_give_the_same_bytes_whatever_else_was_drawn()
    {
        var (png, svg) = RadarDrawing.Of(Radar);
        RadarDrawing.Of(Radar with { Title = "Another" });
        var (again, svgAgain) = RadarDrawing.Of(Radar);

        Assert.Equal(png, again);
        Assert.Equal(svg, svgAgain);
        // Every part that is named is there.
        Assert.All(System.Text.RegularExpressions.Regex.Matches(svg, @"url\(#([^)]+)\)"), named => Assert.Contains($" id=\"{named.Groups[1].Value}\"", svg));
    }

    private static int Coloured(byte[] png)
    {
        using var bitmap = SKBitmap.Decode(png);
        Assert.NotNull(bitmap);
        return bitmap.Pixels.Count(p => Math.Max(p.Red, Math.Max(p.Green, p.Blue)) - Math.Min(p.Red, Math.Min(p.Green, p.Blue)) > 20);
    }
}
