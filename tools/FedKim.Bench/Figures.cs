using System.Text.Json.Nodes;

namespace FedKim.Bench;

/// <summary>Measured values as the benches' JSON has them.</summary>
internal static class Figures
{
    /// <summary>A row of <c>results</c>.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="unit">Of the values.</param>
    /// <param name="values">At least one, in any order.</param>
    /// <param name="floor">What they are compared with, in the same unit; null for nothing.</param>
    public static JsonObject Row(string name, string unit, IEnumerable<double> values, double? floor = null)
    {
        double[] ascending = [.. values.Order()];
        double median = Median(ascending);
        return new JsonObject
        {
            ["name"] = name,
            ["unit"] = unit,
            ["median"] = Math.Round(median, 3),
            ["min"] = Math.Round(ascending[0], 3),
            ["max"] = Math.Round(ascending[^1], 3),
            ["floor"] = floor is { } f ? Math.Round(f, 3) : null,
            ["ratio"] = floor is { } g ? Math.Round(median / g, 3) : null,
        };
    }

    /// <summary>A row as people read it.</summary>
    public static string Line(JsonNode row) =>
        $"{row["name"]}: median {row["median"]} {row["unit"]} ({row["min"]} to {row["max"]}){(row["ratio"] is { } ratio ? $", {ratio} × {row["floor"]} {row["unit"]}" : "")}";

    /// <summary>The middle of values in ascending order, or between the two in the middle.</summary>
    public static double Median(double[] ascending) => (ascending[(ascending.Length - 1) / 2] + ascending[ascending.Length / 2]) / 2;
}
