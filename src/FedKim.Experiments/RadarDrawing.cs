using ScottPlot;

namespace FedKim.Experiments;

/// <summary>Draws a radar, with rings at every fifth of the full rate 1.</summary>
public static class RadarDrawing
{
    private const int Width = 1000, Height = 760;
    private const int Rings = 5;
    private const double FullRate = 1, LabelPadding = 0.15;

    /// <summary>The drawing as PNG, and as SVG.</summary>
    public static (byte[] Png, string Svg) Of(Radar radar)
    {
        using var plot = new Plot();
        var drawn = plot.Add.Radar([.. radar.Lines.Select(line => line.Values.AsEnumerable())]);
        // The rate that most spokes show stands in the title, any other at its spoke.
        string common = radar.Rates.CountBy(rate => rate, StringComparer.Ordinal).MaxBy(rate => rate.Value).Key;
        drawn.PolarAxis.SetSpokes([.. radar.Tasks.Zip(radar.Rates, (task, rate) => rate == common ? task : $"{task} ({Rate.Title(rate)})")], FullRate);
        foreach (var spoke in drawn.PolarAxis.Spokes)
            spoke.LabelPaddingFraction = LabelPadding;
        double[] rings = [.. Enumerable.Range(1, Rings).Select(ring => ring * FullRate / Rings)];
        drawn.PolarAxis.SetCircles(rings, [.. rings.Select(ring => ring.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture))]);
        drawn.PolarAxis.StraightLines = true;
        var palette = new ScottPlot.Palettes.ColorblindFriendly();
        for (int i = 0; i < radar.Lines.Length; i++)
        {
            var (series, name) = (drawn.Series[i], radar.Lines[i].Name);
            // Black and grey are not among the methods' colours; they are the bars that all of them have to clear.
            bool bar = name is Radar.BestConstant or Radar.BestSmallModels or Verdicts.BareModel;
            var colour = name == Radar.BestConstant ? Colors.Black : bar ? Colors.Gray : palette.GetColor(i + 1);
            series.LegendText = name;
            series.FillColor = colour.WithAlpha(bar ? 0 : 0.08);
            series.LineColor = colour;
            series.LineWidth = 2;
            series.LinePattern = name == Verdicts.BareModel ? LinePattern.Dotted : bar ? LinePattern.Dashed : LinePattern.Solid;
        }
        plot.HideAxesAndGrid();
        plot.Title($"{radar.Title} ({Rate.Title(common)})");
        plot.Axes.Title.IsVisible = true;
        plot.ShowLegend(Edge.Right);
        return Picture.Of(plot, Width, Height);
    }
}
