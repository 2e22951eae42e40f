using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>What a certificate says, for people. It may be anybody's: whether it counts is another question.</summary>
/// <param name="Name">Whose it is: its SPIFFE id, or else its subject.</param>
/// <param name="Issuer">Who signed it, as it says.</param>
/// <param name="Begins">From when it counts.</param>
/// <param name="Ends">Until when.</param>
/// <param name="Print">Its key's fingerprint, to be read out.</param>
/// <param name="Id">Whose it is; null where it says nobody.</param>
/// <param name="Hosts">DNS names and addresses under which its holder is reached, as it says.</param>
public sealed record ShownCertificate(string Name, string Issuer, DateTimeOffset Begins, DateTimeOffset Ends, string Print, PeerId? Id, ImmutableArray<string> Hosts)
{
    /// <summary>Reads one.</summary>
    public static ShownCertificate Of(X509Certificate2 certificate) => new(
        PeerCheck.IdOf(certificate)?.ToString() ?? Plain.Text(certificate.Subject), Plain.Text(certificate.Issuer),
        certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), SpokenPrint.Of(certificate.PublicKey), PeerCheck.IdOf(certificate),
        [.. SubjectNames.Hosts(certificate.Extensions)]);
}
