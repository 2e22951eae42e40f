using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>A certificate that an authority has signed.</summary>
/// <param name="Serial">Its serial number, in hexadecimal.</param>
/// <param name="Id">Whose it is.</param>
/// <param name="Begins">From when it counts.</param>
/// <param name="Ends">Until when.</param>
/// <param name="Print">Its key's fingerprint, to be read out.</param>
/// <param name="Revoked">When it was taken back; null where it was not.</param>
/// <param name="Hosts">DNS names and addresses under which it is reached.</param>
/// <param name="Pem">The certificate itself.</param>
public sealed record IssuedCertificate(
    string Serial, PeerId Id, DateTimeOffset Begins, DateTimeOffset Ends, string Print, DateTimeOffset? Revoked, IReadOnlyList<string> Hosts, string Pem)
{
    /// <summary>The certificate, without a key; the caller owns it.</summary>
    public X509Certificate2 Certificate() => X509Certificate2.CreateFromPem(Pem);

    /// <summary>Whether it counts at a time: it was not taken back, and has not ended.</summary>
    public bool Counts(DateTimeOffset now) => Revoked is null && now <= Ends;
}
