using System.Globalization;
using System.Security;
using System.Text;

namespace FedKim.Chaos.Results;

/// <summary>Draws what happened in every scenario as SVG: a lane for faults and one for each round, all to one scale of seconds.</summary>
internal static class TimelineDrawing
{
    private const int Left = 20;
    private const int LaneNames = 90;
    private const int Width = 1200;
    private const int Lane = 16;
    private const int Title = 20;
    private const int Gap = 14;
    private const int Top = 60;
    private const double LeastSeconds = 5;

    private static readonly (string Phase, string Colour)[] Colours =
    [
        ("Opened", "#cfd8dc"), ("Training", "#90caf9"), ("Aggregating", "#ffcc80"), ("Injecting", "#a5d6a7"), ("Publishing", "#ce93d8"), ("fault", "#ef5350"),
    ];

    /// <summary>The drawing of these results.</summary>
    public static string Of(IReadOnlyList<ScenarioResult> results)
    {
        ScenarioResult[] drawn = [.. results.Where(r => r.NotRunnable.Length == 0)];
        double seconds = Math.Max(LeastSeconds, drawn.Select(r => r.Timeline.End).DefaultIfEmpty(0).Max());
        double scale = (Width - Left - LaneNames) / seconds;
        var svg = new StringBuilder();
        int y = Top;
        foreach (var result in drawn)
            y = Draw(svg, result, y, scale);
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{Width + Left}" height="{y + Gap}" font-family="sans-serif" font-size="11">
            <rect width="100%" height="100%" fill="white"/>
            {Legend()}{Scale(seconds, scale, y)}{svg}</svg>

            """;
    }

    private static int Draw(StringBuilder svg, ScenarioResult result, int y, double scale)
    {
        string colour = result.IsGood ? "#1b5e20" : "#b71c1c";
        string recovery = result.RecoverySeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $", recovered in {seconds:0.00} s") : "";
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{y + 12}\" font-weight=\"bold\" fill=\"{colour}\">{Text(result.Scenario.Name)}{recovery}</text>\n");
        y += Title;
        string[] lanes = ["faults", "round 1", "round 2"];
        foreach (string lane in lanes.Where(l => l == "faults" || result.Timeline.Spans.Any(s => s.Text == l)))
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{y + 12}\" fill=\"#616161\">{lane}</text>\n");
            foreach (var span in result.Timeline.Spans.Where(s => lane == "faults" ? s.Kind == "fault" : s.Text == lane))
            {
                svg.Append(CultureInfo.InvariantCulture,
                    $"<rect x=\"{X(span.From, scale):0.0}\" y=\"{y + 2}\" width=\"{Math.Max(1, (span.To - span.From) * scale):0.0}\" height=\"{Lane - 4}\" fill=\"{ColourOf(span.Kind)}\"><title>{Text($"{span.Kind}: {span.Text}, {span.From:0.00} to {span.To:0.00} s")}</title></rect>\n");
            }

            foreach (var mark in result.Timeline.Marks.Where(m => lane == "faults" ? m.Kind is not "event" : m.Kind == "event" && m.Text.StartsWith($"{lane}:", StringComparison.Ordinal)))
                svg.Append(Of(mark, X(mark.At, scale), y));
            y += Lane;
        }

        return y + Gap;
    }

    private static string Of(Mark mark, double x, int y)
    {
        string shape = mark.Kind switch
        {
            "fault" => string.Create(CultureInfo.InvariantCulture, $"<path d=\"M{x - 4:0.0} {y + 4}l8 8m0 -8l-8 8\" stroke=\"#b71c1c\" stroke-width=\"2\">"),
            "start" => string.Create(CultureInfo.InvariantCulture, $"<path d=\"M{x - 4:0.0} {y + 12}l4 -8l4 8z\" fill=\"#1565c0\">"),
            "recovered" => string.Create(CultureInfo.InvariantCulture, $"<path d=\"M{x:0.0} {y + 8}m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0\" fill=\"#1b5e20\">"),
            _ => string.Create(CultureInfo.InvariantCulture, $"<path d=\"M{x:0.0} {y + 2}v{Lane - 4}\" stroke=\"#37474f\" stroke-width=\"1\">"),
        };
        return $"{shape}<title>{Text(string.Create(CultureInfo.InvariantCulture, $"{mark.Text}, {mark.At:0.00} s"))}</title></path>\n";
    }

    private static string Legend()
    {
        var svg = new StringBuilder();
        int x = Left;
        foreach (var (phase, colour) in Colours)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"8\" width=\"14\" height=\"12\" fill=\"{colour}\"/><text x=\"{x + 18}\" y=\"18\">{phase}</text>\n");
            x += 100;
        }

        foreach (var (kind, text) in ((string, string)[])[("fault", "struck"), ("start", "started again"), ("recovered", "went on"), ("event", "journal event")])
        {
            svg.Append(Of(new Mark(kind, text, 0), x + 6, 6)).Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 18}\" y=\"18\">{text}</text>\n");
            x += 110;
        }

        return svg.ToString();
    }

    private static string Scale(double seconds, double scale, int bottom)
    {
        double step = seconds switch
        {
            <= 20 => 1,
            <= 60 => 5,
            _ => 10,
        };
        var svg = new StringBuilder();
        for (double at = 0; at <= seconds; at += step)
        {
            double x = X(at, scale);
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{x:0.0} {Top - 10}V{bottom}\" stroke=\"#eeeeee\"/><text x=\"{x:0.0}\" y=\"{Top - 14}\" text-anchor=\"middle\" fill=\"#9e9e9e\">{at} s</text>\n");
        }

        return svg.ToString();
    }

    private static double X(double seconds, double scale) => Left + LaneNames + (Math.Max(0, seconds) * scale);

    private static string ColourOf(string kind) => Colours.FirstOrDefault(c => c.Phase == kind).Colour ?? "#b0bec5";

    private static string Text(string text) => SecurityElement.Escape(text);
}
