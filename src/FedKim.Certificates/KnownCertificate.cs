namespace FedKim.Certificates;

/// <summary>A certificate by which a node goes, as people are told of it.</summary>
/// <param name="Kind"><c>own</c> or <c>authority</c>.</param>
/// <param name="Whose">Who it says its holder is.</param>
/// <param name="State"><c>counts</c>, <c>begins later</c>, <c>ended</c> or <c>revoked</c>.</param>
/// <param name="From">From when it counts.</param>
/// <param name="Until">Until when.</param>
/// <param name="Serial">Its number, of its authority's.</param>
/// <param name="Revoked">How many certificates the authority's list takes back; null where there is no list of it.</param>
/// <param name="ListMade">When that list was made.</param>
public sealed record KnownCertificate(
    string Kind, string Whose, string State, DateTimeOffset From, DateTimeOffset Until, string Serial, long? Revoked, DateTimeOffset? ListMade);
