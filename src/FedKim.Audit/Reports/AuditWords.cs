using System.Globalization;

namespace FedKim.Audit.Reports;

/// <summary>The words in which a report speaks, the same in text and on the page.</summary>
internal static class AuditWords
{
    private static readonly CultureInfo Written = CultureInfo.InvariantCulture;

    public static string Of(Enum value) => value.ToString().ToLowerInvariant();

    public static string Of(long number) => number.ToString("N0", Written);

    public static string Of(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", Written);

    public static string Peer(string? peer) => peer ?? "nobody by name";

    public static string Protection(string? protection) => protection is null or Audit.Protection.None ? "not protected" : protection;

    public static string Place(string? federation, int? round) =>
        (federation, round) switch { (null, _) => "", (_, null) => $"federation {federation}", _ => string.Create(Written, $"federation {federation}, round {round}") };

    public static string Times(long times) => times == 1 ? "" : $"{Of(times)} times";

    public static string Pieces(MovedFile file) => string.Join(", ", new[]
    {
        file.Times == 1 ? "" : $"{Of(file.Times)} pieces", file.Cut == 0 ? "" : $"{Of(file.Cut)} cut off", file.Refused == 0 ? "" : $"{Of(file.Refused)} refused",
    }.Where(word => word.Length > 0));

    public static string Count(long count, string one) => $"{Of(count)} {one}{(count == 1 ? "" : "s")}";

    public static string Chain(AuditReport report) => report.Problem is { } problem
        ? $"broken: {problem}"
        : $"whole{(report.TornBytes > 0 ? $", with {Of(report.TornBytes)} bytes of an unfinished line at the end" : "")}";
}
