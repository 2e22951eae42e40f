using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace FedKim.Certificates;

/// <summary>
/// What an authority has signed and taken back, as files of its folder: a certificate each, and the time at which it was revoked. Its key is not
/// needed to read them.
/// </summary>
/// <param name="folder">The authority's folder.</param>
public sealed class IssuedCertificates(string folder)
{
    private readonly string _issued = Path.Combine(folder, "issued"), _revoked = Path.Combine(folder, "revoked");

    /// <summary>All of them, by site and then by time.</summary>
    /// <exception cref="CertificateException">The folder is no authority's, or a file in it cannot be read.</exception>
    public ImmutableArray<IssuedCertificate> All()
    {
        if (!File.Exists(Path.Combine(folder, CertificateAuthority.CertificateName)))
            throw new CertificateException($"{folder} is no authority's folder: it has no {CertificateAuthority.CertificateName}. Check the path, or make one with: fedkim certs init");
        return Directory.Exists(_issued)
            ? [.. Directory.EnumerateFiles(_issued, "*.pem").Select(Of)
                .OrderBy(c => c.Id.Site, StringComparer.Ordinal).ThenBy(c => c.Begins).ThenBy(c => c.Serial, StringComparer.Ordinal)]
            : [];
    }

    internal IssuedCertificate Add(X509Certificate2 certificate)
    {
        Directory.CreateDirectory(_issued);
        string path = Path.Combine(_issued, $"{certificate.SerialNumber.ToLowerInvariant()}.pem");
        PemFile.Write(path, certificate.ExportCertificatePem());
        return Of(path);
    }

    internal void Revoke(string serial, DateTimeOffset at)
    {
        Directory.CreateDirectory(_revoked);
        PemFile.Write(Path.Combine(_revoked, serial), at.ToString("O", CultureInfo.InvariantCulture));
    }

    private IssuedCertificate Of(string file)
    {
        using var certificate = PemFile.Certificate(file);
        string serial = Path.GetFileNameWithoutExtension(file), revoked = Path.Combine(_revoked, serial);
        var id = PeerCheck.IdOf(certificate);
        if (id is null || !serial.Equals(certificate.SerialNumber, StringComparison.OrdinalIgnoreCase))
            throw new CertificateException($"{file} was not signed by this authority, or got another name. Take it out of the folder.");
        DateTimeOffset? taken = !File.Exists(revoked) ? null
            : DateTimeOffset.TryParse(PemFile.Read(revoked, "when it was revoked").Trim(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at
            : throw new CertificateException($"{revoked} holds no time. Write when the certificate was revoked, as 2031-01-31T12:00:00Z; it stays revoked.");
        return new IssuedCertificate(
            serial, id, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), SpokenPrint.Of(certificate.PublicKey), taken,
            SubjectNames.Hosts(certificate.Extensions), certificate.ExportCertificatePem() + "\n");
    }
}
