using System.Globalization;

namespace FedKim.Chaos.Scenarios;

/// <summary>How times and sizes are written in scenario files.</summary>
internal static class Words
{
    /// <summary>A time as <c>2 h</c>, <c>10 s</c> or <c>250 ms</c>.</summary>
    public static string Of(TimeSpan time) => time switch
    {
        { Ticks: > 0 } when time.TotalHours % 1 == 0 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours} h"),
        _ when time.TotalSeconds % 1 == 0 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds} ms"),
    };

    /// <summary>The time that a number and its unit stand for; null if they stand for none.</summary>
    public static TimeSpan? Time(string number, string unit) =>
        double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value <= 86_400_000
            ? unit switch
            {
                "ms" => TimeSpan.FromMilliseconds(value),
                "s" => TimeSpan.FromSeconds(value),
                "min" => TimeSpan.FromMinutes(value),
                "h" => TimeSpan.FromHours(value),
                _ => null,
            }
            : null;
}
