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

    /// <inheritdoc/>
    public override string ToString() => $"{Federation}/{Number}";
}
