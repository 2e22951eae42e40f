using System.Globalization;

namespace FedKim.Configuration;

/// <summary>Times as people write them in HOCON.</summary>
public static class Durations
{
    /// <summary>A time as people say it: 40 s, 12 min, 3 h 5 min.</summary>
    public static string Text(TimeSpan duration) => duration.TotalSeconds switch
    {
        < 90 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0} s"),
        < 5400 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes:0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(duration.TotalHours):0} h {duration.Minutes} min"),
    };

    /// <summary>Reads <c>500 ms</c>, <c>30s</c>, <c>10 minutes</c>, <c>2 hours</c>, <c>1 day</c>; above zero.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        string trimmed = text.Trim();
        int digits = trimmed.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        if (!double.TryParse(trimmed.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount))
            return false;
        double? seconds = trimmed[digits..].Trim() switch
        {
            "ms" or "millisecond" or "milliseconds" => 0.001,
            "s" or "second" or "seconds" => 1,
            "m" or "minute" or "minutes" => 60,
            "h" or "hour" or "hours" => 3600,
            "d" or "day" or "days" => 86400,
            _ => null,
        };
        if (seconds is null || amount * seconds is not (> 0 and < 1e9))
            return false;
        duration = TimeSpan.FromSeconds(amount * seconds.Value);
        return true;
    }
}
