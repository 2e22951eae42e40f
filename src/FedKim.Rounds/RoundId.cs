using System.Globalization;

namespace FedKim.Rounds;

/// <summary>One round of a federation; its text form, <c>demo/3</c>, is also the persistence id of its journal.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Number">From 1.</param>
public readonly record struct RoundId(FederationId Federation, int Number)
{
    /// <summary>The round that <paramref name="text"/> names; null when it names none.</summary>
    public static RoundId? Parse(string text) => text.LastIndexOf('/') is > 0 and var slash && int.TryParse(text[(slash + 1)..], out int number)
        ? new RoundId(new FederationId(text[..slash]), number)
        : null;

    /// <summary>The round whose <see cref="FileName"/> this is; null where it is none's.</summary>
    public static RoundId? OfFileName(string name) => name.LastIndexOf('-') is > 0 and var dash
        && int.TryParse(name[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? new RoundId(new FederationId(name[..dash]), number)
        : null;

    /// <summary>What the round's files and folders are called: <c>demo-3</c>.</summary>
    public string FileName => $"{Federation}-{Number}";

    /// <inheritdoc/>
    public override string ToString() => $"{Federation}/{Number}";
}
