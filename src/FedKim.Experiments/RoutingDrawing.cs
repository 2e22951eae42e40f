using System.Collections.Immutable;
using FedKim.Learning;
using ScottPlot;

namespace FedKim.Experiments;

/// <summary>Draws how a router weighs the experts: a row a task, a column an expert, darker where an expert counts more.</summary>
public static class RoutingDrawing
{
    private const int Width = 1000, RowHeight = 60, Frame = 180;

    /// <summary>The drawing as PNG, and as SVG.</summary>
    /// <param name="title">What stands above it.</param>
    /// <param name="routing">The tasks' weights, at least one task.</param>
    public static (byte[] Png, string Svg) Of(string title, ImmutableArray<TaskRouting> routing)
    {
        using var plot = new Plot();
        int experts = routing[0].Alpha.Length;
        double[,] weights = new double[routing.Length, experts];
        for (int task = 0; task < routing.Length; task++)
        {
            for (int expert = 0; expert < experts; expert++)
                weights[task, expert] = routing[task].Alpha[expert];
        }
        var map = plot.Add.Heatmap(weights);
        map.Colormap = new ScottPlot.Colormaps.Grayscale().Reversed();
        // The same colour is the same weight in every drawing.
        map.ManualRange = new ScottPlot.Range(0, 1);
        plot.Add.ColorBar(map);
        plot.Axes.Margins(0, 0);
        // The first row of the numbers is the uppermost.
        plot.Axes.Left.SetTicks([.. routing.Select((_, task) => (double)(routing.Length - 1 - task))], [.. routing.Select(task => task.Task)]);
        plot.Axes.Bottom.SetTicks([.. Enumerable.Range(0, experts).Select(expert => (double)expert)], [.. Enumerable.Range(1, experts).Select(expert => $"{expert}")]);
        plot.XLabel("expert");
        plot.Title(title);
        plot.HideGrid();
        int height = Frame + (RowHeight * routing.Length);
        return Picture.Of(plot, Width, height);
    }
}
