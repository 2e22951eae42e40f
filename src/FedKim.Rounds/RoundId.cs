namespace FedKim.Rounds;

/// <summary>One round of a federation; its text form, <c>demo/3</c>, is also the persistence id of its journal.</summary>
/// <param name="Federation">The federation.</param>
/// <param name="Number">From 1.</param>
public readonly record struct RoundId(FederationId Federation, int Number)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Federation}/{Number}";
}
