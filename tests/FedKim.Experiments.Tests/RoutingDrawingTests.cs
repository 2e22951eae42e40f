using System.Xml.Linq;
using FedKim.Learning;
using SkiaSharp;

namespace FedKim.Experiments.Tests;

public sealed class RoutingDrawingTests
{
    [Fact]
    public void A_router_is_drawn_with_its_tasks_and_experts_whatever_its_size()
    {
        TaskRouting[] routing = [new("lung <opacity>", [0.7, 0.2, 0.1], [], 2, ""), new("pneumonia", [0, 0, 1], [], 1, "")];

        var (png, svg) = RoutingDrawing.Of("How it weighs", [.. routing]);

        using var picture = SKBitmap.Decode(png);
        Assert.Equal((1000, 300), (picture.Width, picture.Height));
        string[] words = [.. XDocument.Parse(svg).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value.Trim())];
        Assert.Empty(((string[])["lung <opacity>", "pneumonia", "1", "2", "3", "How it weighs", "expert"]).Except(words));
        // The same weights are the same picture.
        Assert.Equal(png, RoutingDrawing.Of("How it weighs", [.. routing]).Png);
    }
}
