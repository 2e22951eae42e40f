namespace FedKim.Rounds;

/// <summary>A site of the federation that a round was opened without.</summary>
/// <param name="Site">The site.</param>
/// <param name="Reason">Why.</param>
/// <param name="IsMissed">Whether its data would have been wanted: not where others were drawn in its place, and not where an operator sent it away.</param>
public sealed record LeftOut(ClientId Site, string Reason, bool IsMissed);
