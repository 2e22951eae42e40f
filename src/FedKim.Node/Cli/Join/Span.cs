using System.Globalization;

namespace FedKim.Node.Cli.Join;

/// <summary>A span of time for people, in the unit that fits.</summary>
internal static class Span
{
    /// <summary>As <c>41 s</c>, <c>10 minutes</c>, <c>7 hours</c> or <c>364 days</c>; what is left over is cut off.</summary>
    public static string Text(TimeSpan span)
    {
        var (amount, unit) = span switch
        {
            _ when span < TimeSpan.FromMinutes(2) => (span.TotalSeconds, "s"),
            _ when span < TimeSpan.FromHours(2) => (span.TotalMinutes, "minutes"),
            _ when span < TimeSpan.FromDays(2) => (span.TotalHours, "hours"),
            _ => (span.TotalDays, "days"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(amount)} {unit}");
    }
}
