using System.Collections.Immutable;

namespace FedKim.Launch.Reports;

/// <summary>What a federation is to end with: the beginning of its global model's digest, and of its adapters' where that is said too.</summary>
/// <param name="Digests">One or two, hexadecimal, <see cref="Least"/> digits or more.</param>
public sealed record ExpectedResult(ImmutableArray<string> Digests)
{
    // So few are the same by chance once in four thousand million.
    private const int Least = 8, Most = 64;

    /// <summary>The digests of a text such as <c>70b603f6,f5ef2b73</c>; null where it is none.</summary>
    public static ExpectedResult? Parse(string text)
    {
        string[] digests = [.. text.Split(',', StringSplitOptions.TrimEntries).Select(digest => digest.ToLowerInvariant())];
        return digests.Length <= 2 && digests.All(digest => digest.Length is >= Least and <= Most && digest.All(char.IsAsciiHexDigitLower))
            ? new ExpectedResult([.. digests]) : null;
    }

    /// <summary>What of a report is not as expected, as a sentence; null where all is.</summary>
    public string? Difference(Report report)
    {
        string?[] found = [report.Result?.GlobalSha256, report.Result?.AdapterSha256];
        string[] names = ["The global model is", "The adapters are"];
        for (int i = 0; i < Digests.Length; i++)
        {
            if (found[i] is not { } digest)
                return $"{names[i]} not there, and {Digests[i]} was expected.";
            if (!digest.StartsWith(Digests[i], StringComparison.Ordinal))
            {
                return $"{names[i]} {digest[..Digests[i].Length]}, and {Digests[i]} was expected: another seed, setting or build of FedKim, or a processor that computes other last bits. "
                    + "Processors with AVX2 compute the same with --bits same-everywhere.";
            }
        }

        return null;
    }
}
