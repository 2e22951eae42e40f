using System.Collections.Immutable;

namespace FedKim.Node.Up;

/// <summary>The sites of a federation on one machine.</summary>
internal static class SiteNames
{
    public const string Server = "server";
    public const string Injector = "injector";

    /// <summary>hospital-a to hospital-z, then hospital-za to hospital-zz and so on: as many as asked for, in ordinal order.</summary>
    public static ImmutableArray<string> Hospitals(int count) =>
        [.. Enumerable.Range(0, count).Select(i => $"hospital-{new string('z', i / 26)}{(char)('a' + i % 26)}")];
}
