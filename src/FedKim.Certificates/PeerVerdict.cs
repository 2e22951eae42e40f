namespace FedKim.Certificates;

/// <summary>What is to be thought of a peer.</summary>
/// <param name="Id">Who it is; null where its word does not count.</param>
/// <param name="Shown">What its certificate says of it, for logs: its SPIFFE id, or else its subject. No evidence; null where it showed none.</param>
/// <param name="Problem">Why its word does not count, to go on after what was tried; null where it does.</param>
public sealed record PeerVerdict(PeerId? Id, string? Shown, string? Problem)
{
    internal static PeerVerdict Refused(string? shown, string problem) => new(null, shown, problem);
}
